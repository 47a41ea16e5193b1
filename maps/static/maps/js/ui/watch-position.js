/** Where the phone is, again and again, as long as it is wanted. */

const OPTIONS = { enableHighAccuracy: true, maximumAge: 0, timeout: 20_000 };
/** A clock of positions that is farther off than this is none, in ms. */
const OFF = 86_400_000;

/**
 * @param {{onPosition: (position: object) => void, onError: (why: "refused"|"none"|"signal") => void}} handlers
 *   positions as lib/recording.js takes them; "none" where the browser gives none at all
 * @returns {{start(): void, stop(): void, readonly running: boolean}}
 */
export function watchPosition({ onPosition, onError }) {
  let watch = null;
  return {
    get running() {
      return watch !== null;
    },
    start() {
      if (watch !== null) return;
      if (!navigator.geolocation || !window.isSecureContext) {
        onError("none");
        return;
      }
      watch = navigator.geolocation.watchPosition(
        ({ coords, timestamp }) => {
          const now = Date.now();
          onPosition({
            time: Math.round(Math.abs(timestamp - now) < OFF ? timestamp : now),
            lon: coords.longitude,
            lat: coords.latitude,
            accuracy: coords.accuracy,
            speed: coords.speed,
            course: Number.isFinite(coords.heading) ? coords.heading : null,
            altitude: coords.altitude,
          });
        },
        ({ code }) => {
          if (code === 1) this.stop();
          onError(code === 1 ? "refused" : "signal");
        },
        OPTIONS,
      );
    },
    stop() {
      if (watch !== null) navigator.geolocation.clearWatch(watch);
      watch = null;
    },
  };
}
