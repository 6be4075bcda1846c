// What acts on a page, whether a keyboard gets there, and whether a finger meets it. Given how many
// pixels a target is to have, it notes what Tab reaches from now on, and tells what is wrong already.
(least) => {
  const NATIVE = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const MADE = "[draggable=true], [role=button], [role=tab], [contenteditable]";
  const ROVING = "#timeline, #unassigned, [role=tablist]"; // arrow keys: told of behind "?"
  const modal = document.querySelector("dialog:modal");
  const isShown = (one) =>
    one.checkVisibility({ visibilityProperty: true }) &&
    one.getClientRects().length > 0 &&
    !one.closest("[inert]") &&
    (modal ?? document).contains(one);
  const all = [...document.querySelectorAll("body *")].filter(isShown);
  const listens = (one) =>
    window.listening?.has(one) && !one.matches("dialog") && !one.querySelector(NATIVE);
  const acts = (one) => one.matches(`${NATIVE}, ${MADE}`) || listens(one);
  const actors = all.filter((one) => acts(one) && !one.matches(":disabled"));
  const faults = [];

  const name = (one) => {
    if (one.id) return `#${one.id}`;
    const which = one.name ? `[name=${one.name}]` : "";
    return `${one.tagName.toLowerCase()}${which} "${one.textContent.trim().slice(0, 30)}"`;
  };

  // By keyboard: Tab stops there, or at one of the group through which the arrow keys lead.
  const STOP = '[tabindex="0"], [role=tab]:not([tabindex])';
  const isInRovingGroup = (one) => Boolean(one.closest(ROVING)?.querySelector(STOP));
  const wanted = new Set();
  for (const one of actors) {
    if (one.tabIndex > 0) faults.push(`${name(one)} jumps the queue`);
    if (one.tabIndex >= 0) wanted.add(one);
    else if (!isInRovingGroup(one)) faults.push(`${name(one)} is out of the keys' reach`);
  }

  // What looks as if it could be pressed can be.
  const hasHand = (one) => getComputedStyle(one).cursor === "pointer";
  const isOfActor = (one) => actors.some((actor) => actor.contains(one) || one.contains(actor));
  for (const one of all) {
    if (!hasHand(one) || hasHand(one.parentElement)) continue;
    if (one.closest("label, :disabled") || isOfActor(one)) continue;
    faults.push(`${name(one)} shows a hand and is no control`);
  }

  // A label is as good a target as what it is of; a link within a sentence may be as high as that.
  const leastOf = ({ width, height }) => Math.min(width, height);
  const larger = (a, b) => (leastOf(a) > leastOf(b) ? a : b);
  const boxOf = (one) =>
    [one, ...(one.labels ?? [])].map((part) => part.getBoundingClientRect()).reduce(larger);
  const isInText = (one) =>
    one.matches("a") &&
    getComputedStyle(one).display === "inline" &&
    one.parentElement.textContent.trim().length > one.textContent.trim().length;
  for (const one of actors) {
    const box = boxOf(one);
    if (box.right <= 0 || isInText(one) || leastOf(box) >= least - 0.5) continue;
    const [width, height] = [box.width, box.height].map(Math.round);
    faults.push(`${name(one)} is ${width} × ${height}, below ${least}`);
  }

  // What has the focus shows it, or its label does.
  const hasRing = (one) => {
    const { outlineStyle, outlineWidth, opacity } = getComputedStyle(one);
    const { width, height } = one.getBoundingClientRect();
    const isSeen = opacity > 0 && width > 3 && height > 3;
    return isSeen && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  const partsOf = (one) => [one, ...(one.labels ?? []), one.nextElementSibling].filter(Boolean);
  const groupOf = (one) => (one.type === "radio" ? document.getElementsByName(one.name) : [one]);
  const reached = new Map();
  document.removeEventListener("focusin", window.onReached, true);
  window.onReached = ({ target }) => {
    const rings = partsOf(target).some(hasRing);
    for (const one of groupOf(target)) reached.set(one, reached.get(one) || rings);
  };
  document.addEventListener("focusin", window.onReached, true);
  const still = () => [...wanted].filter((one) => isShown(one));
  window.unreached = () => still().filter((one) => !reached.has(one)).map(name);
  window.ringless = () => still().filter((one) => reached.get(one) === false).map(name);

  const parts = actors.filter((one) => /date|time/.test(one.type)).length; // of a day: three
  return { faults, presses: wanted.size + 4 * parts + 2 };
}
