// A slip of the thumb: what leads on and carries nothing is told at the second tap.

import { words } from "../screen.js";

const said = words();
const SURE_MS = 6_000;
let unsure;

/** Whether a step may be told at this tap; where not, its button asks for another. */
export function isSure(step, button) {
  const harmless = step.querySelector(".field") || ["depart", "arrive"].includes(step.dataset.type);
  if (harmless || !button || button.dataset.sure) return true;
  const label = button.textContent;
  button.dataset.sure = "asked";
  button.textContent = said.sure.replace("{name}", label);
  clearTimeout(unsure);
  unsure = setTimeout(() => {
    if (!button.dataset.sure) return;
    delete button.dataset.sure;
    button.textContent = label;
  }, SURE_MS);
  return false;
}
