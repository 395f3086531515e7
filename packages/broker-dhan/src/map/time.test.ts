import { expect, test } from 'vitest';
import { dayFirstMs, wallClockMs } from './time.js';

test('order times are IST at the live hosts and UTC in the sandbox', () => {
  expect(wallClockMs('2025-02-16 16:04:37', 'IST')).toBe(Date.UTC(2025, 1, 16, 10, 34, 37));
  expect(wallClockMs('2025-02-16 16:04:37', 'UTC')).toBe(Date.UTC(2025, 1, 16, 16, 4, 37));
});

test.each([null, '', 'NA', '0001-01-01 00:00:00', '2025-13-01 00:00:00', '16/02/2025 16:04'])(
  '%s is no time',
  (text) => {
    expect(wallClockMs(text, 'IST')).toBeNull();
    expect(wallClockMs(text, 'UTC')).toBeNull();
  },
);

test('dates with the day first are IST', () => {
  expect(dayFirstMs('30/03/2025 15:37')).toBe(Date.UTC(2025, 2, 30, 10, 7));
  expect(dayFirstMs('20/11/2026 10:15:01')).toBe(Date.UTC(2026, 10, 20, 4, 45, 1));
});

test.each([null, 'NA', '01/01/1980 00:00:00', '31/02/2026 10:00', '2026-11-20 10:00'])('%s is no such date', (text) => {
  expect(dayFirstMs(text)).toBeNull();
});
