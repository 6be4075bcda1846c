// What the phone can fill in by itself: the vial that was taken, the dose, what is left of it.

import { words } from "../screen.js";

const said = words();
const MG = 1000;
const KG = 1000;
const OUT = ["give", "waste", "discrepancy"];

const last = (events, type, name) =>
  events.findLast((one) => one.type === type && one.data[name] !== undefined)?.data[name];

/** The numbers of the vials that were taken, the first one first. */
const taken = (events) => [...new Set(
  events.filter(({ type, data }) => type === "checkout" && data.vial).map(({ data }) => data.vial),
)];

/** What is left of all vials of the visit, in micrograms; null where none was taken. */
export function left(events, known) {
  const vials = taken(events);
  if (!vials.length) return null;
  return vials.reduce((sum, vial) => sum + leftOf(vial, events, known), 0);
}

function leftOf(vial, events, known) {
  if (events.some(({ type, data }) => type === "return" && data.vial === vial)) return 0;
  const told = new Set(known.told.map(({ id }) => id));
  const since = events.filter(({ id, type, data }) => OUT.includes(type) && data.vial === vial
    && !told.has(id));
  return since.reduce((rest, { data }) => rest - data.ug, known.vials[vial] ?? 0);
}

/** Fill in what nobody has typed yet; what is to be wasted is of the vial that its form names. */
export function fillIn(steps, events, known) {
  const vials = taken(events);
  const open = vials.find((vial) => leftOf(vial, events, known) > 0);
  const wasted = document.getElementById("f-waste-vial");
  if (wasted) wasted.value ||= open ?? vials.at(-1) ?? "";
  for (const input of steps.querySelectorAll("input.vial")) input.value ||= vials.at(-1) ?? "";
  const rest = vials.includes(wasted?.value) ? leftOf(wasted.value, events, known) : 0;
  put("f-give-ug", last(events, "start-infusion", "dose_ug"));
  put("f-waste-ug", rest > 0 ? rest : undefined);
}

/** What somebody has typed stays. */
function put(id, micrograms) {
  const input = document.getElementById(id);
  if (!input || micrograms === undefined || input.value !== (input.dataset.filled ?? "")) return;
  input.value = micrograms / MG;
  input.dataset.filled = input.value;
}

/** Say what the order allows at the weight that was charted. */
export function tellDose(events, most) {
  const place = document.querySelector(".dose");
  if (!place || !most) return;
  const weight = last(events, "vitals", "weight_g");
  const text = weight === undefined ? said.dose_unknown : said.dose_most;
  const dose = Math.floor((most * (weight ?? 0)) / KG / 10) / 100;
  place.textContent = text
    .replace("{per_kg}", most / MG).replace("{weight}", (weight ?? 0) / KG).replace("{most}", dose);
}
