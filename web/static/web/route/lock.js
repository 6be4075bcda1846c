// On the pages of signing in, and on a nurse's outside of the route: whoever signs in, kept pages are
// shown again only once it is known who; and nobody signs out while something stands on this phone alone.

import { eventsFor, fact, lock, wipe } from "./store.js";

const SIGN_OUT = "/sign-out";
const LANGUAGE = "/language";

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

/** A form may be that of somebody who signs in; choosing a language is not. */
const signsIn = (form) => ![SIGN_OUT, LANGUAGE].includes(leads(form));

document.addEventListener("submit", (event) => {
  if (signsIn(event.target)) return lock();
  if (leads(event.target) !== SIGN_OUT) return null;
  event.preventDefault();
  // Where the phone cannot look what it has, the session ends all the same.
  return leave(event.target).catch(() => event.target.submit());
});
document.addEventListener("click", ({ target }) => {
  const form = target.closest("form"); // a passkey's form is sent without the event above
  if (form && signsIn(form)) lock();
});
