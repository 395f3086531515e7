/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} label
 * @property {string} client module in this folder
 * @property {object} [options] for its `open`
 */

/** Everything is compared with this one. */
export const FLOOR = 'undici';

/** @type {readonly Case[]} */
export const CASES = [
  { name: FLOOR, label: 'undici.request, Pool 50 (floor)', client: 'undici-request' },
  { name: 'dispatch', label: 'undici dispatch, bare handler', client: 'undici-dispatch' },
  { name: 'algo-normal', label: 'our road, SQLite without fsync', client: 'algo', options: { store: 'normal' } },
  { name: 'algo-full', label: 'our road, SQLite with fsync', client: 'algo', options: { store: 'full' } },
  { name: 'algo-memory', label: 'our road, memory store', client: 'algo', options: { store: 'memory' } },
  { name: 'axios', label: 'axios, keep-alive agent 50', client: 'axios' },
  { name: 'kiteconnect', label: 'kiteconnect', client: 'kiteconnect' },
  { name: 'smartapi', label: 'smartapi-javascript', client: 'smartapi' },
  { name: 'xts', label: 'xts-interactive-api', client: 'xts' },
];

/** Cases whose journal must hold every order of the run. */
export const OURS = { normal: 'algo-normal', full: 'algo-full' };

/** @param {string} client */
export const openClient = async (client, options) => (await import(`./${client}.js`)).open(options);
