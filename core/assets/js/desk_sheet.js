// A report's or a work order's sheet: its small maps, its photos seen large, the letter that is being written.
//   [data-map][data-marks]  points as JSON: [{lat, lon, status, title, url, own}]
//   [data-map][data-pin]    the form's fields lat and lon follow the middle of the map, and lead it
//   [data-mirror=id]        what is typed is shown in the element of that id
//   [data-large]            a link to a large photo, shown in <dialog id="large">
import { Marker } from "leaflet";

import { calm, makeMap } from "./lib/map.js";
import { iconOf } from "./lib/points.js";

function showMarks(element) {
  const map = makeMap(element, { scrollWheelZoom: false });
  for (const { lat, lon, status, title, url, own } of JSON.parse(element.dataset.marks)) {
    const marker = new Marker([lat, lon], {
      icon: iconOf({ status }, own),
      title: title ?? "",
      alt: title ?? "",
      interactive: Boolean(url),
      keyboard: Boolean(url),
      zIndexOffset: own ? 1000 : 0,
    });
    marker.addTo(map);
    if (url) marker.on("click", () => document.dispatchEvent(new CustomEvent("desk:open", { detail: { address: url } })));
  }
  return map;
}

function showPin(element) {
  const { lat, lon } = element.closest("form").elements;
  const map = makeMap(element, { keyboardPanDelta: 40, scrollWheelZoom: "center", doubleClickZoom: "center", touchZoom: "center" });
  let ours = false;
  // Only a map that somebody moved says where it is: a form opened and closed changes nothing.
  for (const event of ["pointerdown", "keydown", "wheel"]) element.addEventListener(event, () => (ours = true), { passive: true });
  map.on("moveend", () => {
    if (!ours) return;
    const centre = map.getCenter();
    lat.value = centre.lat.toFixed(6);
    lon.value = centre.lng.toFixed(6);
  });
  function lead() {
    const there = [lat, lon].map((field) => Number(field.value.replace(",", ".")));
    if (lat.value && lon.value && there.every(Number.isFinite)) {
      ours = false;
      map.setView(there, Math.max(map.getZoom(), 17), { animate: !calm });
    }
  }
  for (const field of [lat, lon]) field.addEventListener("change", lead);
}

/** A map can only be drawn where it is seen: inside a closed form it waits until the form is opened. */
function whenSeen(element, draw) {
  const form = element.closest("details");
  if (!form || form.open) {
    draw(element);
    return;
  }
  form.addEventListener("toggle", () => draw(element), { once: true });
}

function showLarge(link) {
  const dialog = document.getElementById("large");
  if (!dialog) return false;
  const picture = dialog.querySelector("img");
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  dialog.showModal();
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-large]");
  if (link && !event.ctrlKey && !event.metaKey && !event.button && showLarge(link)) event.preventDefault();
  if (event.target.id === "large") event.target.close();
}, { capture: true });

/** Makes what lies in `root` ready. */
export function readySheets(root) {
  // A form's first button is what the return key presses, seen or not: those for who has no script are none here.
  for (const button of root.querySelectorAll(".no-script button")) button.disabled = true;
  for (const element of root.querySelectorAll("[data-map]:not([data-source], [data-joined])")) {
    element.dataset.joined = "";
    whenSeen(element, "pin" in element.dataset ? showPin : showMarks);
  }
  for (const field of root.querySelectorAll("[data-mirror]")) {
    const mirror = document.getElementById(field.dataset.mirror);
    const before = mirror.textContent;
    field.addEventListener("input", () => (mirror.textContent = field.value.trim() || before));
  }
}
