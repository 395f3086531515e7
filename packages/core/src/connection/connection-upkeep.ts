import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { MaintenanceWindow } from '../contract/broker-definition.js';
import type { BrokerCall } from '../contract/call.js';
import type { Lane } from '../contract/http.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { AnyAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Random } from '../runtime/random.js';
import type { CallRunner } from './call-runner.js';
import type { SessionEvent } from './call-telling.js';
import { ConnectionLife } from './connection-life.js';
import { loginNeededBy } from './connection-news.js';
import type { ConnectionNews } from './connection-news.js';
import type { ConnectionState, ConnectStep } from './connection-state.js';
import { egressReport } from './egress-check.js';
import type { EgressReport } from './egress-check.js';
import type { SessionKeeper } from './session-keeper.js';
import { SessionOutlook } from './session-outlook.js';
import type { SessionWatch } from './session-watch.js';

export interface ConnectionUpkeepOptions {
  readonly key: AccountKey;
  readonly adapter: Pick<BrokerAdapter, 'egress'>;
  readonly runner: Pick<CallRunner, 'breakerState' | 'failureOf'>;
  readonly keeper: SessionKeeper;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Looks after sessions of all connections while nobody calls. */
  readonly watch: SessionWatch;
  /** How long before a session's end a person is asked for, in milliseconds; null for not at all. @default 1800000 */
  readonly loginLeadMs?: number | null | undefined;
  /** The address that calls leave from, as the world sees it; null when the host did not say. @default null */
  readonly publicAddress?: string | null | undefined;
  readonly onChange: (state: ConnectionState, previous: ConnectionState) => void;
  readonly onNews: (news: ConnectionNews) => void;
}

/** What the connection itself does for its upkeep. */
export interface KeptUp {
  readonly maintenance: readonly MaintenanceWindow[];
  /** Establishes the connection again, unasked. */
  readonly establish: () => Promise<void>;
  readonly read: <Value>(run: (call: BrokerCall) => Promise<Value>) => Promise<Value>;
}

const LOGIN_LEAD_MS = 30 * 60_000;

/** Keeps one connection up: what its state makes of failures, its session while nobody calls, its address. */
export class ConnectionUpkeep {
  readonly #options: ConnectionUpkeepOptions;
  readonly #kept: KeptUp;
  readonly #life: ConnectionLife;
  #unwatch: (() => void) | null = null;
  #egress: EgressReport | null = null;
  /** Who establishes it hears of failures by itself. */
  #establishing = false;
  /** It was up until the broker refused its session, and a new one is on its way: calls wait for that. */
  #renewing = false;
  #closed = false;

  constructor(options: ConnectionUpkeepOptions, kept: KeptUp) {
    this.#options = options;
    this.#kept = kept;
    this.#life = new ConnectionLife({
      clock: options.clock,
      fraction: () => options.random.fraction(),
      maintenance: kept.maintenance,
      reconnect: kept.establish,
      barredForMs: () => this.#barredForMs(),
      onChange: options.onChange,
      onReconnect: (attempt, atMs) => options.onNews({ kind: 'reconnect-scheduled', attempt, atMs }),
    });
  }

  get state(): ConnectionState {
    return this.#life.state;
  }

  get isUp(): boolean {
    return this.#life.isUp;
  }

  /** It takes calls: it is up, or its session is being renewed. */
  get isServing(): boolean {
    return this.isUp || (this.#renewing && this.state.status === 'connecting');
  }

  /** Null until the broker was asked, or where it cannot be. */
  get egress(): EgressReport | null {
    return this.#egress;
  }

  /** Tried again and again from now on, also if it never was connected. */
  want(): void {
    this.#life.want();
  }

  step(step: ConnectStep): void {
    if (this.#establishing) this.#life.step(step); // not after a log-out that came between
  }

  /**
   * Takes the steps that establish it. @param unasked nobody waits for it: a person who is needed is told by an event
   *
   * @throws {AlgoError} why it failed
   */
  async establishing(takeSteps: () => Promise<void>, unasked: boolean): Promise<void> {
    this.#establishing = true;
    try {
      await takeSteps();
      if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
      this.#established();
      if (!this.isUp) throw this.#notConnected();
    } catch (thrown) {
      const error = this.#options.runner.failureOf(thrown);
      this.failed(error, unasked);
      throw error;
    } finally {
      this.#establishing = false;
    }
  }

  sessionChanged({ kind }: SessionEvent): void {
    if (this.#establishing) return;
    if (kind === 'lost' && this.isUp) {
      this.#renewing = true; // before anybody hears of the step
      return this.#life.step('session');
    }
    if (kind === 'renewed' && this.state.status === 'connecting') this.#established(); // else an outage came between
  }

  sessionFailed(thrown: unknown): void {
    const { status } = this.state;
    if (this.#establishing || (status !== 'connected' && status !== 'connecting')) return;
    this.failed(this.#options.runner.failureOf(thrown), true);
  }

  outage(code: AlgoErrorCode): void {
    this.#life.outage(code);
  }

  recovered(): void {
    this.#life.recovered();
  }

  failed(error: AnyAlgoError | AlgoError, unasked = true): void {
    if (this.#closed) return;
    this.#renewing = false;
    const { keeper, onNews } = this.#options;
    const { pausedForMs } = keeper;
    if (error.code === 'ALGO_LOGIN_NEEDED' && pausedForMs > 0) {
      return this.#life.failed(error, 'ALGO_SESSION_EXPIRED', pausedForMs); // needs no person, only time
    }
    this.#life.failed(error);
    const why = unasked ? loginNeededBy(error) : null;
    if (why !== null) onNews({ kind: 'login-needed', endsAtMs: null, why });
  }

  loggedOut(): void {
    this.#establishing = false;
    this.#renewing = false;
    this.#life.loggedOut();
  }

  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#life.close();
  }

  #established(): void {
    this.#renewing = false;
    this.#life.established();
    if (this.#closed || !this.isUp) return;
    this.#unwatch ??= this.#options.watch.add(this.#outlook());
    void this.#checkEgress();
  }

  #notConnected(): AlgoError {
    const { broker, account } = this.#options.key;
    return new AlgoError('ALGO_NOT_CONNECTED', { broker, account });
  }

  #outlook(): SessionOutlook {
    const { keeper, clock, logger, random, loginLeadMs = LOGIN_LEAD_MS, onNews } = this.#options;
    return new SessionOutlook({
      keeper,
      clock,
      logger,
      fraction: random.fraction(),
      leadMs: loginLeadMs,
      isUp: () => this.isUp,
      onLoginNeeded: (endsAtMs, why) => onNews({ kind: 'login-needed', endsAtMs, why }),
    });
  }

  /** How long the breakers in the way of a new try let nothing through; null for until somebody closes one by hand. */
  #barredForMs(): number | null {
    const { clock, keeper, runner } = this.#options;
    const lanes: readonly Lane[] = keeper.life === null ? ['reads', 'orders', 'auth'] : ['reads', 'orders'];
    const waits = lanes.map((lane) => {
      const state = runner.breakerState(lane);
      if (state.kind !== 'open' || (lane === 'orders' && state.manual === true)) return 0;
      return state.untilMs - clock.now();
    });
    const longestMs = Math.max(0, ...waits);
    return longestMs === Infinity ? null : longestMs;
  }

  /** Reads go from anywhere, so an address that is not registered stops nothing here: the broker refuses the orders. */
  async #checkEgress(): Promise<void> {
    const { publicAddress = null, adapter, logger, onNews, key } = this.#options;
    const ask = adapter.egress;
    if (publicAddress === null || ask === undefined || this.#egress !== null) return;
    try {
      this.#egress = egressReport(publicAddress, await this.#kept.read((call) => ask(call)));
    } catch (error) {
      return logger.warn('egress-not-checked', { broker: key.broker, error: errorName(error) });
    }
    const { isRegistered, registered, seen } = this.#egress;
    if (isRegistered === false) onNews({ kind: 'egress-not-registered', address: seen ?? publicAddress, registered });
  }
}
