/**
 * When to try a failed request again.
 *
 * @param {number} attempt failures so far, from 1
 * @param {{retryAfter?: string|null, random?: () => number, base?: number, cap?: number}} options
 *   `retryAfter` is the header's value in seconds (dates are ignored)
 * @returns {number} milliseconds; full jitter on the upper half, so that phones do not come back in step
 */
export function delay(attempt, { retryAfter = null, random = Math.random, base = 1000, cap = 30000 } = {}) {
  const asked = Number(retryAfter);
  if (retryAfter !== null && Number.isFinite(asked) && asked >= 0) return Math.min(cap, asked * 1000);
  const full = Math.min(cap, base * 2 ** (attempt - 1));
  return full / 2 + (random() * full) / 2;
}

/** Is an answer worth another try? Network failures (status 0), overload and server faults are. */
export const isTransient = (status) => status === 0 || status === 408 || status === 429 || status >= 500;
