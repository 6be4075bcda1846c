// On the pages of signing in and out: whoever signs in, kept pages are shown again only once it is
// known who; and nobody signs out while something stands on this phone alone.

import { eventsFor, fact, lock, wipe } from "./store.js";

const SIGN_OUT = "/sign-out";

const leads = (form) => new URL(form.action, location).pathname;

async function leave(form) {
  const whose = await fact("whose");
  if (whose) {
    const left = (await eventsFor(whose.user)).filter(({ state }) => state !== "sent");
    if (left.length) return location.assign("/route/end");
    await wipe(whose.user);
  }
  return form.submit();
}

document.addEventListener("submit", (event) => {
  if (leads(event.target) !== SIGN_OUT) return lock();
  event.preventDefault();
  return leave(event.target);
});
document.addEventListener("click", ({ target }) => {
  const form = target.closest("form"); // a passkey's form is sent without the event above
  if (form && leads(form) !== SIGN_OUT) lock();
});
