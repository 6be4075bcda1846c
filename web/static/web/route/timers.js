// Times of the infusion and the recovery, and when vitals are due: by the phone's clock, from what
// was told, so that they outlast a reload.

import { words } from "../screen.js";
import { now } from "./queue.js";

const said = words();
const hand = document.getElementById("hand").dataset;
const place = document.getElementById("timers");
const aloud = document.getElementById("said");
const passed = new Set();

const at = (events, type) => events.find((one) => one.type === type)?.at;

/** When vitals are due next: every so often, in time within half of that to either side. */
export function nextVitals(events, begin, every_s) {
  const every = every_s * 1000;
  const charted = events.filter(({ type }) => type === "vitals").map((one) => one.at);
  for (let due = begin + every; ; due += every) {
    const seen = charted.some((time) => time >= due - every / 2 && time < due + every / 2);
    if (!seen && due + every / 2 > now()) return due;
  }
}

/**
 * The timers that run after these events: {name, end, told, reached}, `end` in milliseconds; one
 * that is `reached` is good news when its time has come.
 */
export function running(events, every) {
  const begun = at(events, "start-infusion");
  const ended = at(events, "end-infusion");
  if (!begun || at(events, "discharge") || at(events, "abort")) return [];
  if (!ended) {
    return [
      { name: said.infusion, end: begun + hand.infusion * 1000, told: said.infusion_over },
      { name: said.vitals, end: nextVitals(events, begun, every.during), told: said.vitals_due },
    ];
  }
  const more = events.filter(({ type }) => type === "extend-recovery");
  const planned = Math.min(Number(hand.most), Number(hand.planned) + extended(more));
  return [
    { name: said.earliest, end: ended + hand.least * 1000, told: said.may_leave, reached: true },
    { name: said.planned, end: ended + planned * 1000, told: said.rest_over },
    { name: said.vitals, end: nextVitals(events, ended, every.recovery), told: said.vitals_due },
  ];
}

const extended = (events) => events.reduce((sum, { data }) => sum + 60 * data.minutes, 0);

const clock = (ms) => {
  const seconds = Math.ceil(Math.abs(ms) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

/** Show the timers; say once, aloud and by shaking, when one has run out. */
export function show(timers) {
  place.replaceChildren(...timers.map(({ name, end, told, reached }) => {
    const left = end - now();
    const one = document.createElement("p");
    const gone = reached ? "reached" : "out";
    one.className = left <= 0 ? `timer ${gone}` : "timer";
    const number = document.createElement("b");
    const past = reached ? "✓" : `▲ +${clock(left)}`;
    number.textContent = left <= 0 ? past : clock(left);
    one.append(`${name} `, number);
    if (left <= 0) announce(told, end);
    return one;
  }));
}

function announce(told, end) {
  const key = `${told} ${end}`;
  if (passed.has(key)) return;
  passed.add(key);
  aloud.textContent = told;
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([200, 100, 200]);
}
