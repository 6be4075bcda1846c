// The events of this phone: made here, kept first, then sent by sync.js. For the pages of the route.

import { eventsFor, keepEvent, mark } from "./store.js";

const line = document.getElementById("sync").dataset;
const tabs = new BroadcastChannel("route-queue");

/** Whose page this is. */
export const user = line.user;

/** The present instant by the clock that the service goes by: the phone's own, but in a demo. */
export const now = () => new Date(Date.now() + Number(line.ahead));

/** A time of day as the market's clocks show it. */
export const clock = (instant) =>
  instant.toLocaleTimeString(document.documentElement.lang, {
    hour: "numeric", minute: "2-digit", timeZone: line.zone,
  });

/** When the service made this page, by the same clock as `now`. */
export const seen = () => new Date(Date.parse(line.seen) + Number(line.ahead));

/** Keep an event of a visit as of now, to be sent as soon as that can be. Returns the event. */
export async function add({ visit, type, data = {} }) {
  const event = { id: crypto.randomUUID(), visit, type, device_time: await next(visit), data };
  await keepEvent(user, event);
  announce(true);
  return { ...event, state: "waiting", why: null };
}

/** The time of a visit's next event: the present, but never before what was told already. */
export async function next(visit) {
  const told = (await eventsOf(visit)).filter(({ state }) => state !== "refused");
  const last = Math.max(...told.map(({ device_time }) => Date.parse(device_time)));
  return new Date(Math.max(now(), last + 1)).toISOString();
}

/** What has not been accepted by the service: waiting or refused. */
export const waiting = async () => (await eventsFor(user)).filter(({ state }) => state !== "sent");

/** All that this phone knows to have been told of a visit, in order. */
export const eventsOf = async (visit) =>
  (await eventsFor(user)).filter((event) => event.visit === visit);

/** Let refused events wait once more. */
export async function again(events) {
  await mark(events, "waiting");
  announce(true);
}

/** Say in all tabs that the queue is another; `fresh` where something is to be sent. */
export function announce(fresh = false) {
  document.dispatchEvent(new CustomEvent("queue:changed", { detail: { fresh } }));
  tabs.postMessage("changed");
}

tabs.addEventListener("message", () => {
  document.dispatchEvent(new CustomEvent("queue:changed", { detail: { fresh: false } }));
});
