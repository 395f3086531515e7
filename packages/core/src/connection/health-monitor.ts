import type { AlgoErrorCode } from '../errors/codes.js';

export type ConnectionQuality = 'EXCELLENT' | 'GOOD' | 'POOR' | 'CRITICAL';

/** What real traffic tells about one connection. Times are milliseconds, rates from 0 to 1. */
export interface BrokerHealthMetrics {
  /** Null until enough calls were made to say. */
  readonly connectionQuality: ConnectionQuality | null;
  readonly colour: 'green' | 'yellow' | 'red' | null;
  readonly calls: number;
  readonly failures: number;
  readonly errorRate: number;
  readonly averageResponseMs: number | null;
  readonly p95ResponseMs: number | null;
  /** When the broker last answered a read, epoch milliseconds. */
  readonly lastSyncAtMs: number | null;
  readonly lastErrorCode: AlgoErrorCode | null;
  readonly lastErrorAtMs: number | null;
}

interface Sample {
  readonly atMs: number;
  readonly tookMs: number;
  readonly failed: boolean;
}

const WINDOW_MS = 300_000;
const KEPT = 256;
/** Fewer calls than this say nothing: three failures of five are not a bad hour. */
const ENOUGH = 20;

/** Grades by error share and p95 of the last 5 minutes. */
const GRADES: readonly { readonly quality: ConnectionQuality; readonly errors: number; readonly p95Ms: number }[] = [
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

/** Keeps the last calls of a connection and grades them when asked. */
export class HealthMonitor {
  readonly #samples: Sample[] = [];
  #next = 0;
  #lastSyncAtMs: number | null = null;
  #lastError: { readonly code: AlgoErrorCode; readonly atMs: number } | null = null;

  succeeded(nowMs: number, tookMs: number, read: boolean): void {
    this.#keep({ atMs: nowMs, tookMs, failed: false });
    if (read) this.#lastSyncAtMs = nowMs;
  }

  failed(nowMs: number, tookMs: number, code: AlgoErrorCode): void {
    this.#keep({ atMs: nowMs, tookMs, failed: true });
    this.#lastError = { code, atMs: nowMs };
  }

  metrics(nowMs: number): BrokerHealthMetrics {
    const recent = this.#samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS);
    const failures = recent.filter(({ failed }) => failed).length;
    const times = recent.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    const errorRate = recent.length === 0 ? 0 : failures / recent.length;
    const p95ResponseMs = times[Math.ceil(times.length * 0.95) - 1] ?? null;
    const quality = recent.length < ENOUGH ? null : gradeOf(errorRate, p95ResponseMs ?? 0);
    return {
      connectionQuality: quality,
      colour: quality === null ? null : COLOURS[quality],
      calls: recent.length,
      failures,
      errorRate,
      averageResponseMs: times.length === 0 ? null : times.reduce((sum, time) => sum + time, 0) / times.length,
      p95ResponseMs,
      lastSyncAtMs: this.#lastSyncAtMs,
      lastErrorCode: this.#lastError?.code ?? null,
      lastErrorAtMs: this.#lastError?.atMs ?? null,
    };
  }

  #keep(sample: Sample): void {
    this.#samples[this.#next] = sample;
    this.#next = (this.#next + 1) % KEPT;
  }
}

function gradeOf(errorRate: number, p95Ms: number): ConnectionQuality {
  return GRADES.find((grade) => errorRate <= grade.errors && p95Ms <= grade.p95Ms)?.quality ?? 'CRITICAL';
}
