export type AlertKind = 'error-rate' | 'response-time' | 'auth-failures' | 'instruments' | 'disconnected';
export type AlertSeverity = 'warning' | 'critical';

/** Something a person should know. Raised once and resolved once, however long it lasts. */
export interface Alert {
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  /** What was measured when it was raised, and what it went over: a share, milliseconds or a count; 1 over 0 for `disconnected`. */
  readonly value: number;
  readonly threshold: number;
  /** Epoch milliseconds. */
  readonly raisedAtMs: number;
  readonly resolvedAtMs: number | null;
}

/** Over which value an alert is raised; null for never. */
export interface Threshold {
  readonly warning: number | null;
  readonly critical: number | null;
}

/** When alerts are raised. A part that is left out keeps its default. */
export interface HealthThresholds {
  /** Share of failed calls, 0 to 1, over 5 minutes and at least 20 calls. @default over 0.05 warning, over 0.1 critical */
  readonly errorRate?: Threshold;
  /** p95 of the response time in milliseconds, over the same calls. @default over 5000 warning, over 10000 critical */
  readonly responseMs?: Threshold;
  /** Log-ins and sessions that the broker refused within 5 minutes. @default over 3 warning */
  readonly authFailures?: Threshold;
  /** Instruments that were asked for and not found within 5 minutes. @default over 20 warning */
  readonly instrumentLookupFailures?: Threshold;
}

export const HEALTH_THRESHOLDS: Readonly<Required<HealthThresholds>> = {
  errorRate: { warning: 0.05, critical: 0.1 },
  responseMs: { warning: 5_000, critical: 10_000 },
  authFailures: { warning: 3, critical: null },
  instrumentLookupFailures: { warning: 20, critical: null },
};

/** What is measured now; null where nothing can be said, so that an alert stays as it is. */
export interface AlertFacts {
  readonly errorRate: number | null;
  readonly p95Ms: number | null;
  /** Whether there were calls enough to raise an alert by their rate or time; fewer may still resolve one. */
  readonly enoughCalls: boolean;
  readonly authFailures: number;
  readonly instrumentLookupFailures: number;
  /** How bad it is that there is no connection: `null` while there is one or nobody wants one, `unclear` while it connects. */
  readonly disconnected: AlertSeverity | 'unclear' | null;
}

export type AlertMove = { readonly kind: 'raised' | 'resolved'; readonly alert: Alert };

/** What an alert says goes away after it was gone for so long: a value at its threshold does not ring all day. */
export const RESOLVED_AFTER_MS = 60_000;

/** A measured value beside what it is held against. */
interface Reading {
  readonly value: number;
  readonly threshold: Threshold;
  readonly mayRaise: boolean;
}

interface Raised {
  readonly alert: Alert;
  /** Since when, monotonic, it would be less severe, or not raised at all. */
  lowSinceMs: number | null;
}

/**
 * The alerts of one connection. One that gets more severe is resolved and raised anew at once, so that every alert that
 * was raised is resolved exactly once; less severe, or gone, only when that held for 60 s.
 */
export class AlertBook {
  readonly #thresholds: Readonly<Required<HealthThresholds>>;
  #raised: Map<AlertKind, Raised> | null = null;

  constructor(thresholds: HealthThresholds = {}) {
    this.#thresholds = { ...HEALTH_THRESHOLDS, ...thresholds };
  }

  /** Those that are raised now. */
  get raised(): readonly Alert[] {
    return [...(this.#raised?.values() ?? [])].map(({ alert }) => alert);
  }

  /** When one may go away, monotonic. */
  get nextChangeMs(): number {
    const lows = [...(this.#raised?.values() ?? [])].map(({ lowSinceMs }) => lowSinceMs ?? Infinity);
    return Math.min(...lows) + RESOLVED_AFTER_MS;
  }

  /** What changed, in order. `now` is when, as wall and monotonic time. */
  judge(facts: AlertFacts, now: { readonly wallMs: number; readonly monotonicMs: number }): readonly AlertMove[] {
    const moves: AlertMove[] = [];
    for (const [kind, reading] of this.#readings(facts)) {
      const raised = this.#raised?.get(kind);
      if (reading === null || (raised === undefined && !reading.mayRaise)) continue;
      const severity = severityOf(reading);
      if (raised === undefined) {
        if (severity !== null) moves.push(this.#raise(kind, severity, reading, now.wallMs));
      } else if (this.#isOver(raised, severity, reading.mayRaise, now.monotonicMs)) {
        moves.push(this.#resolve(raised, now.wallMs));
        if (severity !== null) moves.push(this.#raise(kind, severity, reading, now.wallMs));
      }
    }
    return moves;
  }

  /** Nobody looks any more: whoever heard of one hears that it is over. */
  resolveAll(wallMs: number): readonly AlertMove[] {
    return [...(this.#raised?.values() ?? [])].map((raised) => this.#resolve(raised, wallMs));
  }

  #readings(facts: AlertFacts): readonly (readonly [AlertKind, Reading | null])[] {
    const { errorRate, p95Ms, enoughCalls, authFailures, instrumentLookupFailures, disconnected } = facts;
    const { errorRate: rate, responseMs, authFailures: auth, instrumentLookupFailures: lookups } = this.#thresholds;
    const gone = { value: disconnected === null ? 0 : 1, threshold: goneThreshold(disconnected), mayRaise: true };
    return [
      ['disconnected', disconnected === 'unclear' ? null : gone],
      ['error-rate', errorRate === null ? null : { value: errorRate, threshold: rate, mayRaise: enoughCalls }],
      ['response-time', p95Ms === null ? null : { value: p95Ms, threshold: responseMs, mayRaise: enoughCalls }],
      ['auth-failures', { value: authFailures, threshold: auth, mayRaise: true }],
      ['instruments', { value: instrumentLookupFailures, threshold: lookups, mayRaise: true }],
    ];
  }

  /** Whether it ends as it is: at once for a worse one, after a while for a better one or none. */
  #isOver(raised: Raised, severity: AlertSeverity | null, mayWorsen: boolean, nowMs: number): boolean {
    if (severity === raised.alert.severity || severity === 'critical') {
      raised.lowSinceMs = null;
      return severity !== raised.alert.severity && mayWorsen;
    }
    raised.lowSinceMs ??= nowMs;
    return nowMs - raised.lowSinceMs >= RESOLVED_AFTER_MS;
  }

  #raise(kind: AlertKind, severity: AlertSeverity, { value, threshold }: Reading, wallMs: number): AlertMove {
    const over = threshold[severity] ?? 0;
    const alert: Alert = { kind, severity, value, threshold: over, raisedAtMs: wallMs, resolvedAtMs: null };
    (this.#raised ??= new Map<AlertKind, Raised>()).set(kind, { alert, lowSinceMs: null });
    return { kind: 'raised', alert };
  }

  #resolve({ alert }: Raised, wallMs: number): AlertMove {
    this.#raised?.delete(alert.kind);
    if (this.#raised?.size === 0) this.#raised = null;
    return { kind: 'resolved', alert: { ...alert, resolvedAtMs: wallMs } };
  }
}

function severityOf({ value, threshold: { warning, critical } }: Reading): AlertSeverity | null {
  if (critical !== null && value > critical) return 'critical';
  return warning !== null && value > warning ? 'warning' : null;
}

const goneThreshold = (disconnected: AlertSeverity | 'unclear' | null): Threshold => ({
  warning: disconnected === 'warning' ? 0 : null,
  critical: disconnected === 'critical' ? 0 : null,
});
