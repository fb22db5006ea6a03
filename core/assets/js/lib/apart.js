// Points of a map kept so far apart that a finger can press each: WCAG 2.5.8 asks for 24 px.

/** The least distance between two points that are drawn, in pixels. */
export const LEAST = 28;
const TURN = 2 * Math.PI;

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

/** Groups of what lies closer than LEAST to the first of each: [{at, features}]; no two `at` are closer than that. */
function grouped(features, project) {
  const groups = [];
  const cells = new Map();
  for (const feature of features) {
    const at = project(feature.geometry.coordinates);
    const [column, row] = [Math.floor(at.x / LEAST), Math.floor(at.y / LEAST)];
    let found = null;
    for (let x = column - 1; x <= column + 1 && !found; x += 1) {
      for (let y = row - 1; y <= row + 1 && !found; y += 1) {
        found = cells.get(`${x},${y}`)?.find((group) => distance(group.at, at) < LEAST) ?? null;
      }
    }
    if (found) {
      found.features.push(feature);
    } else {
      const group = { at, features: [feature] };
      groups.push(group);
      const cell = `${column},${row}`;
      cells.set(cell, [...(cells.get(cell) ?? []), group]);
    }
  }
  return groups;
}

/** What stands for several: how many there are, which, and whether something dangerous is among them. */
function together({ features }) {
  const all = features.map(({ properties }) => properties);
  const ids = features.flatMap(({ id, properties }) => properties.ids ?? (id === undefined ? [] : [String(id)]));
  return {
    ...features[0],
    id: undefined,
    properties: {
      count: all.reduce((sum, { count }) => sum + (count ?? 1), 0),
      ids,
      ...(all.some(({ status }) => status === "danger") && { status: "danger" }),
    },
  };
}

/** Each of a group for itself, on circles around the place, LEAST from each other. */
function around({ at, features }, unproject) {
  const spread = [];
  let [circle, left] = [1, [...features]];
  while (left.length) {
    const radius = circle * LEAST;
    const room = Math.max(1, Math.floor(TURN / (2 * Math.asin(Math.min(1, LEAST / (2 * radius))))));
    const here = left.splice(0, room);
    here.forEach((feature, n) => {
      const angle = (TURN * n) / here.length;
      const coordinates = unproject({ x: at.x + radius * Math.cos(angle), y: at.y + radius * Math.sin(angle) });
      spread.push({ ...feature, geometry: { ...feature.geometry, coordinates } });
    });
    circle += 1;
  }
  return spread;
}

/**
 * `features` as they are drawn: what is apart as it is; what is not as one count, which a press looks closer at, or
 * (`closest`: there is no closer) in circles. `project` makes [lon, lat] into {x, y} of pixels, `unproject` the reverse.
 */
export function apart(features, { project, unproject, closest }) {
  return grouped(features, project).flatMap((group) => {
    if (group.features.length === 1) return group.features;
    const single = group.features.every(({ properties }) => !properties.count);
    return closest && single ? around(group, unproject) : [together(group)];
  });
}
