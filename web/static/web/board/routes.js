// The board's map: each nurse's route with its numbers, and what nobody has; also as a list.

import { mapIn, text } from "../map.js";

const COLOURS = 8;
const DASHES = ["", "7 5", "2 5", "12 4 2 4"]; // tells apart nurses who share a colour

const panel = document.querySelector(".map-panel");
const told = panel && JSON.parse(document.getElementById("map-words").textContent);
const marks = new Map(); // visit -> { marker, route }
let map, layer, chosen, drawn;
let last = Promise.resolve();

/** One look at the day after the other; who cannot reach the service reads so above the board. */
const look = () => (last = last.then(renew).then(highlight).catch(() => {}));

/** Fetches the day and draws it; nothing is drawn anew where nothing has changed. */
async function renew() {
  const date = document.querySelector("main [data-date], main[data-date]")?.dataset.date ?? "";
  const answer = await fetch(`${panel.dataset.mapUrl}?${new URLSearchParams({ date })}`, { headers: { "X-Background": "1" } });
  if (!answer.ok) return;
  const body = await answer.text();
  if (body === drawn) return;
  const day = JSON.parse(body);
  list(day);
  try {
    await draw(day, drawn === undefined);
    drawn = body;
  } catch {
    document.getElementById("map-choice").textContent = told.map_failed;
  }
}

async function draw(day, first) {
  const element = document.getElementById("board-map");
  const points = pointsOf(day);
  map ??= await mapIn(element, { centre: points[0] });
  layer?.remove();
  layer = window.L.layerGroup().addTo(map);
  marks.clear();
  for (const route of day.routes) drawRoute(route);
  for (const stop of day.unassigned) mark(stop, null, "unassigned");
  if (first && points.length) map.fitBounds(points, { padding: [28, 28], maxZoom: 12, animate: false });
}

function drawRoute(route) {
  if (!route.stops.length) return;
  const home = [route.home_lat, route.home_lng];
  const colour = `route-${route.colour % COLOURS}`;
  const dashArray = DASHES[Math.floor(route.colour / COLOURS) % DASHES.length];
  const way = [home, ...route.stops.map(place), home];
  route.line = window.L.polyline(way, { className: `way ${colour}`, dashArray, weight: 3, interactive: false }).addTo(layer);
  const icon = window.L.divIcon({ className: `nurse-home ${colour}`, html: text(initials(route.name)), iconSize: [26, 22], iconAnchor: [34, 11] });
  route.house = window.L.marker(home, { icon, keyboard: false, interactive: false, alt: "" }).addTo(layer);
  for (const stop of route.stops) mark(stop, route, colour);
}

function mark(stop, route, colour) {
  const icon = window.L.divIcon({ className: `stop ${colour} ${stop.status}`, html: stop.number ?? "?", iconSize: [26, 26] });
  const marker = window.L.marker(place(stop), { icon, title: name(stop, route), riseOnHover: true }).addTo(layer);
  const element = marker.getElement();
  element.setAttribute("aria-label", name(stop, route));
  element.dataset.stop = stop.visit;
  marker.on("click", () => choose(stop.visit));
  marker.on("keypress", ({ originalEvent }) => {
    if (originalEvent.key === "Enter") choose(stop.visit);
  });
  marks.set(stop.visit, { marker, route, stop });
}

/** The same for who sees no map: a list of each nurse's stops, every one of them a button. */
function list(day) {
  const groups = day.routes.filter((route) => route.stops.length).map((route) => group(route.name, route.stops, route));
  if (day.unassigned.length) groups.push(group(told.no_nurse, day.unassigned, null));
  const holder = document.getElementById("routes-list");
  holder.replaceChildren(...groups);
  if (!groups.length) holder.textContent = told.no_routes;
}

function group(title, stops, route) {
  const section = document.createElement("section");
  const heading = document.createElement("h2");
  const items = document.createElement("ol");
  heading.textContent = title;
  for (const stop of stops) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: name(stop, route) });
    button.addEventListener("click", () => choose(stop.visit));
    items.append(document.createElement("li"));
    items.lastChild.append(button);
  }
  section.append(heading, items);
  return section;
}

const choose = (visit) => document.dispatchEvent(new CustomEvent("visit:chosen", { detail: { visit } }));

/** The chosen stop and its route stand out, all others step back. */
function highlight() {
  const found = marks.get(chosen);
  for (const { marker, route, stop } of marks.values()) {
    const element = marker.getElement();
    element.classList.toggle("chosen", stop.visit === chosen);
    element.classList.toggle("dimmed", Boolean(found) && route !== found.route);
    for (const part of [route?.line, route?.house]) {
      part?.getElement()?.classList.toggle("dimmed", Boolean(found) && route !== found.route);
    }
  }
  document.getElementById("map-choice").textContent = found ? name(found.stop, found.route) : "";
  if (found && panel.checkVisibility() && !map.getBounds().contains(place(found.stop))) map.panTo(place(found.stop));
}

const place = (stop) => [stop.lat, stop.lng];
const initials = (words) => words.split(/\s+/).map((word) => word[0]).join("").slice(0, 2).toUpperCase();
const pointsOf = (day) =>
  [...day.routes.filter((route) => route.stops.length).flatMap((route) => [[route.home_lat, route.home_lng], ...route.stops.map(place)]), ...day.unassigned.map(place)];

function name(stop, route) {
  const status = told[`status_${stop.status}`] ?? stop.status;
  const at = stop.start ? `, ${clock(stop.start)}` : "";
  return route ? `${route.name}, ${told.stop_word} ${stop.number}${at}, ${status}` : `${told.no_nurse}${at}, ${status}`;
}

const zone = () => document.querySelector("main [data-zone], main[data-zone]")?.dataset.zone;
const clock = (iso) =>
  new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit", timeZone: zone() });

if (panel) {
  document.addEventListener("visit:chosen", ({ detail }) => {
    chosen = detail.visit;
    if (map) highlight();
  });
  document.addEventListener("board:refreshed", () => {
    if (panel.checkVisibility()) look();
  });
  new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting)) look();
  }).observe(panel);
}
