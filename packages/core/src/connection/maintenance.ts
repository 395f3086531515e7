import type { MaintenanceWindow } from '../contract/broker-definition.js';
import { istMinuteOfDay, istWeekday, startOfDay } from '../domain/ist-day.js';
import type { InputProblem } from '../errors/codes.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/**
 * When the maintenance window ends that this instant lies in, epoch milliseconds; null outside of all. Windows that
 * overlap or touch count as one.
 */
export function maintenanceEndsMs(windows: readonly MaintenanceWindow[], atMs: number): number | null {
  let endMs: number | null = null;
  for (let round = 0; round <= windows.length; round += 1) {
    const ends = windows.map((window) => endOf(window, endMs ?? atMs)).filter((end) => end !== null);
    if (ends.length === 0) return endMs;
    endMs = Math.max(...ends);
  }
  return endMs; // they follow each other without a gap: for ever is as good as the first round
}

/** What is wrong with windows that a host or a broker package declared. */
export function maintenanceProblems(field: string, windows: readonly MaintenanceWindow[]): readonly InputProblem[] {
  return windows.flatMap(({ from, to, days }, at) => {
    const where = `${field}[${at}]`;
    const times = TIME_OF_DAY.test(from) && TIME_OF_DAY.test(to) && from !== to;
    const known = days === undefined || (days.length > 0 && days.every((day) => WEEKDAYS.includes(day)));
    return [
      ...(times ? [] : [{ field: where, problem: 'must go from one HH:MM (IST) to another' }]),
      ...(known ? [] : [{ field: `${where}.days`, problem: `must name days among ${WEEKDAYS.join(', ')}` }]),
    ];
  });
}

/** End of this one, if the instant lies in it; a window that began yesterday may last beyond midnight. */
function endOf({ from, to, days }: MaintenanceWindow, atMs: number): number | null {
  const lengthMs = ((minuteOf(to) - minuteOf(from) + DAY_MINUTES) % DAY_MINUTES) * MINUTE_MS;
  const minutesSince = (istMinuteOfDay(atMs) - minuteOf(from) + DAY_MINUTES) % DAY_MINUTES;
  const dayMs = istMinuteOfDay(atMs) < minuteOf(from) ? atMs - DAY_MS : atMs;
  if (minutesSince * MINUTE_MS >= lengthMs) return null;
  if (days !== undefined && !days.includes(weekdayOf(dayMs))) return null;
  return startOfDay(dayMs) + minuteOf(from) * MINUTE_MS + lengthMs;
}

const DAY_MINUTES = 1_440;
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const weekdayOf = (atMs: number): (typeof WEEKDAYS)[number] => WEEKDAYS[istWeekday(atMs)] ?? 'sun';

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
