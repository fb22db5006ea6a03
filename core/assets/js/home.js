// The first page's map: what is open in town; a press on a point says what it is and leads to its page.
import { Popup } from "leaflet";

import { makeMap } from "./lib/map.js";
import { showNotices } from "./lib/notices.js";
import "./lib/page.js";
import { sayer, showPoints } from "./lib/points.js";

const element = document.querySelector("[data-map]");
const map = makeMap(element);
const words = sayer(element);

// The wheel scrolls the page until somebody has gone to the map.
map.scrollWheelZoom.disable();
map.on("focus", () => map.scrollWheelZoom.enable());
map.on("blur", () => map.scrollWheelZoom.disable());

function card(thing) {
  const box = document.createElement("div");
  const title = document.createElement("p");
  title.textContent = words(thing);
  const link = document.createElement("a");
  link.href = element.dataset.open.replace("ID", encodeURIComponent(thing.id));
  link.textContent = element.dataset.look;
  link.className = "btn btn-line";
  box.className = "stack stack-tight";
  box.append(title, link);
  return box;
}

showNotices(map, element.dataset.notices, { open: element.dataset.notice, look: element.dataset.read });
showPoints(map, element.dataset.source, {
  words,
  onPoint(thing, marker) {
    const box = card(thing);
    const popup = new Popup({ offset: [0, -8] }).setLatLng(marker.getLatLng()).setContent(box).openOn(map);
    box.querySelector("a").focus({ preventScroll: true });
    popup.on("remove", () => marker.getElement()?.focus({ preventScroll: true }));
  },
});
