// Where it is: the pin stands still and the map moves under it, by finger, mouse or arrow keys. The place's
// name, how it was found, and whether it lies in the town are asked of the server and said under the map.
import { calm, makeMap } from "./map.js";

const CLOSE = 18;
const WAIT = 350;

async function ask(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** Takes charge of a [data-place] section of `form`; `onPlace({lat, lon, inside})` hears of every place found. */
export function placeField(section, form, { onPlace = () => {} } = {}) {
  const said = section.dataset;
  const [lat, lon, address, how] = ["lat", "lon", "address", "how"].map((name) => form.elements[name]);
  const words = section.querySelector("[data-called]");
  const manner = section.querySelector("[data-how]");
  const found = section.querySelector("[data-found]");
  const fields = section.querySelector(".place-fields");
  const change = section.querySelector("[data-change]");
  // An address that we wrote is ours to replace; one that somebody typed is theirs.
  let typed = address.value !== "";
  let asking = null;
  let timer = 0;
  let expected = null;
  let accuracy = 0;
  let moved = false;

  const element = section.querySelector("[data-pin-map]");
  Object.assign(element.dataset, {
    tiles: said.tiles, attribution: said.attribution, bounds: said.bounds, outline: said.outline, label: said.label,
    zoomIn: said.zoomIn, zoomOut: said.zoomOut,
  });
  if (lat.value && lon.value) Object.assign(element.dataset, { centre: `${lat.value},${lon.value}`, zoom: CLOSE });
  const map = makeMap(element, { keyboardPanDelta: 40, scrollWheelZoom: "center", doubleClickZoom: "center", touchZoom: "center" });
  element.setAttribute("role", "application");

  function sayHow() {
    const manners = {
      photo: said.byPhoto, pin: said.byPin, address: said.byAddress,
      device: said.byDevice.replace("0", Math.max(1, Math.round(accuracy))),
    };
    manner.textContent = lat.value ? (manners[how.value] ?? "") : "";
  }

  function name({ inside, words: called, addressed }) {
    section.classList.toggle("is-outside", !inside);
    words.textContent = called || said.here;
    if (inside && addressed && !typed) address.value = called;
    if (inside) sayHow();
    else manner.textContent = "";
    onPlace({ lat: lat.value, lon: lon.value, inside });
  }

  async function learn() {
    asking?.abort();
    asking = new AbortController();
    try {
      name(await ask(`/report/place?lat=${lat.value}&lon=${lon.value}`, asking.signal));
    } catch (error) {
      if (error.name === "AbortError") return;
      words.textContent = said.here;
      sayHow();
    }
  }

  function put(point, manner_of) {
    lat.value = point.lat.toFixed(6);
    lon.value = point.lng.toFixed(6);
    how.value = manner_of;
    sayHow();
    clearTimeout(timer);
    timer = setTimeout(learn, WAIT);
  }

  /** Brings the map to a place that was found rather than pointed at. */
  function go(there, manner_of) {
    expected = manner_of;
    const zoom = Math.max(map.getZoom(), CLOSE);
    map.setView([there.lat, there.lon], zoom, { animate: !calm });
    put({ lat: Number(there.lat), lng: Number(there.lon) }, manner_of);
  }

  map.on("dragstart keydown zoomstart", () => {
    expected = null;
  });
  map.on("moveend", () => {
    // A map that was only drawn, or brought to where it was told, has not been moved by anybody.
    if (!expected && moved) put(map.getCenter(), "pin");
    expected = null;
  });
  for (const event of ["pointerdown", "keydown", "wheel"]) element.addEventListener(event, () => (moved = true), { passive: true });

  function locate(quietly) {
    if (!navigator.geolocation) {
      if (!quietly) words.textContent = said.noDevice;
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        accuracy = coords.accuracy;
        if (!quietly || !lat.value) go({ lat: coords.latitude, lon: coords.longitude }, "device");
      },
      () => {
        if (!quietly) words.textContent = said.noDevice;
      },
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: quietly ? 60_000 : 0 },
    );
  }

  section.querySelector("[data-locate]").addEventListener("click", () => locate(false));
  // Asked unasked only where the reader has already said yes.
  if (!lat.value) {
    navigator.permissions?.query({ name: "geolocation" }).then(({ state }) => state === "granted" && locate(true), () => {});
  }

  function show(open) {
    fields.classList.toggle("is-open", open);
    change.setAttribute("aria-expanded", String(open));
    if (open) address.focus();
  }

  change.addEventListener("click", () => show(!fields.classList.contains("is-open")));
  if (address.getAttribute("aria-invalid")) fields.classList.add("is-open");

  async function search() {
    asking?.abort();
    asking = new AbortController();
    try {
      const { known, items } = await ask(`/report/addresses?q=${encodeURIComponent(address.value)}`, asking.signal);
      found.replaceChildren(
        ...items.map((item) => {
          const line = document.createElement("li");
          const button = document.createElement("button");
          button.type = "button";
          button.className = "btn";
          button.textContent = item.words;
          button.addEventListener("click", () => {
            address.value = item.words;
            typed = true;
            found.replaceChildren();
            show(false);
            change.focus();
            go(item, "address");
          });
          line.append(button);
          return line;
        }),
      );
      if (known && !items.length) words.textContent = said.nothing;
    } catch {
      // Without an answer the address is still kept as it was typed.
    }
  }

  address.addEventListener("input", () => {
    typed = address.value !== "";
    clearTimeout(timer);
    if (address.value.trim().length > 3) timer = setTimeout(search, WAIT);
  });
  address.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(timer);
    search();
  });

  sayHow();
  if (lat.value) learn();
  return {
    map,
    /** A photo says where it was taken: believed unless somebody has pointed at a place already. */
    fromPhoto(spot) {
      if (!spot.inside) {
        if (!lat.value) {
          words.textContent = said.photoOutside;
          section.classList.add("is-outside");
        }
        return;
      }
      if (!lat.value || how.value === "device") go(spot, "photo");
    },
  };
}
