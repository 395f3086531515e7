import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Random } from '../runtime/random.js';
import type { Alert } from './health-alerts.js';
import type { Grade } from './health-grade.js';
import type { BrokerHealthMetrics, ConnectionQuality, HealthMonitor } from './health-monitor.js';

/** A connection as the watch sees it. */
export interface WatchedConnection {
  readonly health: HealthMonitor;
  /** Whether it is connected with a live session and may be asked something now. */
  readonly mayProbe: () => boolean;
  /** One cheap read, within the connection's own limits. It counts for health by itself; how it went is not told here. */
  readonly probe: () => Promise<void>;
  /** From when a broken lane may be tried, monotonic; never while none is broken. */
  readonly breakerDueMs: () => number;
  readonly tryBreakers: () => Promise<void>;
  readonly tell: (news: WatchNews) => void;
}

export type WatchNews =
  | {
      readonly kind: 'health-changed';
      readonly quality: ConnectionQuality | null;
      readonly previous: ConnectionQuality | null;
      readonly health: BrokerHealthMetrics;
    }
  | { readonly kind: 'alert-raised' | 'alert-resolved'; readonly alert: Alert };

export interface HealthWatchOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** After so many milliseconds without a call a connection is probed; null for never. @default 60000 */
  readonly probeIdleMs?: number | null | undefined;
  /** How many probes may be under way at once, over all connections. @default 8 */
  readonly probesAtOnce?: number | undefined;
}

const PROBE_IDLE_MS = 60_000;
const PROBES_AT_ONCE = 8;
/** Half of the 500 ms within which a change must have been told. */
const LOOK_MS = 250;
/** Probes of connections that fell idle together are spread over a quarter more of the time. */
const PROBE_SPREAD = 0.25;
/** So many are judged in one go, about a millisecond; the rest follows in the next turns, so that orders are not kept. */
const JUDGED_AT_ONCE = 128;

interface Watched {
  readonly connection: WatchedConnection;
  told: Grade;
  /** How much of the idle time passes before it is probed, drawn anew for each probe, from 1 to 1.25. */
  spread: number;
  busy: boolean;
}

/**
 * Looks after the health of all connections of a process with one timer: tells of grades and alerts within 500 ms, probes
 * what has been idle, and tries what a breaker keeps shut. The timer waits for the next thing that may change and keeps
 * no process alive.
 */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #watched = new Set<Watched>();
  /** Those something happened to since they were judged. */
  readonly #touched = new Set<Watched>();
  /** Those whose probe is due. */
  readonly #waiting = new Set<Watched>();
  #probes = 0;
  /** When one of them may change, or wants a probe, though nothing happens to it. */
  #dueMs = Infinity;
  #wakeAtMs = Infinity;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
  }

  /** @returns what ends it, after one last look; alerts that are raised then are resolved */
  watch(connection: WatchedConnection): () => void {
    const watched = { connection, told: { quality: null, stale: false }, spread: this.#spread(), busy: false };
    this.#watched.add(watched);
    connection.health.onActivity = () => this.#touch(watched);
    return () => {
      if (this.#watched.has(watched)) this.#lastLook(watched);
      connection.health.onActivity = () => undefined;
      this.#watched.delete(watched);
      this.#touched.delete(watched);
      this.#waiting.delete(watched);
      if (this.#watched.size === 0) this.#sleep();
    };
  }

  close(): void {
    this.#closed = true;
    this.#watched.clear();
    this.#touched.clear();
    this.#waiting.clear();
    this.#sleep();
  }

  #touch(watched: Watched): void {
    if (!this.#watched.has(watched)) return;
    this.#touched.add(watched);
    this.#wakeBy(this.#options.clock.monotonic() + LOOK_MS);
  }

  #wakeBy(atMs: number): void {
    if (this.#closed || atMs >= this.#wakeAtMs) return;
    this.#cancel?.();
    this.#wakeAtMs = atMs;
    const { clock } = this.#options;
    const afterMs = Math.min(Math.max(0, atMs - clock.monotonic()), LONGEST_SLEEP_MS);
    this.#cancel = clock.after(afterMs, () => this.#look(), { background: true });
  }

  #sleep(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#wakeAtMs = Infinity;
  }

  #look(): void {
    this.#sleep();
    const nowMs = this.#options.clock.monotonic();
    if (nowMs >= this.#dueMs) this.#findDue(nowMs);
    this.#judgeSome(nowMs);
    this.#startProbes();
    if (this.#touched.size > 0) this.#wakeBy(nowMs + 1);
    else if (this.#dueMs < Infinity) this.#wakeBy(this.#dueMs);
  }

  #findDue(nowMs: number): void {
    this.#dueMs = Infinity;
    for (const watched of this.#watched) {
      if (watched.connection.health.nextChangeMs <= nowMs) this.#touched.add(watched);
      else this.#planNext(watched, nowMs);
    }
  }

  #judgeSome(nowMs: number): void {
    let judged = 0;
    for (const watched of this.#touched) {
      if (judged >= JUDGED_AT_ONCE) return;
      judged += 1;
      this.#touched.delete(watched);
      this.#judge(watched);
      this.#planNext(watched, nowMs);
    }
  }

  #judge(watched: Watched): void {
    const { connection, told } = watched;
    const { grade, alerts } = connection.health.judge();
    watched.told = grade;
    if (grade.quality !== told.quality || grade.stale !== told.stale) {
      const health = connection.health.metrics();
      this.#tell(connection, { kind: 'health-changed', quality: grade.quality, previous: told.quality, health });
    }
    for (const { kind, alert } of alerts) this.#tell(connection, { kind: `alert-${kind}`, alert });
  }

  #lastLook(watched: Watched): void {
    this.#judge(watched);
    const { connection } = watched;
    for (const { alert } of connection.health.left()) this.#tell(connection, { kind: 'alert-resolved', alert });
  }

  #tell(connection: WatchedConnection, news: WatchNews): void {
    try {
      connection.tell(news);
    } catch (error) {
      this.#options.logger.error('health-not-told', { error: errorName(error) });
    }
  }

  #planNext(watched: Watched, nowMs: number): void {
    const tryMs = watched.busy ? Infinity : this.#tryDueMs(watched);
    if (tryMs <= nowMs) this.#waiting.add(watched);
    const laterMs = Math.max(nowMs + LOOK_MS, watched.connection.health.nextChangeMs);
    this.#dueMs = Math.min(this.#dueMs, laterMs, tryMs <= nowMs ? Infinity : tryMs);
  }

  #tryDueMs({ connection, spread }: Watched): number {
    const { probeIdleMs: idleMs = PROBE_IDLE_MS } = this.#options;
    const breakerMs = connection.breakerDueMs();
    if (idleMs === null || !connection.mayProbe()) return breakerMs;
    return Math.min(breakerMs, connection.health.lastCallMs + idleMs * spread);
  }

  /** As many as may be under way; the others follow when one ends. */
  #startProbes(): void {
    const { clock, probesAtOnce = PROBES_AT_ONCE } = this.#options;
    for (const watched of this.#waiting) {
      if (this.#probes >= probesAtOnce) return;
      this.#waiting.delete(watched);
      const nowMs = clock.monotonic();
      if (this.#tryDueMs(watched) > nowMs) continue; // its own traffic came first
      const { connection } = watched;
      this.#run(watched, connection.breakerDueMs() <= nowMs ? connection.tryBreakers : connection.probe);
    }
  }

  #run(watched: Watched, attempt: () => Promise<void>): void {
    watched.busy = true;
    watched.spread = this.#spread();
    this.#probes += 1;
    const done = (): void => {
      watched.busy = false;
      this.#probes -= 1;
      this.#touch(watched);
      this.#startProbes();
    };
    attempt().then(done, (error: unknown) => {
      this.#options.logger.debug('probe-failed', { error: errorName(error) });
      done();
    });
  }

  #spread(): number {
    return 1 + PROBE_SPREAD * this.#options.random.fraction();
  }
}

/** A timer cannot be set for longer than some 24 days. */
const LONGEST_SLEEP_MS = 86_400_000;
