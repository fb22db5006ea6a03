// What is seen on a map, asked for by the box that is shown. The address answers GeoJSON points whose
// properties are either {id, status, title, url} (one thing) or {count} (several, at this zoom).
import { DivIcon, LayerGroup, Marker } from "leaflet";

import { calm } from "./map.js";

const TOUCH = 44;

function iconOf({ status, count }, chosen) {
  if (count > 1) {
    return new DivIcon({ className: "points", html: `<span>${Number(count)}</span>`, iconSize: [TOUCH, TOUCH] });
  }
  const state = /^[a-z_]+$/.test(status ?? "") ? status : "received";
  return new DivIcon({ className: `point state-${state}${chosen ? " is-chosen" : ""}`, iconSize: [TOUCH, TOUCH] });
}

/**
 * Shows on `map` what `source` knows of the box in view, and keeps it so as the map moves.
 * `words(properties)` says a point aloud; `onPoint(properties)` is what a press on one does.
 * Returns {refresh, choose(ids), at(id)}.
 */
export function showPoints(map, source, { words, onPoint }) {
  const layer = new LayerGroup().addTo(map);
  let asked = null;
  let drawn = [];
  let chosen = new Set();

  function draw(features) {
    const reached = document.activeElement?.dataset?.point;
    layer.clearLayers();
    drawn = features.map(({ geometry, properties }) => {
      const [lon, lat] = geometry.coordinates;
      const said = words(properties);
      const marker = new Marker([lat, lon], {
        icon: iconOf(properties, chosen.has(String(properties.id))),
        title: said,
        alt: said,
        riseOnHover: true,
      });
      marker.on("click", () => {
        if (properties.count > 1) map.setView([lat, lon], Math.min(map.getMaxZoom(), map.getZoom() + 2), { animate: !calm });
        else onPoint(properties);
      });
      marker.addTo(layer);
      const element = marker.getElement();
      element.dataset.point = properties.id ?? `${lat},${lon}`;
      element.setAttribute("aria-label", said);
      if (element.dataset.point === reached) element.focus({ preventScroll: true });
      return { marker, properties };
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
      const { features } = await answer.json();
      draw(features);
      map.getContainer().dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
    } catch (error) {
      if (error.name !== "AbortError") map.getContainer().dispatchEvent(new CustomEvent("stale", { bubbles: true }));
    }
  }

  map.on("moveend", refresh);
  refresh();
  return {
    refresh,
    at: (id) => drawn.find(({ properties }) => String(properties.id) === String(id))?.marker,
    choose(ids) {
      chosen = new Set([...ids].map(String));
      for (const { marker, properties } of drawn) {
        const mark = marker.getElement();
        mark?.classList.toggle("is-chosen", chosen.has(String(properties.id)));
      }
    },
  };
}
