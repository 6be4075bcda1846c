// The board by keyboard: from visit to visit, to the search by name, and the list of all keys.

import { choose, chosenException, step } from "./strip.js";
import { nearest, visitsOf } from "./timeline.js";

const find = document.getElementById("find");
const found = document.getElementById("found");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const rows = () => [...document.querySelectorAll("#timeline .row:not([hidden])")];

/** Let Tab stop once in each group of visits: at the one that had the focus last, or the first. */
export function rove() {
  for (const group of document.querySelectorAll("#unassigned, #timeline")) {
    const all = visitsOf(group);
    const stop = all.find((one) => one.tabIndex === 0 && "visited" in one.dataset) ?? all[0];
    for (const one of all) one.tabIndex = one === stop ? 0 : -1;
  }
}

/** Show the rows of nurses whose names hold what is searched for. */
export function filterRows() {
  const wanted = plain(find.value.trim());
  for (const row of document.querySelectorAll("#timeline .row")) {
    row.hidden = !plain(row.dataset.name).includes(wanted);
  }
  found.textContent = wanted ? `${rows().length} ${found.dataset.word}` : "";
}

export function listenForKeys() {
  find.addEventListener("input", filterRows);
  document.getElementById("show-keys").addEventListener("click", showKeys);
  document.addEventListener("focusin", ({ target }) => {
    const group = target.matches(".visit") && target.closest("#unassigned, #timeline");
    if (!group) return;
    for (const one of group.querySelectorAll('.visit[tabindex="0"]')) {
      one.tabIndex = -1;
      delete one.dataset.visited;
    }
    target.tabIndex = 0;
    target.dataset.visited = "";
  });
  document.addEventListener("keydown", onKey);
}

function showKeys() {
  document.getElementById("keys").showModal();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const { key, target } = event;
  if (key === "Escape" && target === find) {
    find.value = "";
    filterRows();
  }
  if (target.matches("input, textarea, select")) return;
  if (key === "Escape") leaveException();
  else if (key === "/") find.focus();
  else if (key === "?") showKeys();
  else if (!move(key, target)) return;
  event.preventDefault();
}

function leaveException() {
  const name = chosenException();
  if (!name) return;
  choose(null);
  document.querySelector(`#strip [data-exception="${name}"]`)?.focus();
}

/** Move the focus as an arrow key says; true where there is a way. */
function move(key, target) {
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const along = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (aside && chosenException() && target.closest("#strip, .visit")) {
    step(target, aside);
    return true;
  }
  if (!target.matches("#day .visit")) return false;
  const row = target.closest(".row");
  const all = visitsOf(row ?? target.closest("#unassigned"));
  const at = all.indexOf(target);
  const next = {
    Home: all[0],
    End: all.at(-1),
    [row ? "ArrowLeft" : "ArrowUp"]: all[at - 1],
    [row ? "ArrowRight" : "ArrowDown"]: all[at + 1],
  }[key] ?? (row && along ? beyond(row, target, along) : null);
  next?.focus();
  return Boolean(aside || along || next);
}

/** The visit nearest in time in the next row, up or down, that has any. */
function beyond(row, visit, by) {
  const all = rows();
  for (let at = all.indexOf(row) + by; all[at]; at += by) {
    const there = nearest(all[at], visit);
    if (there) return there;
  }
  return null;
}
