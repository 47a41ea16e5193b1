/** Choosing a place: tap sets the pin, dragging or arrow keys move it. */

const PIN = `<svg viewBox="-22 -44 44 48" width="44" height="48" aria-hidden="true" focusable="false">
<ellipse cx="0" cy="0" rx="7" ry="2.6" class="f-soft" opacity=".35"/>
<path d="M0 0C-3 -9 -14 -15 -14 -27A14 14 0 1 1 14 -27C14 -15 3 -9 0 0Z" class="f-accent s-card" stroke-width="2"/>
<circle cx="0" cy="-27" r="5" class="f-card"/></svg>`;

/** The pin of a chosen place, its tip on the place. */
export const pinIcon = () =>
  new L.DivIcon({ className: "gw-pin", html: PIN, iconSize: [44, 48], iconAnchor: [22, 44] });

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {L.Map} map
 * @param {{lat: number, lon: number}|null} start null = the middle of the view
 * @param {{onChange?: (at: {lat: number, lon: number}) => void, label: string}} options
 * @returns {{get(): {lat: number, lon: number}, set(at: {lat: number, lon: number}): void, focus(): void, stop(): void}}
 */
export function startPicker(map, start, { onChange = () => {}, label, centre }) {
  const at = start ? L.latLng(start.lat, start.lon) : centre();
  const marker = new L.Marker(at, {
    draggable: true,
    autoPan: true,
    keyboard: true,
    icon: pinIcon(),
    zIndexOffset: 1000,
  });
  const position = () => {
    const { lat, lng } = marker.getLatLng();
    return { lat, lon: lng };
  };
  const moveTo = (latlng) => {
    marker.setLatLng(latlng);
    onChange(position());
  };
  const onTap = (event) => moveTo(event.latlng);
  const onKey = (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const length = event.shiftKey ? 32 : 4;
    const point = map.latLngToContainerPoint(marker.getLatLng()).add([step[0] * length, step[1] * length]);
    moveTo(map.containerPointToLatLng(point));
    map.panInside(marker.getLatLng(), { padding: [48, 48], animate: false });
  };
  marker.addTo(map);
  const element = marker.getElement();
  element.setAttribute("role", "application");
  element.setAttribute("aria-label", label);
  element.addEventListener("keydown", onKey);
  marker.on("drag", () => onChange(position()));
  map.on("click", onTap);
  map.getContainer().classList.add("gw-picking");
  onChange(position());
  return {
    get: position,
    set: ({ lat, lon }) => moveTo(L.latLng(lat, lon)),
    focus: () => element.focus(),
    stop() {
      map.off("click", onTap);
      map.getContainer().classList.remove("gw-picking");
      marker.remove();
    },
  };
}
