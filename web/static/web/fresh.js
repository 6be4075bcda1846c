// The page behind a patient's link keeps itself true: only what it says is exchanged, so that whoever
// reads it, or has it read aloud, keeps their place while nothing is new.

const EVERY_MS = 60_000;
const main = document.querySelector("main");
const said = (part) => part.textContent.replace(/\s+/g, " ").trim();

const look = async () => {
  if (document.visibilityState !== "visible") return undefined;
  const answer = await fetch(location.href);
  if (!answer.ok) return location.reload();
  const news = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (said(news) !== said(main)) main.replaceChildren(...news.childNodes);
  return undefined;
};
const later = () => setTimeout(() => look().catch(() => {}).then(later), EVERY_MS);

main.setAttribute("aria-live", "polite");
later();
document.addEventListener("visibilitychange", () => look().catch(() => {}));
