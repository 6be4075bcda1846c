// The inspector at the side of the board: opened by whatever is chosen, kept as fresh as the board,
// and the dialogs that a change may lead to. Forms in both are htmx's.

const shown = () => document.querySelector("#inspector [data-visit]");

/** Show a visit; then the first of these that there is gets the focus, if any are named. */
const inspect = async (visit, ...then) => {
  document.getElementById("tab-inspector")?.click();
  await htmx.ajax("GET", `/board/visits/${visit}`, { target: "#inspector", swap: "innerHTML" });
  const found = then.map((one) => document.querySelector(`#inspector ${one}`));
  found.find((one) => one)?.focus();
};

document.addEventListener("visit:chosen", (event) => inspect(event.detail.visit));

document.addEventListener("keydown", (event) => {
  const visit = event.target.closest?.(".visit[data-visit]");
  if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey || !visit) return;
  event.preventDefault();
  inspect(visit.dataset.visit, "#candidates button", "#candidates h3", "#inspected");
});

document.addEventListener("click", (event) => {
  const look = event.target.closest("[data-look]");
  event.target.closest("[data-close]")?.closest("dialog")?.close();
  if (look) inspect(look.dataset.look, "#inspected");
});

/** What stands on the board of the visit shown is newer: show that, unless somebody writes there or
 * what they have sent is not answered yet. */
document.addEventListener("board:refreshed", () => {
  const own = shown();
  const there = own && document.querySelector(`.visit[data-visit="${own.dataset.visit}"]`);
  if (!own || there?.dataset.version === own.dataset.version) return;
  if (own.querySelector(".htmx-request")) return;
  if (writing(own)) own.querySelector(".changed").hidden = false;
  else if (there) refresh(own);
});

const writing = (own) =>
  [...own.querySelectorAll("textarea")].some((field) => field.value || field === document.activeElement);

const refresh = async (own) => {
  const open = [...own.querySelectorAll("details")].map((one) => one.open);
  const hadFocus = own.contains(document.activeElement);
  const headers = { "X-Background": "1" };
  const address = `/board/visits/${own.dataset.visit}`;
  await htmx.ajax("GET", address, { target: "#inspector", swap: "innerHTML", headers });
  if (hadFocus) document.getElementById("inspected")?.focus();
  const fresh = [...(shown()?.querySelectorAll("details") ?? [])];
  if (fresh.length === open.length) fresh.forEach((one, at) => (one.open = open[at]));
};

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "dialogs") openDialog(event.detail.target);
  if (event.detail.target.id === "inspector" && event.detail.requestConfig.verb === "post") {
    document.getElementById("inspected")?.focus();
  }
});

const openDialog = (place) => {
  const dialog = place.querySelector("dialog:not(#planning)"); // that one is opened by planning.js
  if (!dialog || dialog.open) return;
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
};
