/**
 * @typedef {object} Fault
 * @property {string} name as the stub knows it
 * @property {string} label
 * @property {'not-sent' | 'rejected' | 'unknown'} truth what a caller can know: nothing was sent, the broker said no, or nobody can tell
 */

/** @type {readonly Fault[]} */
export const FAULTS = [
  { name: 'refused', label: 'refused, nothing sent', truth: 'not-sent' },
  { name: 'reset', label: 'reset after sending', truth: 'unknown' },
  { name: 'close', label: 'closed after sending', truth: 'unknown' },
  { name: 'silent', label: 'no answer', truth: 'unknown' },
  { name: 'cut', label: 'answer cut off', truth: 'unknown' },
  { name: 'status-500', label: '500', truth: 'unknown' },
  { name: 'status-503', label: '503', truth: 'unknown' },
  { name: 'refusal', label: '400, broker says no', truth: 'rejected' },
  { name: 'html', label: '200 with a web page', truth: 'unknown' },
  { name: 'no-order-id', label: '200 without an order id', truth: 'unknown' },
];
