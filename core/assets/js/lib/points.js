// What is seen on a map, asked for by the box that is shown. The address answers GeoJSON points: either one
// thing each ({id} and properties {status, category}) or, where there are many, counts (properties {count}, and
// where they are known {status} for what matters most among them, {ids} for what they are).
import { DivIcon, LayerGroup, Marker } from "leaflet";

import { apart } from "./apart.js";
import { calm } from "./map.js";

const TOUCH = 44;

/** The picture of one thing on a map, or of several. */
export function iconOf({ status, count }, chosen) {
  const state = /^[a-z_]+$/.test(status ?? "") ? status : count ? "" : "received";
  if (count) {
    return new DivIcon({
      className: `points${state && ` state-${state}`}${chosen ? " is-chosen" : ""}`,
      html: `<span>${Number(count)}</span>`,
      iconSize: [TOUCH, TOUCH],
    });
  }
  return new DivIcon({ className: `point state-${state}${chosen ? " is-chosen" : ""}`, iconSize: [TOUCH, TOUCH] });
}

/**
 * Makes the `words` of a map's points from its element: data-names is a JSON object of category names by code,
 * data-states one of state words, data-several what a count says ("0 signalements").
 */
export function sayer({ dataset }) {
  const names = JSON.parse(dataset.names ?? "{}");
  const states = JSON.parse(dataset.states ?? "{}");
  return ({ count, category, status }) => {
    if (count) return (dataset.several ?? "0").replace("0", count);
    return [names[category] ?? category, states[status] ?? status].filter(Boolean).join(", ");
  };
}

/**
 * Shows on `map` what `source` knows of the box in view, and keeps it so as the map moves.
 * `words(thing)` says a point aloud; `onPoint(thing, marker)` is what a press on one does; a thing is
 * {id, status, category, …} or {count}.
 * Returns {refresh, from(source), choose(ids), at(id)}. The map's element hears "fresh" (its detail is the answer)
 * and "stale".
 */
export function showPoints(map, source, { words, onPoint }) {
  const layer = new LayerGroup().addTo(map);
  let asked = null;
  let drawn = [];
  let chosen = new Set();

  function isChosen(id, ids) {
    return chosen.has(String(id)) || Boolean(ids?.some((one) => chosen.has(one)));
  }

  function draw(features) {
    const reached = document.activeElement?.dataset?.point;
    layer.clearLayers();
    const far = apart(features, {
      closest: map.getZoom() >= map.getMaxZoom(),
      project: ([lon, lat]) => map.project([lat, lon]),
      unproject: ({ x, y }) => {
        const { lng, lat } = map.unproject([x, y]);
        return [lng, lat];
      },
    });
    drawn = far.map(({ id, geometry, properties }) => {
      const thing = { id, ...properties };
      const [lon, lat] = geometry.coordinates;
      const said = words(thing);
      const marker = new Marker([lat, lon], {
        icon: iconOf(thing, isChosen(id, thing.ids)),
        title: said,
        alt: said,
        riseOnHover: true,
      });
      const press = () => {
        if (thing.count) map.setView([lat, lon], Math.min(map.getMaxZoom(), map.getZoom() + 2), { animate: !calm });
        else onPoint(thing, marker);
      };
      marker.on("click", press);
      marker.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && press());
      marker.addTo(layer);
      const element = marker.getElement();
      element.dataset.point = id ?? `${lat},${lon}`;
      element.setAttribute("aria-label", said);
      if (element.dataset.point === reached) element.focus({ preventScroll: true });
      return { marker, id, ids: thing.ids };
    });
  }

  async function refresh() {
    asked?.abort();
    asked = new AbortController();
    const box = map.getBounds();
    const address = new URL(source, window.location.href);
    address.searchParams.set("bbox", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((n) => n.toFixed(5)).join());
    address.searchParams.set("zoom", map.getZoom());
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "application/geo+json" } });
      if (!answer.ok) return;
      const body = await answer.json();
      draw(body.features);
      map.getContainer().dispatchEvent(new CustomEvent("fresh", { bubbles: true, detail: body }));
    } catch (error) {
      if (error.name !== "AbortError") map.getContainer().dispatchEvent(new CustomEvent("stale", { bubbles: true }));
    }
  }

  map.on("moveend", refresh);
  refresh();
  return {
    refresh,
    from(another) {
      source = another;
      refresh();
    },
    at: (id) => drawn.find((one) => String(one.id) === String(id) || one.ids?.includes(String(id)))?.marker,
    choose(ids) {
      chosen = new Set([...ids].map(String));
      for (const { marker, id, ids } of drawn) {
        const mark = marker.getElement();
        mark?.classList.toggle("is-chosen", isChosen(id, ids));
      }
    },
  };
}
