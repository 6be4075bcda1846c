// Asks the service what speaks against a step. Where it does not say, that is said, with what this
// phone itself knows to speak against it.

import { words } from "../screen.js";
import { eventsOf, next, user } from "./queue.js";
import { post } from "./sending.js";

const PATIENCE_MS = 5_000;
const GATED = ["depart", "start-infusion"]; // the service keeps the gates; these are shown offline

const bare = ({ id, type, device_time, data }) => ({ id, type, device_time, data });

/**
 * What speaks against it; null if nothing does. `unasked` is "offline" where nobody could be asked,
 * "unchecked" where no answer came of it: what the page was kept with then speaks against it, the
 * closed gates and `untold`, and without a connection only that.
 */
export async function against({ visit, type, data = {}, address, untold = () => [] }) {
  const step = { id: crypto.randomUUID(), type, device_time: await next(visit), data };
  const waiting = (await eventsOf(visit)).filter(({ state }) => state === "waiting").map(bare);
  const { answer, state, late } = await post(user, address, { step, waiting }, PATIENCE_MS);
  const found = answer?.ok && !answer.redirected && await answer.json().catch(() => null);
  if (found) return found.nothing ? null : found;
  const unasked = state === "offline" && !late ? "offline" : "unchecked";
  const gates = GATED.includes(type) ? closedGates() : [];
  const missing = untold();
  if (unasked === "offline" && !gates.length && !missing.length) return null;
  return { gates, missing, turn: "", unasked };
}

/** The gates that were closed when this page was made. */
const closedGates = () => [...document.querySelectorAll("[data-gate]")].map((one) => {
  const { textContent: reason, lang } = one.querySelector("[lang]");
  return { name: one.dataset.gate, reason, lang };
});

/** The ways on where the service did not say: to look again, or to do `act` all the same. */
export function choices(unasked, look, act) {
  const said = words();
  return { [said.look_again]: look, [unasked === "offline" ? said.all_the_same : said.happened]: act };
}

/** Show it in `place`, with buttons {text: what it does}. */
export function show(place, title, { gates, missing, turn, unasked }, textOf, buttons) {
  const said = words();
  const lines = [
    ...gates.map(({ name, reason, lang }) => [`${said[`gate_${name}`]}: `, reason, lang]),
    ...missing.map((code) => [textOf(code), ""]),
    ...(turn ? [[said[turn], ""]] : []),
  ];
  const head = document.createElement("p");
  head.textContent = `✕ ${unasked ? said[unasked] : title}`;
  const list = document.createElement("ul");
  list.append(...lines.map(([text, why, lang]) => {
    const item = document.createElement("li");
    const reason = document.createElement("span");
    if (lang) reason.lang = lang;
    reason.textContent = why;
    item.append(text, reason);
    return item;
  }));
  place.replaceChildren(head, list, ...Object.entries(buttons).map(([text, act]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }));
}
