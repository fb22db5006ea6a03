// Drawing the place of a notice: a press on the map puts a point; with the keyboard the arrows move the map under
// the cross, and the space bar or the button puts a point in its middle. The field `shape` says it as GeoJSON: it is
// what is sent, and what is typed into it is drawn.
import { CircleMarker, LayerGroup } from "leaflet";

import { makeMap } from "./lib/map.js";
import { drawShapes } from "./lib/notices.js";

const AREA = "area";
const LEAST = { line: 2, area: 3 };

/** The shape of these points as GeoJSON, null while they are too few. */
function geometryOf(points, draws) {
  if (points.length < LEAST[draws]) return null;
  const numbers = points.map(({ lng, lat }) => [Number(lng.toFixed(6)), Number(lat.toFixed(6))]);
  return draws === AREA
    ? { type: "Polygon", coordinates: [[...numbers, numbers[0]]] }
    : { type: "LineString", coordinates: numbers };
}

function understood(text) {
  try {
    return text.trim() ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function drawing(section) {
  const { form } = section.querySelector("input");
  const { shape } = form.elements;
  const said = section.querySelector("[data-said]");
  const element = section.querySelector("[data-draw-map]");
  const words = section.dataset;
  for (const name of ["tiles", "attribution", "bounds", "outline", "label", "zoomIn", "zoomOut"]) {
    if (words[name] !== undefined) element.dataset[name] = words[name];
  }
  const map = makeMap(element, { keyboardPanDelta: 40, scrollWheelZoom: "center", doubleClickZoom: false });
  element.setAttribute("role", "application");
  const layer = new LayerGroup().addTo(map);
  let points = [];

  const draws = () => form.elements.draws.value;
  const kind = () => form.elements.kind.value || "works";

  function say(whole) {
    if (whole) said.textContent = words.whole;
    else if (!points.length) said.textContent = words.none;
    else if (points.length < LEAST[draws()]) said.textContent = draws() === AREA ? words.fewArea : words.fewLine;
    else said.textContent = words.points.replace("0", points.length);
  }

  function show() {
    layer.clearLayers();
    const typed = understood(shape.value);
    let drawn = null;
    try {
      drawn = typed && drawShapes(typed, kind).addTo(layer);
    } catch {
      // Not GeoJSON yet: the server says so when it is sent.
    }
    for (const point of points) new CircleMarker(point, { radius: 6, className: "draw-point", interactive: false }).addTo(layer);
    say(drawn && !points.length);
    return drawn;
  }

  function write() {
    const geometry = geometryOf(points, draws());
    shape.value = geometry ? JSON.stringify(geometry) : "";
    show();
  }

  function put(point) {
    points.push(point);
    write();
  }

  map.on("click", ({ latlng }) => put(latlng));
  element.addEventListener("keydown", (event) => {
    if (event.target !== element || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    put(map.getCenter());
  });
  section.querySelector("[data-put]").addEventListener("click", () => put(map.getCenter()));
  section.querySelector("[data-undo]").addEventListener("click", () => {
    points.pop();
    write();
  });
  section.querySelector("[data-clear]").addEventListener("click", () => {
    points = [];
    write();
  });
  for (const radio of section.querySelectorAll("[data-draws]")) radio.addEventListener("change", () => points.length && write());
  form.addEventListener("change", ({ target }) => {
    if (target.name === "kind") show();
    if (target.name === "by") map.invalidateSize();
  });
  shape.addEventListener("input", () => {
    points = [];
    show();
  });
  const bounds = show()?.getBounds();
  if (bounds?.isValid()) map.fitBounds(bounds.pad(0.3), { maxZoom: 17, animate: false });
}

for (const section of document.querySelectorAll("[data-draw]")) drawing(section);
