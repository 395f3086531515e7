/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {string} label
 * @property {readonly string[]} packages loaded one after another
 * @property {'import' | 'require'} by
 */

const both = (name, label, packages) => [
  { name: `${name}-import`, label: `${label}, import`, packages, by: 'import' },
  { name: `${name}-require`, label: `${label}, require`, packages, by: 'require' },
];

/** What ours is compared with: the two libraries that it cannot do without. */
export const FLOOR = 'floor';
export const OURS = 'ours';

/** @type {readonly Variant[]} */
export const VARIANTS = [
  ...both(FLOOR, 'undici + zod', ['undici', 'zod']),
  ...both(OURS, '@algo/core + @algo/broker-dhan', ['@algo/core', '@algo/broker-dhan']),
  ...both('core', '@algo/core alone', ['@algo/core']),
  { name: 'axios', label: 'axios, import', packages: ['axios'], by: 'import' },
  { name: 'kiteconnect', label: 'kiteconnect, require', packages: ['kiteconnect'], by: 'require' },
  { name: 'smartapi', label: 'smartapi-javascript, require', packages: ['smartapi-javascript'], by: 'require' },
  { name: 'xts', label: 'xts-interactive-api, require', packages: ['xts-interactive-api'], by: 'require' },
];
