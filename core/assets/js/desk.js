// The desk: parts of pages that change alone (htmx), the list and its map with one selection, the keys.
//   [data-rows] > [data-row="id"] (a link, a tick box)      the list; [data-picked] its bar of actions
//   [data-map][data-source]                                 the map beside it (lib/map.js and points.js say the rest);
//                                                           data-open is where a point not in the list leads, "ID" in it
import htmx from "htmx.org";

import { listenToKeys, showKeys } from "./lib/keys.js";
import { makeMap } from "./lib/map.js";
import "./lib/page.js";
import { sayer, showPoints } from "./lib/points.js";
import { workList } from "./lib/rows.js";

// The page's policy allows neither inline styles nor evaluated code; htmx must not try.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;

let work = null;
let points = null;
const keys = {};

function picked(list) {
  return [...list.querySelectorAll("[data-row]")].filter((row) => row.querySelector("input:checked")).map((row) => row.dataset.row);
}

function follow(list, map) {
  list.addEventListener("row", ({ detail }) => {
    points.choose([...picked(list), detail.id]);
    const marker = points.at(detail.id);
    if (marker && !map.getBounds().pad(-0.05).contains(marker.getLatLng())) map.panTo(marker.getLatLng());
  });
  list.addEventListener("change", () => points.choose(picked(list)));
}

/** Joins the list and the map of this page, whichever of them it has; again after htmx changed the list. */
function join() {
  const list = document.querySelector("[data-rows]:not([data-joined])");
  if (list) {
    list.dataset.joined = "";
    work = workList(list);
    Object.assign(keys, work.keys);
  }
  for (const element of document.querySelectorAll("[data-map]:not([data-joined])")) {
    element.dataset.joined = "";
    const map = makeMap(element);
    if (!element.dataset.source) continue;
    points = showPoints(map, element.dataset.source, {
      words: sayer(element),
      onPoint: ({ id }) => {
        if (document.querySelector(`[data-row="${CSS.escape(String(id))}"]`)) work?.show(String(id));
        else if (element.dataset.open) window.location = element.dataset.open.replace("ID", encodeURIComponent(id));
      },
    });
    const rows = document.querySelector("[data-rows]");
    if (rows) follow(rows, map);
  }
}

join();
document.addEventListener("htmx:afterSettle", join);
showKeys();
listenToKeys(keys);
