// Plain buttons for the steps of a visit.

import { add, eventsOf } from "./queue.js";

const steps = document.getElementById("steps");

const show = async () => {
  const known = await eventsOf(steps.dataset.visit);
  document.getElementById("told").replaceChildren(...known.map((one) => {
    const item = document.createElement("li");
    item.textContent = `${one.type} ${one.state}`;
    return item;
  }));
};

steps.addEventListener("click", ({ target }) => {
  const { type, data } = target.dataset;
  if (type) add({ visit: steps.dataset.visit, type, data: JSON.parse(data ?? "{}") });
});
document.addEventListener("queue:changed", show);
show();
