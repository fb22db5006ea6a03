// One way to make a map. The element says everything:
//   data-tiles       address of the tiles ({z}/{x}/{y}), empty for none: the town is drawn all the same
//   data-attribution words owed to whoever made them
//   data-max-zoom    the last zoom that the tiles have
//   data-bounds      west,south,east,north of what to show first (degrees)
//   data-centre      lat,lon and data-zoom, instead of the bounds
//   data-outline     address of a GeoJSON collection: the town's edge (properties.kind "boundary") and its sectors
//   data-label       what the map is, for those who hear it; data-zoom-in, data-zoom-out: its two buttons
import { Control, GeoJSON, Map as LeafletMap, TileLayer } from "leaflet";

export const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function numbers(text) {
  const found = (text ?? "").split(",").map(Number);
  return found.length > 1 && found.every(Number.isFinite) ? found : null;
}

/** Draws the town's edge and its sectors from their address; a map without them is still a map. */
async function drawOutline(map, address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return;
    new GeoJSON(await answer.json(), {
      interactive: false,
      style: ({ properties }) => ({ className: properties.kind === "boundary" ? "town-edge" : "sector-edge" }),
    })
      .addTo(map)
      // It comes when it comes: what was drawn before it stays above it.
      .bringToBack();
  } catch {
    // No network: nothing to draw, nothing to say.
  }
}

/** Makes a Leaflet map of `element`; `options` go to Leaflet. */
export function makeMap(element, options = {}) {
  const { tiles, attribution, maxZoom, label, outline, zoomIn, zoomOut } = element.dataset;
  element.replaceChildren();
  const map = new LeafletMap(element, {
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
    inertia: !calm,
    maxZoom: 20,
    zoomControl: false,
    attributionControl: false,
    ...options,
  });
  new Control.Zoom({ zoomInTitle: zoomIn ?? "+", zoomOutTitle: zoomOut ?? "-" }).addTo(map);
  if (tiles) {
    const layer = new TileLayer(tiles, { maxZoom: 20, maxNativeZoom: Number(maxZoom) || 19 }).addTo(map);
    // Who made the map is named once a piece of it is seen: without network there is none to be owed for.
    layer.once("tileload", () => {
      if (attribution) new Control.Attribution({ prefix: false }).addTo(map).addAttribution(attribution);
    });
  }
  const centre = numbers(element.dataset.centre);
  const bounds = numbers(element.dataset.bounds);
  if (centre) map.setView(centre, Number(element.dataset.zoom) || 17);
  else if (bounds) {
    map.fitBounds([
      [bounds[1], bounds[0]],
      [bounds[3], bounds[2]],
    ]);
  } else map.setView([46.6, 2.4], 6);
  if (outline) drawOutline(map, outline);
  if (label) {
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", label);
  }
  return map;
}
