/**
 * Where the phone is, once.
 *
 * @param {{timeout?: number}} options ms
 * @returns {Promise<{lat: number, lon: number, accuracy: number}|null>} null when it is refused, impossible or slow
 */
export function currentPosition({ timeout = 8000 } = {}) {
  if (!navigator.geolocation || !window.isSecureContext) return Promise.resolve(null);
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy }),
      () => resolve(null),
      { enableHighAccuracy: true, timeout, maximumAge: 15_000 },
    );
  });
}
