/**
 * Areas that meet exactly: where two of them touch they have the same vertices. Who lies beside whom, which vertices
 * they share, and small pictures of them. GeoJSON features with polygons in degrees; no DOM, no map.
 */

const nameOf = (position) => `${position[0]},${position[1]}`;

/** The name of an edge whichever way it is walked. */
const edgeName = (from, to) => (from < to ? `${from}|${to}` : `${to}|${from}`);

function* edgesOf(feature) {
  for (const ring of feature.geometry.coordinates)
    for (let index = 1; index < ring.length; index++)
      yield edgeName(nameOf(ring[index - 1]), nameOf(ring[index]));
}

/** Edge name → ids of the features that have it. */
function holders(features) {
  const held = new Map();
  for (const feature of features)
    for (const edge of edgesOf(feature)) {
      const known = held.get(edge);
      if (known) known.push(feature.id);
      else held.set(edge, [feature.id]);
    }
  return held;
}

/**
 * @param {object[]} features
 * @returns {Map<any, Set<any>>} for each id the ids beside it; a corner in common does not count
 */
export function neighbours(features) {
  const beside = new Map(features.map(({ id }) => [id, new Set()]));
  for (const ids of holders(features).values())
    for (const one of ids) for (const other of ids) if (one !== other) beside.get(one).add(other);
  return beside;
}

/**
 * Ids of the features of one cover that touch a piece of it along an edge, without the one it lies in.
 *
 * @param {object} piece a feature whose edges are edges of the cover where it reaches a border
 * @param {object[]} cover
 * @param {any} home id of the feature that the piece is part of
 */
export function besides(piece, cover, home) {
  const edges = new Set(edgesOf(piece));
  return cover
    .filter((feature) => feature.id !== home && [...edgesOf(feature)].some((edge) => edges.has(edge)))
    .map(({ id }) => id);
}

/**
 * The vertices at which the border of a feature can be moved: shared with a neighbour and not on the outer boundary.
 *
 * @returns {[number, number][]} longitude and latitude, each once
 */
export function sharedVertices(features, id) {
  const outer = new Set();
  for (const [edge, ids] of holders(features))
    if (ids.length === 1) for (const end of edge.split("|")) outer.add(end);
  const found = new Map();
  for (const feature of features) {
    if (feature.id !== id) continue;
    for (const ring of feature.geometry.coordinates)
      for (const position of ring) {
        const name = nameOf(position);
        if (!outer.has(name)) found.set(name, [position[0], position[1]]);
      }
  }
  return [...found.values()];
}

/** West, south, east, north of features; null without any. */
export function extentOf(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { geometry } of features)
    for (const ring of geometry.coordinates)
      for (const [lon, lat] of ring) {
        if (lon < box[0]) box[0] = lon;
        if (lat < box[1]) box[1] = lat;
        if (lon > box[2]) box[2] = lon;
        if (lat > box[3]) box[3] = lat;
      }
  return features.length ? box : null;
}

/**
 * A small picture of a cover: a path for each feature inside `width` × `height`, north up, to scale.
 *
 * @param {object[]} features
 * @param {{width: number, height: number, box?: number[]}} frame `box` = the same extent for several pictures
 * @returns {{id: any, d: string}[]}
 */
export function picture(features, { width, height, box = extentOf(features) }) {
  if (!box) return [];
  const [west, south, east, north] = box;
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(width / ((east - west) * squeeze), height / (north - south));
  const left = (width - (east - west) * squeeze * scale) / 2;
  const top = (height - (north - south) * scale) / 2;
  const place = ([lon, lat]) =>
    `${(left + (lon - west) * squeeze * scale).toFixed(1)} ${(top + (north - lat) * scale).toFixed(1)}`;
  return features.map(({ id, geometry }) => ({
    id,
    d: geometry.coordinates.map((ring) => `M${ring.map(place).join("L")}Z`).join(""),
  }));
}
