import { expect, test } from 'vitest';
import { formatIst, parseIst } from '../domain/time.js';
import { isOfToday, mayBeListed, nextRefreshMs } from './refresh-policy.js';

const at = (ist: string): number => parseIst(ist) ?? Number.NaN;

test.each([
  ['2026-11-20 08:44:59', '2026-11-20 08:45:00'],
  ['2026-11-20 08:45:00', '2026-11-21 08:45:00'],
  ['2026-11-20 23:59:59', '2026-11-21 08:45:00'],
  ['2026-12-31 10:00:00', '2027-01-01 08:45:00'],
  ['2026-11-20 00:00:00', '2026-11-20 08:45:00'],
])('after %s the next refresh is at %s', (now, next) => {
  expect(formatIst(nextRefreshMs(at(now), '08:45') ?? 0)).toBe(next);
});

test('null turns it off, and so does what is no time of day', () => {
  expect([null, '', '24:00', '8:45', '08:60'].map((time) => nextRefreshMs(0, time))).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('a day is an IST day', () => {
  expect(isOfToday(at('2026-11-20 00:00:00'), at('2026-11-20 23:59:00'))).toBe(true);
  expect(isOfToday(at('2026-11-20 23:59:00'), at('2026-11-21 00:00:00'))).toBe(false);
});

test('a newer master is asked for what it could have: no junk, nothing expired', () => {
  const now = at('2026-11-24 15:00:00');
  expect(['NSE:NEW', 'NFO:NIFTY:2026-11-24:FUT', 'NSE:INDEX:NEW'].every((id) => mayBeListed(id, now))).toBe(true);
  expect(['RELIANCE', '', 'XYZ:A', 'NFO:NIFTY:2026-11-23:FUT'].some((id) => mayBeListed(id, now))).toBe(false);
});
