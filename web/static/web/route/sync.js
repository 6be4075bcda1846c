// When what waits is sent – at once, when the connection is back, and again after a while – and the
// line that tells how things stand.

import { announce, clock, seen, user, waiting } from "./queue.js";
import { send } from "./sending.js";

const FIRST_S = 2;
const LONGEST_S = 60;
const ICONS = { sent: "✓", waiting: "◷", later: "↻", sending: "↑", "sign-in": "→", refused: "⚠" };

const line = document.getElementById("sync");
const said = JSON.parse(document.getElementById("sync-words").textContent);

let outcome = { state: "sent" };
let tries = 0;
let timer;
let running;

/** Send all that waits, once more if something comes meanwhile. Returns how that ended. */
export async function sync() {
  clearTimeout(timer);
  running ??= attempt().finally(() => {
    running = undefined;
  });
  await running;
  await show();
  return outcome;
}

async function attempt() {
  const toSend = (await waiting()).filter(({ state }) => state === "waiting");
  if (!toSend.length) {
    outcome = { state: "sent" };
    return;
  }
  paint("sending", said.sending, toSend.length);
  outcome = await send(user);
  if (outcome.state === "sent") tries = 0;
  else if (outcome.state !== "sign-in") timer = setTimeout(sync, pause(outcome.after ?? 0));
  announce();
}

/** Twice as long each time, up to a minute, and never all phones at once. */
function pause(asked_s) {
  const seconds = Math.max(asked_s, Math.min(LONGEST_S, FIRST_S * 2 ** tries));
  tries += 1;
  return seconds * 1000 * (0.75 + Math.random() / 2);
}

async function show() {
  if (running) return;
  const left = await waiting();
  const refused = left.filter(({ state }) => state === "refused").length;
  const n = left.length - refused;
  const offline = outcome.state === "offline" || !navigator.onLine;
  if (n && outcome.state === "sign-in") {
    const next = encodeURIComponent(location.pathname + location.search);
    paint("sign-in", said.sign_in, n, said.sign_in_way, `/sign-in?next=${next}`);
  } else if (n) {
    paint(offline ? "waiting" : "later", offline ? said.waiting : said.later, n);
  } else if (refused) {
    paint("refused", said.refused, refused, said.refused_way, "/route/end");
  } else {
    paint(offline ? "waiting" : "sent", offline ? said.sent_offline : said.sent, 0);
  }
}

function paint(state, text, n, way = "", address = "") {
  const words = text.replace("{n}", n).replace("{time}", clock(seen()));
  const [icon, told, link] = line.children;
  if (told.textContent === words && line.dataset.state === state) return;
  line.dataset.state = state;
  icon.textContent = ICONS[state];
  told.textContent = words;
  link.hidden = !way;
  link.textContent = way;
  if (way) link.href = address;
}

const again = () => {
  tries = 0;
  return sync();
};

document.addEventListener("queue:changed", async ({ detail }) => {
  if (!detail.fresh) return show();
  await running;
  return again();
});
addEventListener("online", again);
addEventListener("offline", show);
addEventListener("focus", again);
document.addEventListener("visibilitychange", () => document.hidden || again());
again();
