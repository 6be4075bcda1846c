// A map in an element of web/map.html: Leaflet when it is first wanted, over our own light base map.

const GRID = 0.5; // degrees: boxes that are asked for end on such lines, so that answers can be kept
const WIDEST = 6;
const ROOM = { across: 92, down: 26 }; // pixels that the name of a town keeps to itself
const MOST_NAMES = 40;
let loading;

/** Shows a map with its middle at `centre` ([lat, lng]) and gives Leaflet's own object of it. */
export async function mapIn(element, { centre = [39.5, -98.35], zoom = 10 } = {}) {
  const L = await leaflet(element.dataset);
  const map = L.map(element, { center: centre, zoom, minZoom: 5, maxZoom: 18, attributionControl: false });
  if (element.dataset.tiles) L.tileLayer(element.dataset.tiles, { maxZoom: 18 }).addTo(map);
  else lightBase(L, map, element.dataset.places);
  if (element.dataset.credit) {
    L.control.attribution({ prefix: false }).addAttribution(text(element.dataset.credit)).addTo(map);
  }
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(element);
  return map;
}

/** Leaflet, loaded once. */
function leaflet({ leaflet: script, leafletCss, css }) {
  loading ??= Promise.all([leafletCss, css].map(style)).then(() => added("script", { src: script })).then(() => window.L);
  return loading;
}

const style = (href) => added("link", { rel: "stylesheet", href });

function added(tag, attributes) {
  return new Promise((loaded, failed) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.addEventListener("load", loaded);
    element.addEventListener("error", () => failed(new Error(`${tag} could not be loaded`)));
    document.head.append(element);
  });
}

/** Points at the middles of ZIP codes and names of towns, larger ones first, none over another. */
function lightBase(L, map, url) {
  map.createPane("places").classList.add("places");
  map.getPane("places").setAttribute("aria-hidden", "true");
  const points = L.layerGroup().addTo(map);
  const names = L.layerGroup().addTo(map);
  let known = { box: null, points: [], towns: [] };

  async function look() {
    const box = around(map.getBounds());
    if (!covers(known.box, box) && box.north - box.south <= WIDEST && box.east - box.west <= WIDEST) {
      const answer = await fetch(`${url}?${new URLSearchParams(box)}`);
      if (answer.ok) {
        known = { box, ...(await answer.json()) };
        drawPoints();
      }
    }
    drawNames();
  }

  function drawPoints() {
    points.clearLayers();
    for (const at of known.points) {
      points.addLayer(L.circleMarker(at, { pane: "places", radius: 2, className: "place", interactive: false }));
    }
  }

  function drawNames() {
    names.clearLayers();
    const taken = [];
    for (const town of known.towns) {
      const at = map.latLngToContainerPoint([town.lat, town.lng]);
      if (!map.getSize().contains(at) || taken.some((other) => near(at, other))) continue;
      taken.push(at);
      const icon = L.divIcon({ className: town.codes > 4 ? "town large" : "town", html: text(town.name), iconSize: null });
      names.addLayer(L.marker([town.lat, town.lng], { pane: "places", icon, interactive: false, keyboard: false }));
      if (taken.length === MOST_NAMES) break;
    }
  }

  map.on("moveend", look);
  look();
}

const near = (one, other) => Math.abs(one.x - other.x) < ROOM.across && Math.abs(one.y - other.y) < ROOM.down;

const around = (bounds) => ({
  south: Math.floor(bounds.getSouth() / GRID) * GRID,
  west: Math.floor(bounds.getWest() / GRID) * GRID,
  north: Math.ceil(bounds.getNorth() / GRID) * GRID,
  east: Math.ceil(bounds.getEast() / GRID) * GRID,
});

const covers = (known, box) =>
  known !== null && known.south <= box.south && known.west <= box.west &&
  known.north >= box.north && known.east >= box.east;

/** What Leaflet takes for HTML, as plain text. */
export function text(words) {
  const holder = document.createElement("span");
  holder.textContent = words;
  return holder.innerHTML;
}
