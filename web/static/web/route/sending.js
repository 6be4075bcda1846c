// Sends what waits to the service: in order for each visit, from one tab or worker at a time.

import { eventsFor, mark } from "./store.js";

const LOCK = "route-sending";
const MOST = 50;
const PATIENCE_MS = 20_000;
const WHO = "/route/keep.json";
const LATER = [408, 425, 429];
const DENIED = [401, 403];

let proven;

/**
 * Send all that waits of `user`. Returns {state, after}: "sent", "offline", "sign-in" where nobody
 * or somebody else is signed in, or "later" with the seconds that the service asked to wait.
 */
export const send = (user) => navigator.locks.request(LOCK, () => round(user));

async function round(user) {
  const stuck = new Map();
  for (;;) {
    const waiting = (await eventsFor(user)).filter(({ state }) => state === "waiting");
    const next = waiting.find(({ visit }) => !stuck.has(visit));
    if (!next) return outcomeOf([...stuck.values()]);
    const batch = waiting.filter(({ visit }) => visit === next.visit).slice(0, MOST);
    const outcome = await tell(user, batch);
    if (outcome.state === "later") stuck.set(next.visit, outcome);
    else if (outcome.state !== "sent") return outcome;
  }
}

function outcomeOf(stuck) {
  if (!stuck.length) return { state: "sent" };
  return { state: "later", after: Math.max(...stuck.map(({ after }) => after)) };
}

async function tell(user, batch) {
  const body = batch.map(({ id, type, device_time, data }) => ({ id, type, device_time, data }));
  const { answer, ...outcome } = await post(user, `/api/v1/visits/${batch[0].visit}/events`, body);
  if (!answer) return outcome;
  if (answer.ok) {
    await mark(batch, "sent");
    return { state: "sent" };
  }
  if (answer.status >= 500 || LATER.includes(answer.status)) {
    return later(answer);
  }
  return refused(user, batch, answer.status, await answer.json().catch(() => ({})));
}

/**
 * Post `body` as `user`, whatever token the page was kept with. Returns {answer}; {state, after} as
 * `send` has it where there is none, or where somebody else is signed in; `late` after `patience`.
 */
export async function post(user, address, body, patience = PATIENCE_MS) {
  const signal = AbortSignal.timeout(patience);
  const tried = async (anew) => {
    const outcome = await proof(user, anew, signal);
    if (outcome) return outcome;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": proven.token };
    const answer = await ask(address, { method: "POST", headers, body: JSON.stringify(body), signal });
    return answer ? { answer } : { state: "offline" };
  };
  const found = await tried(false);
  const { answer } = found;
  const denied = answer && (answer.redirected || DENIED.includes(answer.status));
  const last = denied ? await tried(true) : found; // the token is of a session that has ended
  return last.answer ? last : { ...last, late: signal.aborted };
}

/** Learn who is signed in and their token; an outcome where that is not `user`. */
async function proof(user, anew, signal) {
  if (proven?.user === user && !anew) return null;
  const found = await signedIn(signal);
  proven = found.user === user ? found : undefined;
  if (proven) return null;
  return { state: found.user ? "sign-in" : found.state, after: found.after };
}

/** Who is signed in in this browser, {user, token}; else {state, after} as `send` has it. */
export async function signedIn(signal = AbortSignal.timeout(PATIENCE_MS)) {
  const headers = { "X-Background": "1" };
  const answer = await ask(WHO, { headers, redirect: "manual", cache: "no-store", signal });
  if (!answer) return { state: "offline" };
  if (answer.type === "opaqueredirect") return { state: "sign-in" };
  if (!answer.ok) return later(answer);
  const { user, proof: token } = await answer.json();
  return { user, token };
}

const later = ({ headers }) => ({ state: "later", after: Number(headers.get("Retry-After")) || 0 });

/** The service's answer; null where there is no connection. */
const ask = (address, how) => fetch(address, how).catch(() => null);

/** Keep what is not accepted, with the reason; what was sent along with it goes on. */
async function refused(user, batch, status, { code, detail, errors = [], event }) {
  const faults = new Map();
  for (const { field, message } of errors) {
    const at = /^\[(\d+)\]\.?(.*)/.exec(field);
    if (at) faults.set(Number(at[1]), `${at[2]}: ${message}`);
  }
  const named = batch.filter(({ id }, index) => faults.has(index) || id === event);
  const whole = batch.length === 1 || status === 404 || DENIED.includes(status);
  if (!named.length && !whole) return oneByOne(user, batch);
  for (const one of named.length ? named : batch) {
    const why = { code: code ?? String(status), detail: faults.get(batch.indexOf(one)) ?? detail ?? "" };
    await mark([one], "refused", why);
  }
  return { state: "sent" };
}

async function oneByOne(user, batch) {
  for (const one of batch) {
    const outcome = await tell(user, [one]);
    if (outcome.state !== "sent") return outcome;
  }
  return { state: "sent" };
}
