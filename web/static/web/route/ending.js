// The end of the day: what stands on this phone alone, and whether the day is finished.

import { words } from "../screen.js";
import { again, clock, waiting } from "./queue.js";

const said = words();
const end = document.getElementById("end");
const list = document.getElementById("unsent");
let unsent;

async function show() {
  const left = await waiting();
  if (unsent && !left.length) location.reload(); // the service knows more now than this page
  unsent = left.length;
  list.replaceChildren(...left.map(item));
  document.getElementById("all-sent").hidden = unsent > 0;
  const closed = end.dataset.done === "yes" && !unsent;
  document.getElementById("finished").hidden = !closed;
  document.getElementById("open").hidden = closed;
}

function item(event) {
  const row = document.createElement("li");
  row.className = "row";
  const what = document.createElement("a");
  what.href = `/route/visits/${event.visit}`;
  what.textContent = `${clock(new Date(event.device_time))} ${said[`event_${event.type}`] ?? event.type}`;
  const state = document.createElement("span");
  const refused = event.state === "refused";
  state.className = refused ? "bad" : "warn";
  state.textContent = refused ? `⚠ ${said.refused}: ${event.why.detail}` : `◷ ${said.waits}`;
  row.append(what, state);
  if (refused) row.append(retry(event));
  return row;
}

function retry(event) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = said.again;
  button.addEventListener("click", () => again([event]));
  return button;
}

document.addEventListener("queue:changed", show);
show();
