export type ConnectionQuality = 'EXCELLENT' | 'GOOD' | 'POOR' | 'CRITICAL';

/** Fewer calls in the window than this say nothing: three failures of five are not a bad hour. */
export const ENOUGH_CALLS = 20;

/** A better grade is shown after it held for so long, a worse one at once. */
export const BETTER_AFTER_MS = 60_000;

const ORDER = ['EXCELLENT', 'GOOD', 'POOR', 'CRITICAL'] as const satisfies readonly ConnectionQuality[];

/** Most share of failed calls (0 to 1) and longest p95 of each grade but the last. */
const LIMITS: readonly { readonly quality: ConnectionQuality; readonly errors: number; readonly p95Ms: number }[] = [
  { quality: 'EXCELLENT', errors: 0.01, p95Ms: 1_000 },
  { quality: 'GOOD', errors: 0.05, p95Ms: 5_000 },
  { quality: 'POOR', errors: 0.1, p95Ms: 10_000 },
];

const COLOURS: Readonly<Record<ConnectionQuality, 'green' | 'yellow' | 'red'>> = {
  EXCELLENT: 'green',
  GOOD: 'green',
  POOR: 'yellow',
  CRITICAL: 'red',
};

export function gradeOf(errorRate: number, p95Ms: number): ConnectionQuality {
  return LIMITS.find((grade) => errorRate <= grade.errors && p95Ms <= grade.p95Ms)?.quality ?? 'CRITICAL';
}

export function colourOf(quality: ConnectionQuality | null): 'green' | 'yellow' | 'red' | null {
  return quality === null ? null : COLOURS[quality];
}

/** What the traffic says now; `cut` when the connection is not connected or one of its breakers is open. */
export interface GradeFacts {
  readonly calls: number;
  readonly errorRate: number;
  readonly p95Ms: number;
  readonly cut: boolean;
}

export interface Grade {
  /** Null before any was given. */
  readonly quality: ConnectionQuality | null;
  /** True when there were too few calls lately, so that it is the last grade there was. */
  readonly stale: boolean;
}

/**
 * The grade as it is shown: worse at once, better only after the better one held for 60 s, and the last one, marked
 * stale, while there is too little traffic to say.
 */
export class GradeKeeper {
  /** What traffic said last. */
  #traffic: ConnectionQuality | null = null;
  #shown: ConnectionQuality | null = null;
  #stale = false;
  /** Since when, monotonic, it was at least as good as each grade; only those better than the one shown matter. */
  readonly #goodSince = [Infinity, Infinity, Infinity, Infinity];

  get grade(): Grade {
    return { quality: this.#shown, stale: this.#stale };
  }

  /** When a better grade that holds is shown, monotonic; never when none is on its way. */
  get nextChangeMs(): number {
    return Math.min(...this.#goodSince.slice(0, rankOf(this.#shown))) + BETTER_AFTER_MS;
  }

  judge({ calls, errorRate, p95Ms, cut }: GradeFacts, nowMs: number): Grade {
    const enough = calls >= ENOUGH_CALLS;
    if (enough) this.#traffic = gradeOf(errorRate, p95Ms);
    const now = cut ? 'CRITICAL' : this.#traffic;
    this.#note(rankOf(now), nowMs);
    if (this.#shown === null || rankOf(now) >= rankOf(this.#shown)) this.#shown = now;
    else this.#shown = this.#betterHeldSince(nowMs, now);
    this.#stale = this.#shown !== null && !enough && !cut;
    return this.grade;
  }

  #note(rank: number, nowMs: number): void {
    for (let better = 0; better < this.#goodSince.length; better += 1) {
      this.#goodSince[better] = rank > better ? Infinity : Math.min(nowMs, this.#goodSince[better]!);
    }
  }

  /** The best of the grades between what is shown and what is now that has held long enough. */
  #betterHeldSince(nowMs: number, now: ConnectionQuality | null): ConnectionQuality | null {
    const shown = rankOf(this.#shown);
    const held = this.#goodSince.findIndex((since) => nowMs - since >= BETTER_AFTER_MS);
    if (held === -1 || held >= shown) return this.#shown;
    return now === null ? null : ORDER[held]!;
  }
}

/** 0 is best. No grade yet ranks with the best: nothing bad is known. */
const rankOf = (quality: ConnectionQuality | null): number => (quality === null ? 0 : ORDER.indexOf(quality));
