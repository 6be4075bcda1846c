// What the phone itself keeps: events in the order of their making, each sealed with a key of its
// owner that no script can read out, and a few facts, such as whose the kept pages are.

const NAME = "route";
const ALGORITHM = { name: "AES-GCM", length: 256 };
const NONCE_BYTES = 12;
export const PAGES = "route-pages";
export const FILES = "route-files";

let opening;

function opened() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const order = { keyPath: "number", autoIncrement: true };
      asked.result.createObjectStore("events", order).createIndex("user", "user");
      asked.result.createObjectStore("keys");
      asked.result.createObjectStore("facts");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => {
      opening = undefined; // the next time it may open
      reject(asked.error);
    };
  });
  return opening;
}

/** Do `work` with a store in one transaction; what it asked for last is known once all is on disk. */
async function within(store, mode, work) {
  const database = await opened();
  return new Promise((resolve, reject) => {
    const change = database.transaction(store, mode, { durability: "strict" });
    const asked = work(change.objectStore(store));
    change.oncomplete = () => resolve(asked?.result);
    change.onabort = () => reject(change.error);
  });
}

async function keyOf(user) {
  const kept = await within("keys", "readonly", (keys) => keys.get(user));
  if (kept) return kept;
  const fresh = await crypto.subtle.generateKey(ALGORITHM, false, ["encrypt", "decrypt"]);
  try {
    await within("keys", "readwrite", (keys) => keys.add(fresh, user));
    return fresh;
  } catch {
    return within("keys", "readonly", (keys) => keys.get(user)); // another tab was first
  }
}

async function seal(user, value) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const text = new TextEncoder().encode(JSON.stringify(value));
  return { iv, body: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf(user), text) };
}

async function unseal(user, { iv, body }) {
  const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await keyOf(user), body);
  return JSON.parse(new TextDecoder().decode(text));
}

/** Keep an event of `user`; when this returns it outlasts a crash. */
export async function keepEvent(user, { id, visit, type, device_time, data }) {
  const sealed = await seal(user, { type, device_time, data });
  const row = { id, user, visit, state: "waiting", why: null, sealed };
  return within("events", "readwrite", (events) => events.add(row));
}

/** The events of `user` in their order: {number, id, visit, state, why, type, device_time, data}. */
export async function eventsFor(user) {
  const rows = await within("events", "readonly", (events) => events.index("user").getAll(user));
  rows.sort((one, other) => one.number - other.number);
  return Promise.all(rows.map(async ({ sealed, ...row }) => ({ ...row, ...(await unseal(user, sealed)) })));
}

/** Write down what became of events: `state` is waiting, sent or refused, `why` the refusal. */
export async function mark(events, state, why = null) {
  await within("events", "readwrite", (rows) => {
    for (const { number } of events) {
      rows.get(number).onsuccess = ({ target }) => {
        if (target.result) rows.put({ ...target.result, state, why });
      };
    }
  });
}

/** Drop what was sent of visits that are not among `visits` any more. */
export async function dropSent(user, visits) {
  const known = await within("events", "readonly", (events) => events.index("user").getAll(user));
  const old = known.filter(({ state, visit }) => state === "sent" && !visits.includes(visit));
  await within("events", "readwrite", (events) => {
    for (const { number } of old) events.delete(number);
  });
}

export const fact = (name) => within("facts", "readonly", (facts) => facts.get(name));
export const note = (name, value) => within("facts", "readwrite", (facts) => facts.put(value, name));

/** Keep pages, but show none before the service has said again whose they are. */
export async function lock() {
  const whose = await fact("whose");
  if (whose) await note("whose", { ...whose, locked: true });
}

/** Wipe all that the phone has of `user`: pages, events, the key. */
export async function wipe(user) {
  await within("facts", "readwrite", (facts) => facts.clear());
  await caches.delete(PAGES);
  await within("events", "readwrite", (events) => {
    events.index("user").getAllKeys(user).onsuccess = ({ target }) => {
      for (const number of target.result) events.delete(number);
    };
  });
  await within("keys", "readwrite", (keys) => keys.delete(user));
}
