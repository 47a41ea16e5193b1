/** Zoom range and extent of the tile sources, from the page or from their TileJSON 3.0. */

/**
 * @param {object[]} layers as given to createMap; those that are `live` have no tiles
 * @param {string} prefix
 * @returns {Promise<object[]>} one config per source; a TileJSON that cannot be read leaves the defaults
 */
export function loadSources(layers, prefix) {
  const tiled = layers.filter(({ live }) => !live);
  return Promise.all(
    tiled.map(async (config) => {
      if (Number.isFinite(config.minzoom) && Number.isFinite(config.maxzoom)) return config;
      try {
        const response = await fetch(`${prefix}/${config.name}.json`, { credentials: "same-origin" });
        if (!response.ok) return config;
        const { minzoom, maxzoom, bounds } = await response.json();
        const known = Object.entries({ minzoom, maxzoom, bounds }).filter(([, value]) => value !== undefined);
        return { ...Object.fromEntries(known), ...config };
      } catch {
        return config;
      }
    }),
  );
}
