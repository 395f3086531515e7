/**
 * @typedef {object} Case
 * @property {string} name
 * @property {'switch' | 'open' | 'black-hole-read' | 'black-hole-order'} kind which way it is measured
 * @property {string} label
 * @property {'read' | 'entry'} call
 * @property {string} [fault] of the first broker, as the server knows it
 */

/** @type {readonly Case[]} */
export const CASES = [
  { name: 'refused', kind: 'switch', call: 'read', fault: 'refused', label: 'quotes, refused' },
  { name: 'reset', kind: 'switch', call: 'read', fault: 'reset', label: 'quotes, reset after sending' },
  { name: 'status-503', kind: 'switch', call: 'read', fault: 'status-503', label: 'quotes, 503' },
  { name: 'entry-refused', kind: 'switch', call: 'entry', fault: 'refused', label: 'entry, refused' },
  { name: 'open-read', kind: 'open', call: 'read', label: 'quotes, breaker open' },
  { name: 'open-entry', kind: 'open', call: 'entry', label: 'entry, breaker open' },
  { name: 'black-hole-read', kind: 'black-hole-read', call: 'read', label: 'quotes, no answer' },
  { name: 'black-hole-order', kind: 'black-hole-order', call: 'entry', label: 'order, no answer' },
];
