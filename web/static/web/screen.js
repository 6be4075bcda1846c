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

/** Say in words of the page what became of a request, unless nobody asked for it by hand. */
const say = ({ headers, verb }, which) => {
  if (verb === "get" && headers["X-Background"]) return;
  const line = document.getElementById("refusal");
  const within = document.querySelector("dialog[open] [role=alert]"); // what lies beneath is inert
  (within ?? line).textContent = `✕ ${line.dataset[which]}`;
};

/** Nothing came back. */
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => say(detail.requestConfig, "unsent"));
}
/** A fault or a page of its own is no part of this page: refusals of ours say where they go. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status < 400 || detail.xhr.getResponseHeader("HX-Retarget")) return;
  detail.shouldSwap = false;
  say(detail.requestConfig, "failed");
});

document.getElementById("theme")?.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});
