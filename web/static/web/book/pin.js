// A pin on the map, for whoever would rather show the door than describe it.

const USA = { centre: [39.5, -98.35], zoom: 4 };
const area = document.getElementById("pin");
const button = document.getElementById("pin-show");
const hint = document.getElementById("pin-hint");

const mark = (map) => {
  let pin = null;
  map.on("click", ({ latlng }) => {
    document.getElementById("lat").value = latlng.lat.toFixed(6);
    document.getElementById("lng").value = latlng.lng.toFixed(6);
    pin ??= globalThis.L.circleMarker(latlng, { radius: 10 }).addTo(map);
    pin.setLatLng(latlng);
  });
};

const open = async () => {
  const element = document.getElementById("pin-map");
  button.setAttribute("aria-expanded", "true");
  element.hidden = false;
  hint.hidden = false;
  try {
    const { mapIn } = await import("../map.js");
    mark(await mapIn(element, USA));
  } catch {
    element.hidden = true;
    hint.textContent = area.dataset.none;
  }
};

if (area) {
  area.hidden = false;
  button.addEventListener("click", open, { once: true });
}
