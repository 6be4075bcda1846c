// What every page of the route does first: has the worker keep the pages, sends what waits, and
// sees to it that nobody signs out with something unsent.

import { askBeforeLeaving } from "./leaving.js";
import { announce, user } from "./queue.js";
import "./connected.js";
import "./sync.js";

const ADDRESS = "/route/worker.js";

async function keep() {
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ keep: user });
}

async function register() {
  await navigator.serviceWorker.register(ADDRESS, { type: "module", updateViaCache: "none" });
  await keep();
  addEventListener("online", keep);
  navigator.storage?.persist?.();
}

/** Where the browser can, it wakes the worker to send though no page is open any more. */
async function sendFromTheBackground({ detail }) {
  const { sync } = await navigator.serviceWorker.ready;
  if (detail.fresh) await sync?.register("send").catch(() => {});
}

askBeforeLeaving(document.getElementById("sign-out"));
if ("serviceWorker" in navigator) {
  document.addEventListener("queue:changed", sendFromTheBackground);
  navigator.serviceWorker.addEventListener("message", () => announce());
  register().catch(() => {}); // without a connection the worker that is there stays
}
