// What a town announces, on a map: a line or an area in a pattern of its own, and a mark that can be pressed or
// reached by the keyboard. Each feature has {kind, title, begun, point: [lon, lat]}.
import { DivIcon, FeatureGroup, GeoJSON, Marker, Popup } from "leaflet";

const TOUCH = 44;
const KINDS = ["works", "diversion", "cut", "alert"];

function classOf(kind) {
  return KINDS.includes(kind) ? `notice-${kind}` : "";
}

function isArea({ geometry }) {
  return /Polygon/.test(geometry?.type);
}

/** Draws shapes; `features` is what GeoJSON takes. The line is drawn twice: a pale bed, then the pattern. */
export function drawShapes(features, kindOf) {
  const group = new FeatureGroup();
  for (const layer of ["notice-bed", "notice-edge"]) {
    new GeoJSON(features, {
      interactive: false,
      style: (feature) => ({ className: `${layer} ${classOf(kindOf(feature))}${isArea(feature) ? " is-area" : ""}` }),
      // A stray point among the shapes is not a place that is announced.
      filter: (feature) => /Polygon|LineString/.test((feature.geometry ?? feature).type),
    }).addTo(group);
  }
  return group;
}

function card({ id, properties }, { open, look }) {
  const box = document.createElement("div");
  box.className = "stack stack-tight";
  const title = document.createElement("p");
  title.textContent = properties.title;
  const link = document.createElement("a");
  link.href = open.replace("ID", encodeURIComponent(id));
  link.textContent = look;
  link.className = "btn btn-line";
  box.append(title, link);
  return box;
}

/** Shows the notices that `source` answers; `open` is their page's address with ID in it, `look` its link's words. */
export async function showNotices(map, source, { open, look }) {
  let body;
  try {
    const answer = await fetch(source);
    if (!answer.ok) return null;
    body = await answer.json();
  } catch {
    // No network: the list beside the map says the same.
    return null;
  }
  const group = drawShapes(body, ({ properties }) => properties.kind);
  for (const feature of body.features) {
    const { kind, title, point } = feature.properties;
    const marker = new Marker([point[1], point[0]], {
      icon: new DivIcon({ className: `notice-point ${classOf(kind)}`, html: "<span></span>", iconSize: [TOUCH, TOUCH] }),
      title,
      alt: title,
      // Above the points of reports: there are few of these.
      zIndexOffset: 1000,
      riseOnHover: true,
    });
    marker.on("click keypress", ({ type, originalEvent }) => {
      if (type === "keypress" && originalEvent.key !== "Enter") return;
      const box = card(feature, { open, look });
      const popup = new Popup({ offset: [0, -8] }).setLatLng(marker.getLatLng()).setContent(box).openOn(map);
      box.querySelector("a").focus({ preventScroll: true });
      popup.on("remove", () => marker.getElement()?.focus({ preventScroll: true }));
    });
    marker.addTo(group);
    marker.getElement()?.setAttribute("aria-label", title);
  }
  group.addTo(map);
  return group;
}
