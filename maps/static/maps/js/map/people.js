/** People on the map: a walker with a name, the circle of the accuracy, and whether the position is of just now. */

const WALKER = `<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
<circle cx="13" cy="4" r="2.2"/><path d="M13 8l-3 6 3 2 1 5M10 14l-3 7M13 8l-4 2-1 4M13 9l2 3 3 1"/></svg>`;
const VAGUE = 15; // metres: a smaller circle would hide behind the figure

/**
 * Keeps people on a map.
 *
 * @param {object} map from createMap
 * @param {{onChoose: (id: number) => void}} handlers
 * @returns {{show(people: {id: number, name: string, label: string, lon: number, lat: number, accuracy: number|null,
 *   old: boolean}[]): void}} `label` says name, age and accuracy to who does not see it
 */
export function peopleOnMap(map, { onChoose }) {
  const { leaflet } = map;
  const shown = new Map();

  function add(person) {
    const name = document.createElement("span");
    name.className = "gw-person-name";
    const figure = document.createElement("span");
    figure.className = "gw-person-figure";
    figure.innerHTML = WALKER;
    const html = document.createElement("div");
    html.append(figure, name);
    const icon = new L.DivIcon({ className: "gw-person", html, iconSize: [44, 44], iconAnchor: [22, 22] });
    const marker = new L.Marker([person.lat, person.lon], { icon, keyboard: true, zIndexOffset: 800 });
    marker.addTo(leaflet);
    marker.on("click", () => onChoose(person.id));
    const circle = new L.Circle([person.lat, person.lon], {
      radius: 0,
      className: "gw-person-circle",
      weight: 1,
      interactive: false,
    }).addTo(leaflet);
    return { marker, circle, name };
  }

  return {
    show(people) {
      const present = new Set(people.map(({ id }) => id));
      for (const [id, { marker, circle }] of shown)
        if (!present.has(id)) {
          marker.remove();
          circle.remove();
          shown.delete(id);
        }
      for (const person of people) {
        if (!shown.has(person.id)) shown.set(person.id, add(person));
        const { marker, circle, name } = shown.get(person.id);
        marker.setLatLng([person.lat, person.lon]);
        circle.setLatLng([person.lat, person.lon]);
        circle.setRadius(person.accuracy > VAGUE ? person.accuracy : 0);
        name.textContent = person.name;
        const element = marker.getElement();
        element.classList.toggle("old", person.old);
        element.setAttribute("aria-label", person.label);
      }
    },
  };
}
