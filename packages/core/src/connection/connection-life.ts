import type { MaintenanceWindow } from '../contract/broker-definition.js';
import type { AnyAlgoError, AlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import { advanceConnection, isOutage, needsPerson } from './connection-state.js';
import type { ConnectionEvent, ConnectionState, ConnectStep } from './connection-state.js';
import { maintenanceEndsMs } from './maintenance.js';
import { Reconnector, waitAfter } from './reconnector.js';

export interface ConnectionLifeOptions {
  readonly clock: Clock;
  /** From 0 up to but not 1, for jitter. */
  readonly fraction: () => number;
  readonly maintenance: readonly MaintenanceWindow[];
  /** Establishes it again. What it throws was told to this life already. */
  readonly reconnect: () => Promise<void>;
  /**
   * How long the breakers let no try through, in milliseconds; null when one of them was opened by hand, until it is
   * closed by hand.
   */
  readonly barredForMs: () => number | null;
  readonly onChange: (state: ConnectionState, previous: ConnectionState) => void;
  readonly onReconnect: (attempt: number, atMs: number) => void;
}

/** The state of one connection over time, and what brings it back by itself. */
export class ConnectionLife {
  readonly #options: ConnectionLifeOptions;
  readonly #reconnector: Reconnector;
  #state: ConnectionState;
  /** Somebody wants it connected: it was connected once, or is to be kept trying, and nobody logged out since. */
  #wanted = false;
  /** What the broker did before its breaker opened: that one tells nobody anything. */
  #cause: AlgoErrorCode | null = null;
  #closed = false;

  constructor(options: ConnectionLifeOptions) {
    this.#options = options;
    this.#state = { status: 'disconnected', sinceMs: options.clock.now() };
    this.#reconnector = new Reconnector({
      clock: options.clock,
      fraction: options.fraction,
      attempt: () => void options.reconnect().catch(() => undefined),
      onScheduled: (attempt, atMs) => {
        this.#advance({ kind: 'retry-scheduled', atMs });
        options.onReconnect(attempt, atMs);
      },
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isUp(): boolean {
    return this.#state.status === 'connected';
  }

  /** From now on it is tried again and again until it is connected, also when it never was. */
  want(): void {
    this.#wanted = true;
  }

  /** A step of establishing it begins; a try that was waiting is not needed any more. */
  step(step: ConnectStep): void {
    if (this.#closed) return;
    this.#reconnector.stop();
    this.#advance({ kind: 'step', step });
  }

  established(): void {
    if (this.#closed) return;
    this.#advance({ kind: 'established' });
    if (!this.isUp) return;
    this.#wanted = true;
    this.#cause = null;
    this.#reconnector.connected();
  }

  /**
   * It failed, or was found to have failed. Tried again by itself unless only a person mends it.
   *
   * @param code told in place of the error's own
   * @param leastWaitMs not tried before this has passed
   */
  failed(error: AnyAlgoError | AlgoError, code: AlgoErrorCode = error.code, leastWaitMs = 0): void {
    this.#fail(code, Math.max(leastWaitMs, waitAfter(error, this.#options.clock.now())));
  }

  /** A connected one stopped answering: the read or order breaker opened, or a probe failed. */
  outage(code: AlgoErrorCode): void {
    if (this.isUp) this.#fail(code, 0);
  }

  /** A breaker let calls through again: who waits for that tries now. */
  recovered(): void {
    if (this.#closed || !('retryAtMs' in this.#state) || !this.#wanted || this.#needsPerson) return;
    if (this.#options.barredForMs() !== 0) return;
    if (this.#reconnector.waiting) this.#reconnector.hurry();
    else if (this.#state.retryAtMs === null) this.#schedule(0); // opened by hand, and closed again
  }

  /** Its owner logged out. */
  loggedOut(): void {
    this.#wanted = false;
    this.#reconnector.stop();
    this.#advance({ kind: 'closed' });
  }

  /** For good: nothing moves it any more. */
  close(): void {
    this.loggedOut();
    this.#closed = true;
  }

  get #needsPerson(): boolean {
    return this.#state.status === 'error' && this.#state.needsPerson;
  }

  #fail(told: AlgoErrorCode, leastWaitMs: number): void {
    if (this.#closed) return;
    const code = told === 'ALGO_CIRCUIT_OPEN' ? (this.#cause ?? told) : told;
    this.#cause = isOutage(code) ? code : null;
    const { clock, maintenance } = this.#options;
    const windowEndsMs = isOutage(code) ? maintenanceEndsMs(maintenance, clock.now()) : null;
    this.#reconnector.stop();
    this.#advance({ kind: 'failed', code, windowEndsMs });
    if (this.#wanted && !needsPerson(code)) this.#schedule(leastWaitMs);
  }

  #schedule(leastWaitMs: number): void {
    if (!('retryAtMs' in this.#state)) return;
    const barredMs = this.#options.barredForMs();
    if (barredMs !== null) this.#reconnector.schedule(Math.max(leastWaitMs, barredMs));
  }

  #advance(event: ConnectionEvent): void {
    const previous = this.#state;
    this.#state = advanceConnection(previous, event, this.#options.clock.now());
    if (this.#state !== previous) this.#options.onChange(this.#state, previous);
  }
}
