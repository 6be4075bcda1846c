// Brings the day up to date with as few changes as can be: what the service wrote anew is replaced,
// everything else stays as it is, with its focus, its place on the axis and what scripts put on it.

const written = new WeakMap();

/** Keep how the service wrote each part of the day, before scripts change it. */
export function remember(day) {
  for (const part of day.querySelectorAll("[data-list] > [data-key]")) {
    written.set(part, part.outerHTML);
  }
}

/** Take over the day from `html`; return the parts that are new or another. */
export function merge(day, html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("day");
  const same = fresh.dataset.start === day.dataset.start && fresh.dataset.end === day.dataset.end;
  for (const { name, value } of fresh.attributes) day.setAttribute(name, value);
  const changed = [...fresh.querySelectorAll("[data-list]")].flatMap((list) =>
    mergeList(day.querySelector(`[data-list="${list.dataset.list}"]`), list),
  );
  return same ? changed : [day];
}

function mergeList(old, fresh) {
  const known = new Map([...old.children].map((part) => [part.dataset.key, part]));
  const changed = [];
  const wanted = [...fresh.children].map((part) => {
    const before = known.get(part.dataset.key);
    const text = part.outerHTML;
    if (before && written.get(before) === text) return before;
    written.set(part, text);
    changed.push(part);
    return part;
  });
  const kept = new Set(wanted);
  for (const part of known.values()) if (!kept.has(part)) part.remove();
  wanted.forEach((part, index) => {
    if (old.children[index] !== part) old.insertBefore(part, old.children[index] ?? null);
  });
  return changed;
}
