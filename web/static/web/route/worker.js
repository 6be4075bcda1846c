// Serves the pages of the route: from the service if it answers soon, else those that were kept of
// today and tomorrow. Kept pages are bound to who they were made for.

import { send } from "/static/web/route/sending.js";
import { FILES, PAGES, dropSent, fact, note } from "/static/web/route/store.js";

const SOON_MS = 3_000;
const FRESH_MS = 10 * 60_000;
const LONGEST_MS = 36 * 3_600_000;
const ROOM = "/route/";
const UNKEPT = "/route/unkept";
const SIGNING_IN = /^\/(sign-in|account\/)/;
const STATIC = /="(\/static\/[^"]+)"/g;

let slow = false; // the page was a kept one: so are its files, or they would not fit it

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname.startsWith(ROOM)) {
    event.respondWith(page(event, address));
  } else if (address.pathname.startsWith("/static/")) {
    event.respondWith(file(event));
  }
});

self.addEventListener("message", (event) => {
  if (event.data.keep) event.waitUntil(keep(event.data.keep).catch(() => {}));
});

self.addEventListener("sync", (event) => event.waitUntil(sendWaiting()));

async function page(event, address) {
  const live = fetch(event.request);
  const soon = await soonest(live);
  if (soon && soon.status < 500) {
    slow = false;
    const copy = soon.ok ? soon.clone() : null;
    if (copy) event.waitUntil(keepPage(address.pathname + address.search, copy));
    return soon;
  }
  const kept = await keptPage(address, event.request.referrer);
  slow = kept !== undefined;
  return kept ?? soon ?? live.catch(unkept);
}

const unkept = async () => (await keptPage(new URL(UNKEPT, location))) ?? Response.error();

async function file(event) {
  const files = await caches.open(FILES);
  const kept = await files.match(event.request);
  if (kept && slow) return kept;
  const live = fetch(event.request);
  const soon = kept ? await soonest(live) : await live;
  if (!soon?.ok) return kept ?? soon;
  event.waitUntil(files.put(event.request, soon.clone()));
  return soon;
}

/** The answer if there is one before long; null if there is none. */
function soonest(live) {
  const late = new Promise((resolve) => setTimeout(resolve, SOON_MS, null));
  return Promise.race([live.catch(() => null), late]);
}

/** A page that was kept for whoever was last known to be signed in; not while somebody signs in. */
async function keptPage(address, referrer) {
  const whose = await fact("whose");
  const from = referrer ? new URL(referrer).pathname : "";
  if (whose && Date.now() - whose.at > LONGEST_MS) await caches.delete(PAGES);
  if (!whose || whose.locked || Date.now() - whose.at > LONGEST_MS) return undefined;
  if (SIGNING_IN.test(from)) return undefined;
  const pages = await caches.open(PAGES);
  for (const path of candidates(address)) {
    const found = await pages.match(path);
    if (found) return found;
  }
  return undefined;
}

/** After midnight `/route/` is the day that was tomorrow when it was kept. */
function candidates({ pathname, search }) {
  const date = new Date();
  const today = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0")).join("-");
  const asked = pathname + search;
  return asked === ROOM ? [`${ROOM}?date=${today}`, ROOM] : [asked, pathname];
}

/** Keep a page if it is that of the person whose pages are kept; say which files it names. */
async function keepPage(path, answer) {
  const text = await answer.clone().text();
  const whose = await fact("whose");
  if (!whose || !text.includes(`data-user="${whose.user}"`)) return [];
  await (await caches.open(PAGES)).put(path, answer);
  return [...text.matchAll(STATIC)].map(([, address]) => address);
}

const background = (path) =>
  fetch(path, { headers: { "X-Background": "1" }, redirect: "manual", cache: "no-store" });

/** Keep the pages of today and tomorrow for `user`, and drop all others. */
async function keep(user) {
  const answer = await background("/route/keep.json");
  if (!answer.ok) return;
  const told = await answer.json();
  if (told.user !== user) return;
  const whose = await fact("whose");
  if (whose?.user !== user) await caches.delete(PAGES);
  const known = whose?.user === user && whose.version === told.version;
  if (known && Date.now() - whose.at < FRESH_MS) {
    if (whose.locked) await note("whose", { ...whose, locked: false });
    return;
  }
  const at = whose?.user === user ? whose.at : Date.now();
  await note("whose", { user, version: null, at, locked: false });
  const named = await Promise.all(told.pages.map(fetchPage));
  await keepFiles([...new Set([...told.files, ...named.flat()])]);
  await dropOthers(told.pages);
  await dropSent(user, told.visits);
  if ((await fact("whose"))?.user === user) {
    await note("whose", { user, version: told.version, at: Date.now(), locked: false });
  }
  for (const client of await self.clients.matchAll()) client.postMessage("kept");
}

async function fetchPage(path) {
  const answer = await background(path);
  return answer.ok ? keepPage(path, answer) : [];
}

async function keepFiles(addresses) {
  const files = await caches.open(FILES);
  await Promise.all(
    addresses.map(async (address) => {
      const answer = await fetch(address, { cache: "no-cache" });
      if (answer.ok) await files.put(address, answer);
    }),
  );
}

async function dropOthers(paths) {
  const pages = await caches.open(PAGES);
  for (const { url } of await pages.keys()) {
    const { pathname, search } = new URL(url);
    if (!paths.includes(pathname + search)) await pages.delete(url);
  }
}

/** Woken by the browser: throws where it is to wake us again. */
async function sendWaiting() {
  const whose = await fact("whose");
  if (!whose) return;
  const { state } = await send(whose.user);
  for (const client of await self.clients.matchAll()) client.postMessage("sent");
  if (state === "offline" || state === "later") throw new Error(state);
}
