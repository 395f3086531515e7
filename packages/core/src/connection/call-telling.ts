import { isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { CallResult } from '../resilience/circuit-breaker.js';
import type { Clock } from '../runtime/clock.js';
import type { Diagnostics } from '../runtime/diagnostics.js';
import type { Call } from '../transport/call.js';
import type { FaultRing } from './diagnosis-faults.js';

export interface CallTellingOptions {
  readonly owner: { readonly userId: string; readonly broker: string; readonly account: string };
  readonly diagnostics: Diagnostics | undefined;
  readonly clock: Clock;
  /** Notes what failed, whether or not anybody listens. */
  readonly faults: FaultRing;
}

/** How the session fares after the broker refused it. */
export type SessionEvent =
  | { readonly kind: 'lost' }
  | { readonly kind: 'renewed' }
  | { readonly kind: 'not-renewed'; readonly code: AlgoErrorCode };

/** Tells whoever listens of the calls of one connection: when they begin and end, and what they had to wait for. */
export class CallTelling {
  readonly #options: CallTellingOptions;
  readonly #ids = new WeakMap<Call, number>();
  #lastId = 0;

  constructor(options: CallTellingOptions) {
    this.#options = options;
  }

  began(call: Call, lane: string): void {
    const { diagnostics, owner } = this.#options;
    if (diagnostics?.call.wanted !== true) return;
    diagnostics.call.tell({ ...owner, id: this.#idOf(call), lane, operation: operationOf(call, lane), phase: 'start' });
  }

  /** `result` null when it never left our own line, or says nothing about the broker. */
  ended(call: Call, lane: string, result: CallResult | null, code: AlgoErrorCode | null): void {
    const { diagnostics, owner, clock, faults } = this.#options;
    if (code !== null) faults.note({ atMs: clock.now(), lane, code });
    if (diagnostics?.call.wanted !== true) return;
    diagnostics.call.tell({
      ...owner,
      id: this.#idOf(call),
      lane,
      operation: operationOf(call, lane),
      phase: 'end',
      tookMs: clock.monotonic() - call.beganMs,
      outcome: outcomeOf(result, code),
      code,
    });
  }

  /** It got no place in its lane, or the broker said that there were too many. */
  refused(call: Call, lane: string, error: unknown): void {
    const { diagnostics, owner } = this.#options;
    const code = isAlgoError(error) ? error.code : null;
    this.ended(call, lane, null, code);
    if (diagnostics?.rate.wanted !== true || !isAlgoError(error) || error.code !== 'ALGO_RATE_LIMITED') return;
    const { family, retryAfterMs } = error.details;
    const operation = operationOf(call, lane);
    diagnostics.rate.tell({ ...owner, lane, operation, what: 'refused', family, retryAfterMs });
  }

  /** What became of the session in the middle of the day. */
  session(event: SessionEvent): void {
    const { diagnostics, owner } = this.#options;
    if (diagnostics?.session.wanted !== true) return;
    const { kind } = event;
    if (kind === 'not-renewed') diagnostics.session.tell({ ...owner, what: kind, code: event.code });
    else diagnostics.session.tell({ ...owner, what: kind });
  }

  /** It has its place in its lane now, after a while. */
  waited(call: Call, lane: string): void {
    const { diagnostics, owner, clock } = this.#options;
    if (diagnostics?.rate.wanted !== true) return;
    const waitedMs = clock.monotonic() - call.beganMs;
    diagnostics.rate.tell({ ...owner, lane, operation: operationOf(call, lane), what: 'waited', waitedMs });
  }

  #idOf(call: Call): number {
    const known = this.#ids.get(call);
    if (known !== undefined) return known;
    this.#lastId += 1;
    this.#ids.set(call, this.#lastId);
    return this.#lastId;
  }
}

const operationOf = ({ urgency }: Call, lane: string): string => (lane === 'auth' ? 'log-in' : urgency);

function outcomeOf(
  result: CallResult | null,
  code: AlgoErrorCode | null,
): 'answered' | 'failed' | 'unknown' | 'not-sent' {
  switch (result) {
    case 'success':
      return 'answered';
    case 'failure':
      return 'failed';
    case 'unknown':
      return 'unknown';
    case null:
      return code === 'ALGO_SESSION_EXPIRED' ? 'answered' : 'not-sent';
  }
}
