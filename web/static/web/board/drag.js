// Dragging a visit onto a nurse's row, by mouse, pen or finger. The service says of each row whether
// it could go there and why not; it also decides, once more, what becomes of a drop.

import { words } from "../screen.js";

const FAR_PX = 6;
const PATIENCE_MS = 10_000;
const MARKS = { can: "✓", if_agreed: "◐", cannot: "✕", has_it: "●" };
let drag = null;

const rows = () => document.querySelectorAll(".row[data-nurse]");

/** What is told of a row: by its shift, for a nurse may have two in a day. */
const toldOf = (row, told) =>
  told.nurses.find((one) => one.shift === row.dataset.shift) ?? {
    standing: "cannot",
    line: told.others,
  };

const kindOf = (told) => (told.has_it ? "has_it" : told.standing);

const ask = async (visit) => {
  const answer = await fetch(`/board/visits/${visit}/candidates`, {
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};

const colour = () => {
  if (!drag?.told) return;
  for (const row of rows()) {
    const told = toldOf(row, drag.told);
    row.dataset.standing = kindOf(told);
    const label = row.querySelector(":scope > .verdict") ?? document.createElement("span");
    label.className = "verdict";
    label.textContent = `${MARKS[kindOf(told)]} ${told.line}`;
    row.append(label);
  }
};

const uncolour = () => {
  for (const row of rows()) {
    delete row.dataset.standing;
    row.classList.remove("under");
    row.querySelector(":scope > .verdict")?.remove();
  }
};

const begin = (event) => {
  drag.begun = true;
  document.dispatchEvent(new Event("dragstart"));
  drag.ghost = document.createElement("div");
  drag.ghost.className = "ghost";
  drag.ghost.textContent = (drag.visit.querySelector(".who") ?? drag.visit).textContent.trim();
  drag.ghost.setAttribute("aria-hidden", "true");
  document.body.append(drag.ghost);
  document.body.classList.add("dragging");
  drag.visit.setPointerCapture(event.pointerId);
  const own = drag;
  own.asking = ask(own.visit.dataset.visit)
    .then((told) => {
      own.told = told;
      if (drag === own) colour();
    })
    .catch(() => refuse(words().offline));
};

const rowAt = (event) =>
  document.elementFromPoint(event.clientX, event.clientY)?.closest(".row[data-nurse]") ?? null;

const end = () => {
  const begun = drag?.begun;
  drag?.ghost?.remove();
  document.body.classList.remove("dragging");
  uncolour();
  drag = null;
  if (begun) document.dispatchEvent(new Event("dragend"));
};

const refuse = (line) => {
  document.getElementById("refusal").textContent = `✕ ${line}`;
};

const drop = async (own, nurse, told) => {
  const address = `/board/visits/${own.visit.dataset.visit}`;
  if (told.has_it) return;
  if (told.standing === "cannot") {
    refuse(told.name ? `${told.name}: ${told.line}` : told.line);
  } else if (told.standing === "if_agreed") {
    const target = "#dialogs";
    await htmx.ajax("GET", `${address}/agreement?nurse=${nurse}`, { target });
  } else {
    const values = { nurse, version: own.version };
    await htmx.ajax("POST", `${address}/assign`, { target: "#inspector", values });
  }
};

document.addEventListener("pointerdown", (event) => {
  const visit = event.target.closest?.(".visit[draggable=true]");
  if (!visit || event.button !== 0 || drag) return;
  const { clientX: x, clientY: y } = event;
  drag = { visit, x, y, version: visit.dataset.version, begun: false };
});

document.addEventListener("pointermove", (event) => {
  if (!drag || drag.dropped) return;
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
  if (!drag.begun && far < FAR_PX) return;
  if (!drag.begun) begin(event);
  drag.ghost.style.transform = `translate(${event.clientX + 8}px, ${event.clientY + 8}px)`;
  const under = rowAt(event);
  for (const row of rows()) row.classList.toggle("under", row === under);
});

document.addEventListener("pointerup", async (event) => {
  if (!drag?.begun) drag = null;
  if (!drag || drag.dropped) return;
  const own = drag;
  own.dropped = true;
  const row = rowAt(event);
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
  let goesOn = false;
  try {
    await own.asking;
  } finally {
    goesOn = drag === own;
    if (goesOn) end();
  }
  if (goesOn && row && own.told) await drop(own, row.dataset.nurse, toldOf(row, own.told));
});

/** A drag ends in a click on what was dragged, which means nothing. */
const swallow = (event) => {
  event.stopPropagation();
  event.preventDefault();
};

document.addEventListener("pointercancel", end);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag?.begun) end();
});

/** The browser's own dragging knows no fingers: in its place `dragstart` and `dragend` are told of
 * ours, on the document. */
const leaveAlone = (event) => {
  if (!event.target.closest?.(".visit")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
};
document.addEventListener("dragstart", leaveAlone, { capture: true });
document.addEventListener("board:refreshed", colour);
