/** An optional raster base map; one in GCJ-02 or BD-09 is laid down so that it fits our WGS-84 data. */

import { pixelShift, tileCornerOnWgs84 } from "../lib/shift.js";
import { plain } from "./controls.js";

/**
 * Requests the tiles that show the view in the base map's own coordinates and puts each where its corners belong.
 * The tiles must be in the usual Web Mercator scheme (Amap, Tencent); Baidu's own tile scheme is another one, so
 * `bd09` fits only servers that cut BD-09 coordinates by the usual scheme.
 */
export class ShiftedTileLayer extends L.TileLayer {
  /** @override Leaflet's hook: which pixels of the tile scheme are in view */
  _getTiledPixelBounds(centre) {
    const bounds = super._getTiledPixelBounds(centre);
    const { lng, lat } = centre;
    const shift = L.point(pixelShift(lng, lat, this._tileZoom, this.options.crs));
    return L.bounds(bounds.min.add(shift), bounds.max.add(shift));
  }

  /** @override Leaflet's hook: where a tile goes */
  _getTilePos(coords) {
    return this.#corner(coords.x, coords.y, coords.z).subtract(this._level.origin);
  }

  /** @override Leaflet's hook: neighbours share an edge, so a tile is as large as its corners say */
  _addTile(coords, container) {
    super._addTile(coords, container);
    const tile = this._tiles[this._tileCoordsToKey(coords)]?.el;
    if (!tile) return;
    const size = this.#corner(coords.x + 1, coords.y + 1, coords.z).subtract(
      this.#corner(coords.x, coords.y, coords.z),
    );
    tile.style.width = `${size.x}px`;
    tile.style.height = `${size.y}px`;
  }

  #corner(x, y, z) {
    return L.point(tileCornerOnWgs84(x, y, z, this.options.crs)).round();
  }
}

/**
 * @param {{url: string, attribution?: string, approval?: string, crs?: "wgs84"|"gcj02"|"bd09", minZoom?: number,
 *   maxZoom?: number, subdomains?: string|string[], tms?: boolean}} base `approval` = 审图号 of a public map
 * @param {{approval: string}} text
 * @returns {L.TileLayer}
 */
export function baseLayer(base, text) {
  const credits = [base.attribution, base.approval && `${text.approval} ${base.approval}`].filter(Boolean);
  return new ShiftedTileLayer(base.url, {
    crs: base.crs ?? "wgs84",
    attribution: credits.map(plain).join(" · "),
    minZoom: 0,
    minNativeZoom: base.minZoom ?? 3,
    maxNativeZoom: base.maxZoom ?? 18,
    maxZoom: 22,
    subdomains: base.subdomains ?? "abc",
    tms: base.tms ?? false,
    noWrap: true,
    pane: "gw-base",
  });
}
