// A pin on the map, for whoever would rather show the door than describe it.

const NEAR = 11;
const CLOSE = 14;
const area = document.getElementById("pin");
const button = document.getElementById("pin-show");
const hint = document.getElementById("pin-hint");
const zip = document.getElementById("zip_code");

const tell = (words) => {
  hint.textContent = words;
  hint.hidden = false;
};

/** By a tap where the door is; without a mouse the map is moved until its cross is there. */
const mark = (map) => {
  let pin = null;
  const put = (at) => {
    document.getElementById("lat").value = at.lat.toFixed(6);
    document.getElementById("lng").value = at.lng.toFixed(6);
    pin ??= globalThis.L.circleMarker(at, { radius: 10 }).addTo(map);
    pin.setLatLng(at);
    if (map.getZoom() < CLOSE) map.setView(at, CLOSE);
    tell(area.dataset.done);
  };
  map.on("click", ({ latlng }) => put(latlng));
  document.getElementById("pin-here").addEventListener("click", () => put(map.getCenter()));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== map.getContainer()) return;
    event.preventDefault(); // it would send the form
    put(map.getCenter());
  });
};

/** The middle of the ZIP codes around: the map needs not be told which of them it is. */
const middle = async () => {
  const answer = await fetch(`${area.dataset.area}?begins=${zip.value.slice(0, 3)}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).centre;
};

const open = async () => {
  if (!/^[0-9]{5}$/.test(zip.value)) {
    tell(area.dataset.first);
    return zip.focus();
  }
  const place = document.getElementById("pin-area");
  button.removeEventListener("click", open);
  button.setAttribute("aria-expanded", "true");
  place.hidden = false;
  tell(area.dataset.hint);
  try {
    const { mapIn } = await import("../map.js");
    const centre = await middle();
    return mark(await mapIn(document.getElementById("pin-map"), { centre, zoom: NEAR }));
  } catch {
    place.hidden = true;
    return tell(area.dataset.none);
  }
};

if (area) {
  area.hidden = false;
  button.addEventListener("click", open);
}
