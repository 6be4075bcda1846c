// The day: setting out for the next stop, the map when it is asked for, what this phone has told.

import { words } from "../screen.js";
import { against, choices, show } from "./asking.js";
import { add, eventsOf } from "./queue.js";

const said = words();
const depart = document.getElementById("depart");
const navigate = document.getElementById("navigate");
const map = document.getElementById("map");
const LEADS = ["depart", "arrive", "start-infusion", "end-infusion", "complete", "no-show", "abort"];

depart?.addEventListener("click", async () => {
  const { visit, way } = depart.dataset;
  const asked = against({ visit, type: "depart", address: `${way}/before` });
  const found = await asked.catch(() => ({ lost: true }));
  if (!found) return setOut();
  if (found.lost) return lost();
  const place = document.getElementById("against");
  const look = () => location.reload();
  const ways = found.unasked ? choices(found.unasked, look, setOut) : { [said.look_again]: look };
  show(place, said.closed, found, (code) => code, ways);
  return place.querySelector("button").focus();
});

async function setOut() {
  const { visit, way } = depart.dataset;
  depart.disabled = true;
  try {
    await add({ visit, type: "depart" });
    location.assign(way);
  } catch {
    lost();
  }
}

/** The phone could not keep it: nobody is to rely on that. */
function lost() {
  depart.disabled = false;
  document.getElementById("against").textContent = `⚠ ${said.not_kept}`;
}

if (navigate && /iPhone|iPad/.test(navigator.userAgent)) {
  navigate.href = `maps:?daddr=${navigate.dataset.lat},${navigate.dataset.lng}`;
}

const frame = document.getElementById("map-frame");
const opener = document.getElementById("show-map");
opener?.addEventListener("click", async () => {
  frame.hidden = !frame.hidden;
  opener.setAttribute("aria-expanded", String(!frame.hidden));
  if (!map.childElementCount) await draw();
});

async function draw() {
  const points = JSON.parse(document.getElementById("points").textContent);
  try {
    const { mapIn } = await import("../map.js");
    const shown = await mapIn(map, { centre: points[0], zoom: 11 });
    const { L } = window;
    const spots = points.map(({ lat, lng }) => [lat, lng]);
    spots.forEach((spot, index) => {
      const icon = L.divIcon({ className: "spot", html: String(index + 1), iconSize: [32, 32] });
      L.marker(spot, { icon, keyboard: false }).addTo(shown);
    });
    L.polyline(spots, { className: "way" }).addTo(shown);
    if (spots.length > 1) shown.fitBounds(spots, { padding: [32, 32] });
  } catch {
    map.textContent = said.map_failed;
  }
}

async function overlay() {
  for (const word of document.querySelectorAll(".word[data-visit]")) {
    const told = (await eventsOf(word.dataset.visit)).filter(({ type }) => LEADS.includes(type));
    if (told.some(({ state }) => state === "waiting")) word.dataset.waiting = said.told;
    const next = depart?.dataset.visit === word.dataset.visit;
    if (next && told.some(({ type }) => type === "depart")) {
      depart.replaceWith(Object.assign(document.createElement("a"), {
        className: "button main wide", href: depart.dataset.way, textContent: said.go_on,
      }));
    }
  }
}

document.addEventListener("queue:changed", overlay);
overlay();
