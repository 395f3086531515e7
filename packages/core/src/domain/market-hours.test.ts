import { expect, test } from 'vitest';
import { istMinuteOfDay, istWeekday, startOfDay } from './ist-day.js';
import { marketPhase, marketSession } from './market-hours.js';
import { formatIst, parseIst } from './time.js';
import type { Exchange } from './vocabulary.js';

const ist = (text: string): number => parseIst(text) ?? Number.NaN;

test.each([
  ['NSE', '2026-11-20 09:14:59', 'closed'],
  ['NSE', '2026-11-20 09:15:00', 'open'],
  ['NSE', '2026-11-20 15:29:59', 'open'],
  ['NSE', '2026-11-20 15:30:00', 'closed'],
  ['NFO', '2026-11-20 15:39:59', 'open'],
  ['NFO', '2026-11-20 15:40:00', 'closed'],
  ['NFO', '2026-07-31 15:35:00', 'closed'], // before the longer day of 2026-08-03
  ['CDS', '2026-11-20 16:59:00', 'open'],
  ['MCX', '2026-11-20 23:54:59', 'open'], // winter time in New York
  ['MCX', '2026-10-19 23:40:00', 'closed'], // summer time in New York
  ['MCX', '2026-11-02 23:40:00', 'open'], // the day after the clocks went back
  ['NSE', '2026-11-21 10:00:00', 'closed'], // a Saturday
  ['NSE', '2026-11-24 10:00:00', 'closed'], // Guru Nanak
  ['MCX', '2026-11-24 16:59:00', 'closed'],
  ['MCX', '2026-11-24 17:00:00', 'open'],
  ['MCX', '2026-12-25 18:00:00', 'closed'], // no evening on that one
  ['NSE', '2026-11-08 18:30:00', 'open'], // Muhurat, on a Sunday
  ['NSE', '2027-03-03 10:00:00', 'unknown'], // nobody has told the holidays of 2027
  ['NSE', '2027-03-03 08:00:00', 'closed'],
] as const)('%s at %s is %s', (exchange, at, phase) => {
  expect(marketPhase([exchange], ist(at))).toBe(phase);
});

test('a broker’s markets are open as long as one of them is', () => {
  const exchanges: readonly Exchange[] = ['NSE', 'MCX'];
  expect(marketPhase(exchanges, ist('2026-11-20 20:00:00'))).toBe('open');
  expect(marketPhase([], ist('2026-11-20 10:00:00'))).toBe('closed');
});

test('a session tells when it begins and ends', () => {
  const session = marketSession('NFO', ist('2026-11-20 03:00:00'));
  expect([session?.openMs, session?.closeMs].map((ms) => formatIst(ms ?? 0))).toEqual([
    '2026-11-20 09:15:00',
    '2026-11-20 15:40:00',
  ]);
  expect(marketSession('NSE', ist('2026-11-22 12:00:00'))).toBeNull();
});

test.each([
  ['2026-11-22 00:00:00', 0, 0],
  ['2026-11-20 23:59:59', 5, 1_439],
  ['2026-11-21 05:29:00', 6, 329],
])('%s lies where an IST clock shows it', (at, weekday, minute) => {
  expect(istWeekday(ist(at))).toBe(weekday);
  expect(istMinuteOfDay(ist(at))).toBe(minute);
  expect(formatIst(startOfDay(ist(at)))).toBe(`${at.slice(0, 10)} 00:00:00`);
});
