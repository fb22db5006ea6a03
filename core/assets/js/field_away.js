// How far each job is, from where the phone is: asked for by a tap, never on arrival.
const EARTH = 6371000;

function metres(from, to) {
  const rad = Math.PI / 180;
  const x = (to.lon - from.lon) * rad * Math.cos(((from.lat + to.lat) / 2) * rad);
  return Math.hypot(x, (to.lat - from.lat) * rad) * EARTH;
}

function said(far) {
  const number = (value, digits) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
  return far < 950 ? `${number(Math.max(10, Math.round(far / 10) * 10), 0)}\u00a0m` : `${number(far / 1000, far < 9500 ? 1 : 0)}\u00a0km`;
}

function show({ coords }) {
  const here = { lat: coords.latitude, lon: coords.longitude };
  for (const place of document.querySelectorAll("[data-away]")) {
    const far = metres(here, { lat: Number(place.dataset.lat), lon: Number(place.dataset.lon) });
    place.textContent = ` · ${said(far)}`;
  }
}

/** Offers to show distances; shows them at once where the phone has allowed it before. */
export async function showDistances() {
  const offer = document.querySelector("[data-distances]");
  const places = document.querySelectorAll("[data-away]");
  if (!places.length || !navigator.geolocation) return;
  const look = () => navigator.geolocation.getCurrentPosition((position) => {
    show(position);
    if (offer) offer.hidden = true;
  }, () => {}, { maximumAge: 60000, timeout: 20000 });
  const allowed = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (allowed?.state === "granted") look();
  else if (offer && allowed?.state !== "denied") {
    offer.hidden = false;
    offer.querySelector("button").addEventListener("click", look);
  }
}
