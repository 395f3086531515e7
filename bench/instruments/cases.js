/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} label
 * @property {'dhan' | 'angel'} layout
 * @property {string} loader module in `loaders/` that exports `load(file)`
 * @property {string} [needs] package without which the case is left out
 */

/** Every number is compared with the floor of the same layout and round. */
export const FLOORS = { dhan: 'dhan-split', angel: 'angel-parse' };
export const OURS = { dhan: 'dhan-algo', angel: 'angel-algo' };

/** @type {readonly Case[]} */
export const CASES = [
  { name: 'dhan-algo', label: 'Dhan, @algo', layout: 'dhan', loader: 'algo-dhan' },
  { name: 'dhan-split', label: 'Dhan, hand split loop', layout: 'dhan', loader: 'split' },
  { name: 'dhan-papaparse', label: 'Dhan, papaparse', layout: 'dhan', loader: 'papaparse', needs: 'papaparse' },
  { name: 'dhan-csv-parse', label: 'Dhan, csv-parse', layout: 'dhan', loader: 'csv-parse', needs: 'csv-parse' },
  { name: 'angel-algo', label: 'Angel, @algo', layout: 'angel', loader: 'algo-angel' },
  { name: 'angel-parse', label: 'Angel, JSON.parse + maps', layout: 'angel', loader: 'json-parse' },
];
