// The list and the map beside it, with one selection.
//   [data-rows] > [data-row="id"] (a link, a tick box)   the list; [data-picked] its bar of actions
//   [data-map][data-source][data-query]                  its map; data-together says what several points are
import { makeMap } from "./lib/map.js";
import { showPoints } from "./lib/points.js";
import { workList } from "./lib/rows.js";

export const keys = {};

let work = null;
let map = null;
let points = null;

function rows() {
  return document.querySelector("#list [data-rows]");
}

function picked() {
  return [...document.querySelectorAll("#list [data-row]:has(input:checked)")].map((row) => row.dataset.row);
}

/** What is picked, and the row that one is on. */
function chosen() {
  const current = document.querySelector("#list .is-current")?.dataset.row;
  return current ? [...picked(), current] : picked();
}

function choose(id) {
  points?.choose(chosen());
  const marker = id && points?.at(id);
  if (marker && !map.getBounds().pad(-0.05).contains(marker.getLatLng())) map.panTo(marker.getLatLng());
}

function followList(list) {
  list.dataset.joined = "";
  work = workList(list);
  Object.assign(keys, work.keys);
  list.addEventListener("row", ({ detail }) => choose(detail.id));
  list.addEventListener("change", () => choose());
}

function source(element) {
  const query = document.getElementById("list")?.dataset.query ?? "";
  return `${element.dataset.source}?${query}`;
}

function drawMap(element) {
  element.dataset.joined = "";
  map = makeMap(element);
  // Hidden while something is open over it, made narrower beside it: its size is learnt again.
  new ResizeObserver(() => element.clientWidth && map.invalidateSize({ animate: false })).observe(element);
  const { together, source: from } = element.dataset;
  points = showPoints(map, source(element), {
    words: ({ count, title }) => (count ? together.replace("{n}", count) : (title ?? "")),
    onPoint: ({ id }) => {
      const row = document.getElementById(`row-${id}`);
      if (row) {
        work.show(String(id));
        row.querySelector("a").click();
      } else {
        document.dispatchEvent(new CustomEvent("desk:open", { detail: { address: from.replace("points", id) } }));
      }
    },
  });
  const note = document.querySelector("[data-map-words]");
  element.addEventListener("fresh", ({ detail }) => {
    note.textContent = detail?.words ?? "";
    note.hidden = !detail?.words;
    points.choose(chosen());
  });
}

/** Joins the list and the map of this page, whichever of them it has; again after the list was replaced. */
export function joinList() {
  const list = rows();
  if (list && !("joined" in list.dataset)) followList(list);
  const element = document.querySelector("#map[data-map]");
  if (!element) return;
  if (!("joined" in element.dataset)) drawMap(element);
  else points.from(source(element));
}
