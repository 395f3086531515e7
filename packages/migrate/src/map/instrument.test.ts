import { expect, test } from 'vitest';
import { instrumentFrom } from './instrument.js';

test.each([
  ['RELIANCE', 'NSE:RELIANCE'],
  ['RELIANCE.NS', 'NSE:RELIANCE'],
  ['reliance.ns', 'NSE:RELIANCE'],
  ['RELIANCE-EQ', 'NSE:RELIANCE'],
  ['RELIANCE-EQ.NS', 'NSE:RELIANCE'],
  ['IDEA-BE', 'NSE:IDEA'],
  ['BAJAJ-AUTO', 'NSE:BAJAJ-AUTO'],
  ['M&M', 'NSE:M&M'],
  ['500325.BO', 'BSE:500325'],
  ['NSE:SBIN', 'NSE:SBIN'],
  ['NFO:NIFTY:2026-11-24:26000:CE', 'NFO:NIFTY:2026-11-24:26000:CE'],
])('%s is %s', (printed, wanted) => {
  expect(instrumentFrom(printed, 'NSE')).toBe(wanted);
});

test('takes the exchange it is given for a symbol that does not say', () => {
  expect(instrumentFrom('SENSEX1', 'BSE')).toBe('BSE:SENSEX1');
  expect(instrumentFrom('TCS.NS', 'BSE')).toBe('NSE:TCS');
});

test.each(['', '.NS', '-EQ', 'A B', 'A.B', 'NYSE:IBM', 'NSE:', 'NSE:<b>', 'A'.repeat(33), 'Ä'])(
  '%s is none',
  (printed) => {
    expect(instrumentFrom(printed, 'NSE')).toBeNull();
  },
);
