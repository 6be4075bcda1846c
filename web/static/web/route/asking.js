// Asks the service what speaks against a step; without a connection nobody can be asked.

import { words } from "../screen.js";
import { eventsOf, now, user } from "./queue.js";
import { post } from "./sending.js";

const PATIENCE_MS = 5_000;

const bare = ({ id, type, device_time, data }) => ({ id, type, device_time, data });

/** What speaks against it, as the service says; null if nothing does, or nobody can be asked. */
export async function against({ visit, type, data = {}, address }) {
  const step = { id: crypto.randomUUID(), type, device_time: now().toISOString(), data };
  const waiting = (await eventsOf(visit)).filter(({ state }) => state === "waiting").map(bare);
  const { answer } = await post(user, address, { step, waiting }, PATIENCE_MS);
  if (!answer?.ok || answer.redirected) return null;
  const found = await answer.json();
  return found.nothing ? null : found;
}

/** Show it in `place`, with buttons {text: what it does}. */
export function show(place, title, { gates, missing, turn }, textOf, buttons) {
  const said = words();
  const lines = [
    ...gates.map(({ name, reason }) => [`${said[`gate_${name}`]}: `, reason]),
    ...missing.map((code) => [textOf(code), ""]),
    ...(turn ? [[said[turn], ""]] : []),
  ];
  const head = document.createElement("p");
  head.textContent = `✕ ${title}`;
  const list = document.createElement("ul");
  list.append(...lines.map(([text, english]) => {
    const item = document.createElement("li");
    const reason = document.createElement("span");
    reason.lang = "en";
    reason.textContent = english;
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
