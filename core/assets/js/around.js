// What is around: the circle that somebody wants to follow, under the pin; and the maps of notices.
//   [data-place]       the place of the circle (see lib/pin.js), inside a form with a field `radius`
//   [data-shown-map]   a map that shows: data-shape (one GeoJSON geometry, of data-kind) or data-source (notices)
import { Circle } from "leaflet";

import { makeMap } from "./lib/map.js";
import { drawShapes, showNotices } from "./lib/notices.js";
import "./lib/page.js";
import { placeField } from "./lib/pin.js";

function followCircle(section) {
  const { form } = section.querySelector("input");
  const { map } = placeField(section, form);
  const { radius } = form.elements;
  const circle = new Circle(map.getCenter(), { radius: Number(radius.value) || 500, className: "around-edge", interactive: false });
  circle.addTo(map);
  map.on("move", () => circle.setLatLng(map.getCenter()));
  radius.addEventListener("change", () => {
    circle.setRadius(Number(radius.value));
    map.fitBounds(circle.getBounds(), { animate: false });
  });
  // A map drawn while it was hidden does not know how large it is.
  form.addEventListener("change", ({ target }) => target.name === "area" && map.invalidateSize());
  if (form.elements.lat.value) map.fitBounds(circle.getBounds(), { animate: false });
}

function fit(map, group) {
  const bounds = group?.getBounds();
  if (bounds?.isValid()) map.fitBounds(bounds.pad(0.2), { maxZoom: 17, animate: false });
}

for (const section of document.querySelectorAll("[data-place]")) followCircle(section);
for (const element of document.querySelectorAll("[data-shown-map]")) {
  const { shape, kind, source, open, look } = element.dataset;
  const map = makeMap(element, { scrollWheelZoom: false });
  if (shape) fit(map, drawShapes(JSON.parse(shape), () => kind).addTo(map));
  else if (source) showNotices(map, source, { open, look }).then((group) => fit(map, group));
}
