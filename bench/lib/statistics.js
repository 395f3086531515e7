/**
 * @typedef {{ readonly min: number, readonly median: number, readonly max: number }} Spread
 */

/**
 * @param {ArrayLike<number>} values
 * @param {number} share 0.5 for the median, 0.99 for p99
 */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** @param {readonly number[]} values @returns {Spread} */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted[sorted.length - 1] };
}

/** `0.86 / 0.93 / 1.33` @param {Spread} spread */
export const shownSpread = ({ min, median, max }, digits = 2) =>
  [min, median, max].map((value) => value.toFixed(digits)).join(' / ');
