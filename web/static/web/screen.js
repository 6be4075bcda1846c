// What every screen does: proves to the service that a request is ours, and changes the theme.

/** The proof that a request comes from a page of ours, for what changes something. */
export const proof = () => document.querySelector('meta[name="csrf"]').content;

/** The words of the page in its language, as the template put them there. */
export const words = () => JSON.parse(document.getElementById("words")?.textContent ?? "{}");

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = proof();
});
document.addEventListener("htmx:beforeRequest", () => {
  document.getElementById("refusal").textContent = "";
});

document.getElementById("theme")?.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});
