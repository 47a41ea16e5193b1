/**
 * The map view as a fragment of the address: `#zoom/latitude/longitude`.
 *
 * @typedef {{z: number, lat: number, lon: number}} View
 */

/** @returns {View|null} null when the text is no view inside the map's range */
export function parseView(hash) {
  const parts = String(hash ?? "")
    .replace(/^#/, "")
    .split("/");
  if (parts.length < 3 || parts.slice(0, 3).some((part) => part.trim() === "")) return null;
  const [z, lat, lon] = parts.slice(0, 3).map(Number);
  const fits = z >= 0 && z <= 22 && Math.abs(lat) <= 85.06 && Math.abs(lon) <= 180;
  return fits ? { z, lat, lon } : null;
}

/** Decimals grow with the zoom so that the address stays as short as a pixel allows. */
export function formatView({ z, lat, lon }) {
  const decimals = Math.max(2, Math.ceil((z * Math.LN2 + Math.log(256 / 360 / 0.5)) / Math.LN10));
  const zoom = Math.round(z * 100) / 100;
  return `#${zoom}/${lat.toFixed(decimals)}/${lon.toFixed(decimals)}`;
}
