// A visit's page keeps itself true: it looks for news, shows what changed, and says when it cannot.

import { words } from "../screen.js";

const watch = document.getElementById("watch");
const quiet = document.getElementById("quiet");
const told = words();
const SAME = 304;
let every = Number(watch.dataset.every);
let over = watch.dataset.ended === "yes";
let missed = 0;
let mark = watch.dataset.mark;

/** What a part says: forms carry proofs that differ each time, so that its words are compared. */
const said = (part) => part?.textContent.replace(/\s+/g, " ").trim();

/** Nobody loses a tick or the focus to news: such a part waits until it is left. */
const inUse = (part) =>
  (part !== document.activeElement && part.contains(document.activeElement)) ||
  [...part.querySelectorAll("input[type=checkbox]")].some((one) => one.checked !== one.defaultChecked);

const show = (fresh) => {
  for (const part of document.querySelectorAll("[data-live]")) {
    const news = fresh.getElementById(part.id);
    if (news === null) part.hidden = true;
    else if (said(news) !== said(part) && !inUse(part)) {
      part.innerHTML = news.innerHTML;
      part.hidden = false;
    }
  }
  if ([...fresh.querySelectorAll("[data-live]")].some((one) => !document.getElementById(one.id))) {
    for (const news of fresh.querySelectorAll("[data-live]")) {
      if (document.getElementById(news.id)) continue;
      const before = news.previousElementSibling?.id;
      (document.getElementById(before) ?? watch.lastElementChild).after(document.importNode(news, true));
    }
  }
  const todo = fresh.getElementById("do");
  const own = document.getElementById("do");
  if (todo && said(todo) !== said(own) && !inUse(own)) own.innerHTML = todo.innerHTML;
};

const take = async (answer) => {
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  show(fresh);
  const next = fresh.getElementById("watch").dataset;
  every = Number(next.every);
  over = next.ended === "yes";
  mark = next.mark;
};

const look = async () => {
  if (document.visibilityState !== "visible" || over) return;
  try {
    const answer = await fetch(location.pathname, {
      headers: { "X-Background": "1", "If-None-Match": mark },
    });
    if (answer.redirected) return location.reload();
    if (answer.status !== SAME) await take(answer);
    missed = 0;
    quiet.textContent = "";
  } catch {
    missed += 1;
    if (missed > 1) quiet.textContent = told.lost_touch;
  }
};

const later = () => setTimeout(async () => { await look(); later(); }, every);
later();
document.addEventListener("visibilitychange", look);
