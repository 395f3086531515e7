import type { AlgoErrorCode } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import type { ConnectionStatus } from './connection-state.js';
import { AlertBook } from './health-alerts.js';
import type { Alert, AlertMove, AlertSeverity, HealthThresholds } from './health-alerts.js';
import { colourOf, ENOUGH_CALLS, GradeKeeper } from './health-grade.js';
import type { ConnectionQuality, Grade } from './health-grade.js';
import { HealthHistory } from './health-history.js';
import type { HealthPoint } from './health-history.js';
import { LastHour, RecentTimes } from './health-times.js';
import { UpTime } from './health-uptime.js';
import { CallWindow } from './health-window.js';

export type { ConnectionQuality } from './health-grade.js';

/**
 * What traffic tells about one connection, over the last 5 minutes unless said otherwise. Times that end in `Ms` are
 * milliseconds, those in `AtMs` and `SinceMs` epoch milliseconds; rates go from 0 to 1.
 */
export interface BrokerHealthMetrics {
  /** Null until there were 20 calls within 5 minutes once. */
  readonly connectionQuality: ConnectionQuality | null;
  /** Green for EXCELLENT and GOOD, yellow for POOR, red for CRITICAL. */
  readonly colour: 'green' | 'yellow' | 'red' | null;
  /** True while there are too few calls to say, so that the grade is the last one there was. */
  readonly stale: boolean;
  readonly calls: number;
  readonly failures: number;
  readonly errorRate: number;
  /** Null without calls. */
  readonly successRate: number | null;
  readonly errorsLastHour: number;
  readonly averageResponseMs: number | null;
  readonly p50ResponseMs: number | null;
  readonly p95ResponseMs: number | null;
  /** Order commands that the broker took or refused in words, of those that were sent. Null when none was. */
  readonly orderSuccessRate: number | null;
  /** Log-ins and sessions that the broker refused. */
  readonly authFailures: number;
  /** Instruments that were asked for and are not in the broker's master; more than 256 are not counted. */
  readonly instrumentLookupFailures: number;
  /** Share of the time connected since the first time it was. Null before. */
  readonly uptime: number | null;
  /** Null while it is not connected. */
  readonly connectedSinceMs: number | null;
  /** When the broker last answered a read. */
  readonly lastSyncAtMs: number | null;
  readonly lastErrorCode: AlgoErrorCode | null;
  readonly lastErrorAtMs: number | null;
  /** Those raised now. */
  readonly alerts: readonly Alert[];
}

/** A call that ended. One that never left our own line is none. */
export interface EndedCall {
  readonly tookMs: number;
  /** Why it failed; null when the broker answered, be it with a no. */
  readonly failure: AlgoErrorCode | null;
  readonly kind: 'order' | 'read' | 'other';
  /** True for a call of our own making, to see whether the broker is there. */
  readonly probe?: boolean;
}

/** What routing needs to know of a connection's traffic. */
export interface CallTrouble {
  /** Deadlines missed within 60 s. */
  readonly misses60s: number;
  readonly calls5m: number;
  readonly failures5m: number;
}

/** What is to be told after a look. */
export interface HealthNews {
  readonly grade: Grade;
  readonly alerts: readonly AlertMove[];
}

const WINDOW_MS = 300_000;
const MISSES_MS = 60_000;
const MINUTE_MS = 60_000;

/**
 * Keeps what the calls of a connection tell, and grades it when somebody looks. No timer: whoever wants to hear of
 * changes looks when `onActivity` was called, and again at `nextChangeMs`.
 */
export class HealthMonitor {
  /** Called after every call and change of state, so that somebody may look soon. */
  onActivity: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #window = new CallWindow(WINDOW_MS);
  readonly #grades = new GradeKeeper();
  readonly #alerts: AlertBook;
  readonly #history = new HealthHistory();
  readonly #errors = new LastHour();
  readonly #misses = new RecentTimes(MISSES_MS);
  readonly #authFailures = new RecentTimes(WINDOW_MS);
  readonly #lookupFailures = new RecentTimes(WINDOW_MS);
  readonly #upTime = new UpTime();
  #status: ConnectionStatus = 'disconnected';
  #severity: AlertSeverity | 'info' = 'critical';
  #brokenLanes: readonly string[] = [];
  #lastCallMs = 0;
  #lastSyncAtMs: number | null = null;
  #lastError: { readonly code: AlgoErrorCode; readonly atMs: number } | null = null;
  /** The minute that goes on, for the history. */
  #minute = { beganMs: 0, atMs: 0, calls: 0, failures: 0, ours: true };

  constructor({ clock, thresholds }: { readonly clock: Clock; readonly thresholds?: HealthThresholds | undefined }) {
    this.#clock = clock;
    this.#alerts = new AlertBook(thresholds);
    this.#lastCallMs = clock.monotonic();
  }

  ended({ tookMs, failure, kind, probe = false }: EndedCall): void {
    const nowMs = this.#clock.monotonic();
    this.#closeMinute(nowMs);
    this.#window.add({ atMs: nowMs, tookMs, failed: failure !== null, order: kind === 'order' });
    this.#countMinute(nowMs, failure !== null, probe);
    this.#lastCallMs = nowMs;
    if (failure !== null) this.#failed(failure, nowMs);
    else if (kind === 'read') this.#lastSyncAtMs = this.#clock.now();
    this.onActivity();
  }

  /** The broker refused a log-in or a session. */
  authFailed(): void {
    this.#authFailures.add(this.#clock.monotonic());
    this.onActivity();
  }

  /** An instrument that was asked for is not in the broker's master. */
  lookupFailed(): void {
    this.#lookupFailures.add(this.#clock.monotonic());
    this.onActivity();
  }

  /** @param severity how bad it is not to be connected now; a window of maintenance is a warning unless told */
  connectionIs(
    status: ConnectionStatus,
    severity: AlertSeverity | 'info' = status === 'maintenance' ? 'warning' : 'critical',
  ): void {
    this.#status = status;
    this.#severity = severity;
    const connectedMs = this.#upTime.turn(status === 'connected', this.#clock.monotonic(), this.#clock.now());
    if (connectedMs !== null) this.#lastCallMs = Math.max(this.#lastCallMs, connectedMs);
    this.onActivity();
  }

  breakerIs(lane: string, open: boolean): void {
    const others = this.#brokenLanes.filter((broken) => broken !== lane);
    this.#brokenLanes = open ? [...others, lane] : others;
    this.onActivity();
  }

  /** When the last call ended, or the connection was made, monotonic. */
  get lastCallMs(): number {
    return this.#lastCallMs;
  }

  metrics(): BrokerHealthMetrics {
    const nowMs = this.#clock.monotonic();
    const { quality, stale } = this.#judgeGrade(nowMs);
    const { calls, failures, orders, orderFailures, averageMs } = this.#window.totals();
    const spread = this.#window.spread();
    return {
      connectionQuality: quality,
      colour: colourOf(quality),
      stale,
      calls,
      failures,
      errorRate: calls === 0 ? 0 : failures / calls,
      successRate: calls === 0 ? null : 1 - failures / calls,
      errorsLastHour: this.#errors.count(nowMs),
      averageResponseMs: averageMs,
      p50ResponseMs: spread?.p50Ms ?? null,
      p95ResponseMs: spread?.p95Ms ?? null,
      orderSuccessRate: orders === 0 ? null : 1 - orderFailures / orders,
      authFailures: this.#authFailures.count(nowMs),
      instrumentLookupFailures: this.#lookupFailures.count(nowMs),
      uptime: this.#upTime.share(nowMs),
      connectedSinceMs: this.#upTime.sinceWallMs,
      lastSyncAtMs: this.#lastSyncAtMs,
      lastErrorCode: this.#lastError?.code ?? null,
      lastErrorAtMs: this.#lastError?.atMs ?? null,
      alerts: this.#alerts.raised,
    };
  }

  trouble(): CallTrouble {
    const nowMs = this.#clock.monotonic();
    this.#window.forget(nowMs);
    return {
      misses60s: this.#misses.count(nowMs),
      calls5m: this.#window.size,
      failures5m: this.#window.failures,
    };
  }

  /** Points for trends, oldest first: one for each minute with traffic, at most 24 hours. */
  history(): readonly HealthPoint[] {
    this.#closeMinute(this.#clock.monotonic());
    return this.#history.points(this.#clock.now());
  }

  /** Looks: what the grade is now, and which alerts began or ended since the last look. */
  judge(): HealthNews {
    const nowMs = this.#clock.monotonic();
    this.#closeMinute(nowMs);
    const grade = this.#judgeGrade(nowMs);
    const { calls, failures } = this.#window.totals();
    const facts = {
      errorRate: calls === 0 ? null : failures / calls,
      p95Ms: this.#window.spread()?.p95Ms ?? null,
      enoughCalls: calls >= ENOUGH_CALLS,
      authFailures: this.#authFailures.count(nowMs),
      instrumentLookupFailures: this.#lookupFailures.count(nowMs),
      disconnected: this.#disconnected(),
    };
    return { grade, alerts: this.#alerts.judge(facts, { wallMs: this.#clock.now(), monotonicMs: nowMs }) };
  }

  /** Nobody looks after it any more: what was raised is over. */
  left(): readonly AlertMove[] {
    return this.#alerts.resolveAll(this.#clock.now());
  }

  /** When looking again may show something else though nothing more happens, monotonic. */
  get nextChangeMs(): number {
    return Math.min(
      this.#window.nextChangeMs,
      this.#grades.nextChangeMs,
      this.#alerts.nextChangeMs,
      this.#authFailures.nextChangeMs,
      this.#lookupFailures.nextChangeMs,
      this.#minute.calls === 0 ? Infinity : this.#minute.beganMs + MINUTE_MS,
    );
  }

  #failed(code: AlgoErrorCode, nowMs: number): void {
    this.#lastError = { code, atMs: this.#clock.now() };
    this.#errors.add(nowMs);
    if (code === 'ALGO_DEADLINE') this.#misses.add(nowMs);
  }

  #judgeGrade(nowMs: number): Grade {
    this.#window.forget(nowMs);
    const { calls, failures } = this.#window.totals();
    const errorRate = calls === 0 ? 0 : failures / calls;
    const p95Ms = this.#window.spread()?.p95Ms ?? 0;
    return this.#grades.judge({ calls, errorRate, p95Ms, cut: this.#isCut }, nowMs);
  }

  /** Of a connection that never was, nothing bad is known. */
  get #isCut(): boolean {
    return this.#upTime.hasBegun && (this.#status !== 'connected' || this.#brokenLanes.length > 0);
  }

  #disconnected(): AlertSeverity | 'unclear' | null {
    if (!this.#upTime.hasBegun || this.#status === 'connected' || this.#status === 'disconnected') return null;
    if (this.#status === 'connecting') return 'unclear';
    return this.#severity === 'info' ? null : this.#severity;
  }

  #countMinute(nowMs: number, failed: boolean, probe: boolean): void {
    const minute = this.#minute;
    if (minute.calls === 0) this.#minute = { ...minute, beganMs: nowMs, atMs: this.#clock.now(), ours: true };
    this.#minute.calls += 1;
    if (failed) this.#minute.failures += 1;
    if (!probe) this.#minute.ours = false;
  }

  /** A minute of nothing but our own probes leaves no point: an idle connection costs nothing. */
  #closeMinute(nowMs: number): void {
    const { beganMs, atMs, calls, failures, ours } = this.#minute;
    if (calls === 0 || nowMs - beganMs < MINUTE_MS) return;
    this.#minute = { beganMs: 0, atMs: 0, calls: 0, failures: 0, ours: true };
    if (ours) return;
    const spread = this.#window.spread();
    const { quality } = this.#grades.grade;
    const times = { p50ResponseMs: spread?.p50Ms ?? null, p95ResponseMs: spread?.p95Ms ?? null };
    this.#history.add({ atMs, calls, failures, ...times, quality });
  }
}
