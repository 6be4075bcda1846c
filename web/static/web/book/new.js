// A booking in the browser: a form goes out once, and what is held is counted down.

document.documentElement.classList.add("scripted");

document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  else if (event.target.method === "post") event.target.dataset.sent = "yes";
});
// Whoever comes back to a page by the browser's button may send it again.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const hold = document.getElementById("hold");
const SOON_S = 60;

/** Seconds that are left of the hold, by the market's clock as it stood when the page was made. */
const countdown = (element) => {
  const { until, now } = element.dataset;
  const ends = performance.timeOrigin + (Date.parse(until) - Date.parse(now));
  return () => Math.ceil((ends - Date.now()) / 1000);
};

const show = (left) => {
  const minutes = Math.floor(left / 60);
  const rest = String(left % 60).padStart(2, "0");
  document.getElementById("left").textContent = `· ${minutes}:${rest} ${hold.dataset.left}`;
  if (left <= SOON_S && !hold.classList.contains("soon")) {
    hold.classList.add("soon");
    document.getElementById("hold-said").textContent = hold.dataset.minute;
  }
};

const lapse = () => {
  hold.hidden = true;
  for (const part of document.querySelectorAll("[data-while-held]")) part.hidden = true;
  const lapsed = document.getElementById("lapsed");
  lapsed.hidden = false;
  lapsed.focus();
};

if (hold) {
  const left = countdown(hold);
  const tick = () => {
    if (left() <= 0) return lapse();
    show(left());
    return setTimeout(tick, 500);
  };
  tick();
}

// A refusal after a form was sent is what is read next.
document.getElementById("told")?.focus();
