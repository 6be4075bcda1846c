// Signing out wipes the phone; what stands on it alone is sent first, or given up on purpose.

import { user, waiting } from "./queue.js";
import { signedIn } from "./sending.js";
import { wipe } from "./store.js";
import { sync } from "./sync.js";

const said = JSON.parse(document.getElementById("sync-words").textContent);
const dialog = document.getElementById("leaving");
const text = document.getElementById("leaving-text");

/** Ask before `form` signs somebody out who has unsent events. */
export function askBeforeLeaving(form) {
  const leave = () => signOut(form);
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const left = (await waiting().catch(() => null))?.length;
    if (left === undefined) return form.submit(); // the phone cannot look what it has
    if (!left) return leave();
    text.textContent = said.leaving_text.replace("{n}", left);
    return dialog.showModal();
  });
  document.getElementById("leaving-lose").addEventListener("click", leave);
  document.getElementById("leaving-send").addEventListener("click", async () => {
    await sync();
    const left = (await waiting()).length;
    if (!left) return leave();
    text.textContent = said.leaving_failed.replace("{n}", left);
    return null;
  });
}

/** The session ends first, so that nobody stays signed in on a phone without pages. */
async function signOut(form) {
  const there = await signedIn();
  if (there.user === user) {
    const ended = await fetch(form.action, { method: "POST", headers: { "X-CSRFToken": there.token } })
      .catch(() => null);
    if (!ended?.ok) return refuse();
  } else if (!there.user && there.state !== "sign-in") return refuse();
  await wipe(user).catch(() => {}); // the session has ended, whatever the phone can wipe
  return location.assign("/");
}

function refuse() {
  text.textContent = said.leaving_offline;
  if (!dialog.open) dialog.showModal();
}
