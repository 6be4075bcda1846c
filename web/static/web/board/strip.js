// The strip of exceptions: one at a time is chosen, everything else steps back.

const main = document.getElementById("main");
const buttons = () => [...document.querySelectorAll("#strip .exception")];

/** The exception that is chosen, if one is. */
export const chosenException = () => main.dataset.exception;

/** The visits of the chosen exception that can be seen, as they stand on the page. */
export function hits() {
  const found = document.querySelectorAll(`#day .visit[data-exceptions~="${chosenException()}"]`);
  return [...found].filter((visit) => !visit.closest("[hidden]"));
}

/** Say on the buttons which of them is chosen. */
export function pressChosen() {
  for (const one of buttons()) {
    one.setAttribute("aria-pressed", String(one.dataset.exception === chosenException()));
  }
}

/** Choose an exception; the one that was chosen already, or none, shows everything again. */
export function choose(name) {
  if (name && name !== chosenException()) main.dataset.exception = name;
  else delete main.dataset.exception;
  pressChosen();
}

/** Show everything again once nothing is left of what was chosen. */
export function dropEmptyChoice() {
  const button = buttons().find((one) => one.dataset.exception === chosenException());
  if (button?.classList.contains("none")) choose(null);
}

/** Go to the next (1) or the last (-1) visit of the chosen exception, in a circle. */
export function step(from, by) {
  const all = hits();
  const at = all.indexOf(from);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
  all[next]?.focus();
}

export function listenToStrip() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#strip .exception");
    if (button) choose(button.dataset.exception);
  });
}
