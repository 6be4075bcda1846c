// The board's screen: which visit is chosen, which tab is open, what a swap of the day must keep.

import { filterRows, listenForKeys, rove } from "./keys.js";
import { listen as goLive } from "./live.js";
import { merge, remember } from "./merging.js";
import { dropEmptyChoice, listenToStrip, pressChosen } from "./strip.js";
import { place } from "./timeline.js";

const main = document.getElementById("main");
const day = document.getElementById("day");

/** Put the day's own facts where every script of the board finds them, and draw the axis. */
function settle(changed) {
  for (const name of ["date", "market", "now", "zone", "start", "end"]) {
    main.dataset[name] = day.dataset[name];
  }
  place(day, changed);
  rove();
}

/** Take the day as the service has it now; whoever works on it stays where they are. */
function swap(html) {
  const at = document.activeElement?.closest("#day [data-visit], #day [data-exception]");
  const changed = merge(day, html);
  settle(changed);
  pressChosen();
  dropEmptyChoice();
  filterRows();
  markChosen();
  if (at && !at.isConnected) refocus(at);
  document.dispatchEvent(new CustomEvent("board:refreshed"));
}

function refocus({ dataset }) {
  const which = dataset.visit ? `[data-visit="${dataset.visit}"]`
    : `[data-exception="${dataset.exception}"]`;
  const there = day.querySelector(which) ?? document.getElementById("timeline");
  there.focus({ preventScroll: true });
}

function markChosen() {
  for (const visit of day.querySelectorAll(".visit[aria-current]")) {
    visit.removeAttribute("aria-current");
  }
  const { chosen } = main.dataset;
  if (chosen) {
    day.querySelector(`.visit[data-visit="${chosen}"]`)?.setAttribute("aria-current", "true");
  }
}

function choose(visit) {
  main.dataset.chosen = visit;
  markChosen();
  document.dispatchEvent(new CustomEvent("visit:chosen", { detail: { visit } }));
}

function open(tab) {
  for (const one of document.querySelectorAll("#side [role=tab]")) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", String(chosen));
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
  }
}

document.addEventListener("click", (event) => {
  const visit = event.target.closest("#day .visit");
  if (visit) choose(visit.dataset.visit);
  const tab = event.target.closest("#side [role=tab]");
  if (tab) open(tab);
});
document.getElementById("side").addEventListener("keydown", (event) => {
  if (!event.target.matches("[role=tab]") || !/^Arrow(Left|Right)$/.test(event.key)) return;
  const other = document.querySelector("#side [role=tab][aria-selected=false]");
  open(other);
  other.focus();
});
document.getElementById("date-asked").addEventListener("change", (event) => {
  if (event.target.validity.valid) event.target.form.requestSubmit();
});
document.getElementById("date").classList.add("by-itself");

remember(day);
settle([day]);
main.classList.add("placed");
listenToStrip();
listenForKeys();
goLive(day, swap);

const named = location.hash.match(/^#visit-([0-9a-f-]{36})$/);
if (named) addEventListener("load", () => choose(named[1])); // once every script listens
