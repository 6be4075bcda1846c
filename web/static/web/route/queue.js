// The events of this phone, sent to the service as they are made.

import { proof } from "../screen.js";

const line = document.getElementById("sync").dataset;
const events = [];

export const now = () => new Date(Date.now() + Number(line.ahead));

export async function add({ visit, type, data = {} }) {
  const told = { id: crypto.randomUUID(), type, device_time: now().toISOString(), data };
  const event = { ...told, visit, state: "waiting", why: null };
  events.push(event);
  const answer = await fetch(`/api/v1/visits/${visit}/events`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": proof() },
    body: JSON.stringify([told]),
  }).catch(() => null);
  if (answer) event.state = answer.ok ? "sent" : "refused";
  document.dispatchEvent(new CustomEvent("queue:changed", { detail: { fresh: true } }));
  return event;
}

export const waiting = async () => events.filter(({ state }) => state !== "sent");

export const eventsOf = async (visit) => events.filter((event) => event.visit === visit);
