// Says of each number as it is typed whether it keeps the protocol's limits; the service judges.

import { words } from "../screen.js";

const said = words();

function told({ least, most, per }, typed) {
  if (typed === "") return "";
  const value = Number(typed) * per;
  if (most && value > Number(most)) return `▲ ${said.above.replace("{limit}", most / per)}`;
  if (least && value < Number(least)) return `▼ ${said.below.replace("{limit}", least / per)}`;
  return "";
}

/** Watch the numbers within `steps`. */
export function watch(steps) {
  steps.addEventListener("input", ({ target }) => {
    const field = target.closest(".number");
    if (!field) return;
    const text = told(field.dataset, target.value);
    field.querySelector("output").textContent = text;
    field.classList.toggle("outside", text !== "");
  });
  steps.addEventListener("reset", ({ target }) => {
    for (const field of target.querySelectorAll(".number")) {
      field.querySelector("output").textContent = "";
      field.classList.remove("outside");
    }
  });
}
