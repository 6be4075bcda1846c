// Asks about every second whether the day has changed; the service answers 304 while it has not.

const EVERY_MS = 1000;
const PATIENCE_MS = 10_000;

/** Call `swap` with the day whenever it is another one, and say when it cannot be asked for. */
export function listen(day, swap) {
  const said = document.getElementById("live");
  let busy = false;
  let again = false;
  let dragging = false;
  let timer = 0;

  const say = (lost) => {
    if (said.classList.contains("lost") === lost) return;
    said.classList.toggle("lost", lost);
    said.querySelector(".said").textContent = lost ? said.dataset.lost : said.dataset.live;
  };

  const ask = () =>
    fetch(`${said.dataset.from}?date=${day.dataset.date}`, {
      headers: { "X-Background": "1", "If-None-Match": day.dataset.mark },
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });

  async function look() {
    again = busy;
    if (busy || dragging || document.hidden) return;
    busy = true;
    clearTimeout(timer);
    try {
      const answer = await ask();
      if (answer.type === "opaqueredirect") location.reload(); // signed out: the guard leads on
      else if (answer.ok) {
        const html = await answer.text();
        if (!dragging) swap(html);
      }
      say(!answer.ok && answer.status !== 304 && answer.type !== "opaqueredirect");
    } catch {
      say(true);
    }
    busy = false;
    timer = setTimeout(look, again ? 0 : EVERY_MS);
  }

  document.addEventListener("board:refresh", look);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  document.addEventListener("dragstart", () => {
    dragging = true;
  });
  document.addEventListener("dragend", () => {
    dragging = false;
    look();
  });
  timer = setTimeout(look, EVERY_MS);
}
