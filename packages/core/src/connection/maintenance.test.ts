import { expect, test } from 'vitest';
import type { MaintenanceWindow } from '../contract/broker-definition.js';
import { formatIst, parseIst } from '../domain/time.js';
import { maintenanceEndsMs, maintenanceProblems } from './maintenance.js';

const ist = (text: string): number => parseIst(text) ?? Number.NaN;
const endAt = (windows: readonly MaintenanceWindow[], at: string): string | null => {
  const endMs = maintenanceEndsMs(windows, ist(at));
  return endMs === null ? null : formatIst(endMs);
};

const NIGHTLY: MaintenanceWindow = { from: '00:00', to: '05:30' };
const LATE: MaintenanceWindow = { from: '23:30', to: '01:00' };
const SATURDAYS: MaintenanceWindow = { from: '22:00', to: '02:00', days: ['sat'] };

test.each([
  [[NIGHTLY], '2026-11-20 00:00:00', '2026-11-20 05:30:00'],
  [[NIGHTLY], '2026-11-20 05:29:59', '2026-11-20 05:30:00'],
  [[NIGHTLY], '2026-11-20 05:30:00', null],
  [[NIGHTLY], '2026-11-20 23:59:59', null],
  [[LATE], '2026-11-20 23:45:00', '2026-11-21 01:00:00'],
  [[LATE], '2026-11-21 00:59:00', '2026-11-21 01:00:00'],
  [[LATE, NIGHTLY], '2026-11-20 23:45:00', '2026-11-21 05:30:00'], // one follows the other
  [[SATURDAYS], '2026-11-21 23:00:00', '2026-11-22 02:00:00'],
  [[SATURDAYS], '2026-11-22 01:00:00', '2026-11-22 02:00:00'], // began on Saturday
  [[SATURDAYS], '2026-11-22 23:00:00', null],
  [[SATURDAYS], '2026-11-21 01:00:00', null],
  [[], '2026-11-20 03:00:00', null],
] as const)('%j at %s ends at %s', (windows, at, end) => {
  expect(endAt(windows, at)).toBe(end);
});

test('windows around the clock end all the same', () => {
  const halves: readonly MaintenanceWindow[] = [
    { from: '00:00', to: '12:00' },
    { from: '12:00', to: '00:00' },
  ];
  expect(endAt(halves, '2026-11-20 13:00:00')).not.toBeNull();
});

test('a window that is none is told with its place', () => {
  const problems = maintenanceProblems('maintenance', [NIGHTLY, { from: '5:30', to: '06:00' }, { ...LATE, days: [] }]);
  expect(problems.map(({ field }) => field)).toEqual(['maintenance[1]', 'maintenance[2].days']);
});
