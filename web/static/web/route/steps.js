// A visit as steps: a step is done when an event of its kind is known, by the service or to this
// phone. What is needed for that stands in the page; what is judged of it, the service says.

import { words } from "../screen.js";
import { fillIn, left, tellDose } from "./amounts.js";
import { against, choices, show as showAgainst } from "./asking.js";
import { dataOf, saysNo, summaryOf } from "./forms.js";
import { add, eventsOf, now } from "./queue.js";
import { isSure } from "./sure.js";
import { running, show as showTimers } from "./timers.js";
import { watch } from "./vitals.js";

const said = words();
const known = JSON.parse(document.getElementById("known").textContent);
const list = document.getElementById("steps");
const ways = document.getElementById("ways");
const go = document.getElementById("go");
const { visit, zone } = list.dataset;
const steps = [...document.querySelectorAll(".step")];
const SOON_MS = 60_000;
const WITNESS_MS = 10_000;
const MARKS = { done: "✓", now: "➤", open: "•", later: "○" };

let events = [];
let aim;
let offered;
let timers = [];

const counted = () => events.filter(({ counts }) => counts !== false);
const has = (type) => events.some((one) => one.type === type && one.counts !== false);
const timeOf = (type) => events.find((one) => one.type === type && one.counts !== false)?.at;
const every = Object.fromEntries(steps.map(({ dataset }) => [dataset.key, Number(dataset.every)]));
const hour = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", timeZone: zone });

async function learn() {
  const mine = (await eventsOf(visit)).map((one) => ({ ...one, counts: one.state !== "refused" }));
  const fresh = mine.filter(({ id }) => !known.told.some((one) => one.id === id));
  events = [...known.told, ...fresh].map((one) => ({ ...one, at: Date.parse(one.device_time) }));
  events.sort((one, other) => one.at - other.at);
}

const isOpen = ({ since, until }) => (!since || has(since)) && !(until && has(until));
const isDone = ({ type, until }) =>
  Boolean(until && has(until)) || (type === "waste" && left(counted(), known) === 0 && has("give"));
const isOver = () => has("abort") || has("no-show");
function stateOf({ dataset }, current) {
  if (isDone(dataset)) return "done";
  if (dataset.key === current?.dataset.key) return "now";
  return isOpen(dataset) && !isOver() ? "open" : "later";
}

/** What was told at a step: between what opens it and what closes it. */
function toldAt({ dataset: { type, since, until, closes, every: often } }) {
  const from = since ? timeOf(since) ?? Infinity : 0;
  const end = closes ? timeOf(closes) : often ? timeOf(until) : undefined;
  return events.filter((one) => one.type === type && one.at >= from && one.at <= (end ?? Infinity));
}

async function overlay() {
  await learn();
  timers = running(counted(), every);
  const current = isOver() ? undefined : steps.find(
    ({ dataset }) => !dataset.aside && !dataset.every && !isDone(dataset) && isOpen(dataset),
  );
  for (const step of steps) paint(step, stateOf(step, current));
  fillIn(document, counted(), known);
  tellDose(counted(), Number(list.dataset.most));
  aim = current;
  tick();
  flags();
  over();
}

function paint(step, state) {
  const { dataset } = step;
  const told = toldAt(step);
  const form = step.querySelector("form");
  const lastOne = told.at(-1);
  dataset.state = state;
  step.querySelector(".mark").textContent = MARKS[state];
  step.querySelector(".state").textContent = ` (${said[`state_${state}`]})`;
  const line = lastOne && [hour.format(lastOne.at), summaryOf(form, lastOne.data)].filter(Boolean).join(" · ");
  step.querySelector(".told").textContent = line ? `${told.length > 1 ? `${told.length}× ` : ""}${line}` : "";
  if (dataset.aside) step.hidden = !isOpen(dataset) || isOver();
  const closed = dataset.closes && has(dataset.closes);
  const may = state === "now" || state === "open" || (state === "done" && !dataset.once && !dataset.every && !closed && !isOver());
  step.querySelector(".head").disabled = !may;
  const wide = state === "now" || (state === "open" && isDue(step)) || dataset.opened === "yes";
  unfold(step, may && Boolean(wide) && !(state === "done" && dataset.opened !== "yes"));
}

function unfold(step, open) {
  step.querySelector(".body").hidden = !open;
  step.querySelector(".head").setAttribute("aria-expanded", String(open));
}

/** Vitals in the infusion are at hand all the time, in recovery when they fall due. */
function isDue({ dataset }) {
  if (!dataset.every) return false;
  const next = timers.find(({ name }) => name === said.vitals);
  return dataset.key === "during" || (next && next.end - SOON_MS < now());
}

/** Each second: the timers, and which step the thumb's button does. */
function tick() {
  timers = running(counted(), every);
  showTimers(timers);
  const often = steps.find((step) => step.dataset.state === "open" && isDue(step));
  if (often && often.dataset.opened !== "no") unfold(often, true);
  const infusionOver = often?.dataset.key === "during" && timers[0]?.end <= now();
  offer(often && !infusionOver ? often : aim);
}

function offer(step) {
  offered = step;
  go.hidden = !step;
  for (const one of steps) one.classList.toggle("offered", one === step);
  if (!step || (go.dataset.sure && go.dataset.step === step.id)) return;
  delete go.dataset.sure; // asked of another step
  go.setAttribute("form", `body-${step.dataset.key}`);
  go.dataset.step = step.id;
  const label = step.querySelector(".save").textContent;
  if (go.textContent !== label) go.textContent = label;
}

/** A second tap while the first is on its way tells nothing. */
async function tellOnce(step, form) {
  form.dataset.busy = "yes";
  try {
    if (await tell(step, form).catch(() => lost(form))) await goOn(step, form);
  } finally {
    delete form.dataset.busy;
  }
}

/** The phone could not keep it: nobody is to rely on that. */
function lost(form) {
  form.querySelector(".against").textContent = `⚠ ${said.not_kept}`;
  return false;
}

/** Tell what the form says unless something speaks against it; whether it is written down. */
async function tell(step, form) {
  const { type, asks } = step.dataset;
  const data = dataOf(form);
  const place = form.querySelector(".against");
  const untold = () => (type === "start-infusion" ? missingBefore(step) : []);
  const { happened } = form.dataset;
  delete form.dataset.happened; // said of this telling alone
  const found = asks && !happened
    && await against({ visit, type, data, address: list.dataset.before, untold });
  if (found) {
    showAgainst(place, said.not_yet, found, (code) => wordOf(code, form), waysOn(step, form, found));
    place.querySelector("button").focus();
    return false;
  }
  place.replaceChildren();
  await add({ visit, type, data });
  return true;
}

async function goOn(step, form) {
  form.reset();
  for (const { dataset } of form.elements) delete dataset.filled;
  delete step.dataset.opened;
  if (ways.open) ways.close();
  document.getElementById("said").textContent = said.kept.replace("{name}", step.querySelector(".name").textContent);
  await overlay();
  lead(step);
}

/** The main steps before `step` that were not told yet, or told with a no. */
function missingBefore(step) {
  const before = steps.slice(0, steps.indexOf(step)).filter(({ dataset }) => !dataset.every);
  return before.filter((one) => {
    const last = toldAt(one).findLast(({ counts }) => counts !== false);
    return !last || saysNo(one.querySelector("form"), last.data);
  }).map(({ id }) => id);
}

function waysOn(step, form, { unasked }) {
  const look = () => form.requestSubmit();
  if (step.dataset.type === "depart" && !unasked) return { [said.look_again]: look };
  return choices(unasked, look, () => {
    form.dataset.happened = "yes";
    form.requestSubmit();
  });
}

function wordOf(code, form) {
  const step = steps.find(({ id }) => id === code);
  if (step) return `${step.querySelector(".name").textContent}: ${step.querySelector(".told").textContent || said.untold}`;
  const box = form.querySelector(`input[value="${code}"]`);
  return said[`missing_${code}`] ?? said[`gate_${code}`] ?? box?.closest("label").textContent.trim() ?? code;
}

/** The eye and the keyboard go on to what is next. */
function lead(step) {
  const next = step.dataset.every || step.dataset.aside ? step : offered;
  if (!next || next.hidden) return;
  next.querySelector(".head").focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

function flags() {
  for (const step of steps) step.querySelector(".flags").replaceChildren();
  for (const { code, subject, step } of known.flags) {
    const first = steps.find(({ dataset }) => dataset.type === step && (code !== "vitals_missed" || dataset.every));
    const text = said[`flag_${code}`].replace("{subject}", wordOf(subject || "_", document));
    line(first?.querySelector(".flags") ?? document.getElementById("flags"), text);
  }
  for (const { type, state, why } of events.filter((one) => one.state === "refused")) {
    const first = steps.find(({ dataset }) => dataset.type === type);
    line(first.querySelector(".flags"), `${said.refused} ${why?.detail ?? ""}`);
  }
}

function line(place, text) {
  const item = document.createElement("li");
  item.textContent = `⚠ ${text}`;
  place.append(item);
}

function over() {
  const place = document.getElementById("over");
  const end = has("abort") ? "is_aborted" : has("no-show") ? "is_no_show"
    : has("complete") ? (waits() ? "waits_for_witness" : "is_completed") : "";
  place.hidden = !end;
  place.textContent = end ? said[end] : "";
  advise();
}

/** Nobody is said to be alerted by what stands on this phone alone, waiting or refused. */
function advise() {
  const severe = events.filter(({ type, data }) => type === "adverse_event" && data.severity === "severe");
  if (!severe.length) return;
  const unsent = severe.some(({ state }) => state === "waiting" || state === "refused");
  document.getElementById("unsent").hidden = !unsent;
  document.getElementById("alerted").hidden = unsent;
  document.getElementById("advice").hidden = false;
}

/** Complete for us, and not yet for the service: somebody else has to sign. */
const waits = () => has("complete") && known.flags.some(({ code }) => code === "custody_open");

/** What the service made of it, once all is sent. */
async function judge() {
  const mine = await eventsOf(visit);
  const sent = mine.filter(({ state }) => state === "sent");
  const unseen = sent.some(({ id }) => !known.told.some((one) => one.id === id));
  if (!(unseen || waits()) || mine.some(({ state }) => state === "waiting")) return;
  const answer = await fetch(location.pathname, { headers: { "X-Background": "1" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  Object.assign(known, JSON.parse(page.getElementById("known").textContent));
  await overlay();
}

document.addEventListener("click", ({ target }) => {
  const head = target.closest(".head");
  if (!head) return;
  const step = head.closest(".step");
  const open = step.querySelector(".body").hidden;
  step.dataset.opened = open ? "yes" : "no";
  unfold(step, open);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".body")) return;
  event.preventDefault();
  const step = form.closest(".step");
  const again = step.dataset.once && isDone(step.dataset);
  if (!again && !form.dataset.busy && isSure(step, event.submitter)) tellOnce(step, form);
});
go.addEventListener("click", () => unfold(document.getElementById(go.dataset.step), true));
document.getElementById("help").addEventListener("click", () => ways.showModal());
document.getElementById("ways-close").addEventListener("click", () => ways.close());
document.addEventListener("queue:changed", async () => {
  await overlay();
  await judge();
});
watch(document);
setInterval(tick, 1000);
setInterval(() => waits() && judge(), WITNESS_MS);
overlay().then(() => offered && has("depart") && offered.scrollIntoView({ block: "start" }));
