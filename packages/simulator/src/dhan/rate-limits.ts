import { DAY_MS } from '../ist.js';
import type { DhanOptions, RateFamily, RateWindow } from './options.js';

type Windows = Readonly<Record<RateFamily, readonly RateWindow[]>>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Per account, from Dhan's documents of 2026-07-15. */
const DOCUMENTED: Windows = {
  order: [
    { calls: 10, perMs: SECOND_MS },
    { calls: 250, perMs: MINUTE_MS },
    { calls: 1_000, perMs: HOUR_MS },
    { calls: 7_000, perMs: DAY_MS },
  ],
  data: [
    { calls: 5, perMs: SECOND_MS },
    { calls: 100_000, perMs: DAY_MS },
  ],
  quote: [{ calls: 1, perMs: SECOND_MS }],
  'non-trading': [{ calls: 20, perMs: SECOND_MS }],
};

const NONE: Windows = { order: [], data: [], quote: [], 'non-trading': [] };

export interface RateLimits {
  /** Counts one call and says whether it may pass. Refused calls are not counted. */
  admit(clientId: string, family: RateFamily, atMs: number): boolean;
}

export function createRateLimits(setting: Required<DhanOptions>['rateLimits']): RateLimits {
  const windows = windowsOf(setting);
  const admitted = new Map<string, number[]>();

  return {
    admit(clientId, family, atMs) {
      const limits = windows[family];
      if (limits.length === 0) return true;
      const key = `${clientId}/${family}`;
      const times = admitted.get(key) ?? [];
      // A window is full when its oldest permitted call, counted from the newest, is still inside it.
      const isFull = limits.some(({ calls, perMs }) => (times.at(-calls) ?? Number.NEGATIVE_INFINITY) > atMs - perMs);
      if (isFull) return false;
      times.push(atMs);
      const kept = Math.max(...limits.map(({ calls }) => calls));
      if (times.length > 2 * kept) times.splice(0, times.length - kept);
      admitted.set(key, times);
      return true;
    },
  };
}

function windowsOf(setting: Required<DhanOptions>['rateLimits']): Windows {
  if (setting === 'off') return NONE;
  return setting === 'on' ? DOCUMENTED : { ...DOCUMENTED, ...setting };
}
