/** At most `calls` in any `perMs` milliseconds of simulator time. */
export interface RateWindow {
  readonly calls: number;
  readonly perMs: number;
}

/** The windows of each family of calls; an empty list lets everything pass. */
export type RateWindows<Family extends string> = Readonly<Record<Family, readonly RateWindow[]>>;

/** The broker's own limits, none, or other windows for some families. */
export type RateLimitSetting<Family extends string> = 'on' | 'off' | Partial<RateWindows<Family>>;

export interface RateLimits<Family extends string> {
  /** Counts one call and says whether it may pass. Refused calls are not counted. */
  admit(who: string, family: Family, atMs: number): boolean;
}

export function createRateLimits<Family extends string>(
  setting: RateLimitSetting<Family>,
  documented: RateWindows<Family>,
): RateLimits<Family> {
  if (setting === 'off') return { admit: () => true };
  const windows = setting === 'on' ? documented : { ...documented, ...setting };
  const admitted = new Map<string, number[]>();

  return {
    admit(who, family, atMs) {
      const limits = windows[family];
      if (limits.length === 0) return true;
      const key = `${who}/${family}`;
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
