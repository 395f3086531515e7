import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { Lane as LaneName } from '../contract/http.js';
import type { BrokerSession } from '../contract/session.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { AnyAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import { BREAKER_DEFAULTS, CircuitBreaker } from '../resilience/circuit-breaker.js';
import type { BreakerState, CallResult } from '../resilience/circuit-breaker.js';
import { Deadline } from '../resilience/deadline.js';
import { RetryBudget, retryRead } from '../resilience/retry-reads.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import type { Redactor } from '../runtime/redactor.js';
import type { Ticker } from '../runtime/ticker.js';
import { Call } from '../transport/call.js';
import type { HttpClient } from '../transport/http-client.js';
import type { Permit } from '../transport/lane.js';
import type { HealthMonitor } from './health-monitor.js';
import type { SessionKeeper } from './session-keeper.js';

export interface CallRunnerOptions {
  readonly who: { readonly broker: string; readonly account: string };
  readonly clock: Clock;
  readonly random: Random;
  readonly ticker: Ticker;
  readonly redactor: Redactor;
  readonly http: HttpClient;
  readonly health: HealthMonitor;
  readonly keeper: () => SessionKeeper;
  readonly adapter: () => BrokerAdapter;
  /** Tells how the session fares after the broker refused it. */
  readonly onSession: (event: SessionEvent) => void;
}

export type SessionEvent =
  | { readonly kind: 'lost' }
  | { readonly kind: 'renewed' }
  | { readonly kind: 'not-renewed'; readonly code: AlgoErrorCode };

/** The rate family of order commands, in every broker's table. */
const ORDER_FAMILY = 'orders';
const AUTH_DEADLINE_MS = 10_000;
const PROBE_DEADLINE_MS = 5_000;

/** Outages. A broker that says no is alive, and a limit of ours says nothing about it. */
const OUTAGES: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_BROKER_UNREACHABLE',
  'ALGO_BROKER_UNAVAILABLE',
  'ALGO_REPLY_UNREADABLE',
  'ALGO_DEADLINE',
]);

/** Failures of a read that may have passed a moment later. */
const PASSING: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_BROKER_UNREACHABLE',
  'ALGO_BROKER_UNAVAILABLE',
  'ALGO_REPLY_UNREADABLE',
]);

/** Runs every call of one connection: session, breaker, deadline, health, and the retries of reads. */
export class CallRunner {
  readonly #options: CallRunnerOptions;
  readonly #breakers: Readonly<Record<LaneName, CircuitBreaker>>;
  readonly #budget = new RetryBudget();
  #probing = false;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
    const fraction = (): number => options.random.fraction();
    const breaker = (): CircuitBreaker => new CircuitBreaker(BREAKER_DEFAULTS, fraction);
    const orders = new CircuitBreaker({ ...BREAKER_DEFAULTS, entriesOnTrial: true }, fraction);
    this.#breakers = { orders, reads: breaker(), data: breaker(), auth: breaker() };
  }

  breakerState(lane: LaneName): BreakerState {
    return this.#breakers[lane].state;
  }

  deadline(lengthMs: number): Deadline {
    const { clock, ticker } = this.#options;
    return new Deadline(lengthMs, () => clock.monotonic(), ticker);
  }

  /**
   * A read: signed with a live session, tried up to three times within the deadline, and once more after a log-in when
   * the broker refused the session.
   *
   * @throws {AlgoError} with effect `none`
   */
  async read<Value>(lane: LaneName, deadlineMs: number, run: (call: Call) => Promise<Value>): Promise<Value> {
    const { clock, random } = this.#options;
    const deadline = this.deadline(deadlineMs);
    let renewed = false;
    const leastWaitMs = (error: unknown): number | null => {
      if (!isAlgoError(error) || deadline.over) return null;
      if (isSessionLost(error)) {
        const first = !renewed;
        renewed = true;
        return first ? 0 : null;
      }
      if (error.code === 'ALGO_RATE_LIMITED') return error.details.retryAfterMs;
      return PASSING.has(error.code) ? 0 : null;
    };
    this.#budget.call(clock.monotonic());
    try {
      return await retryRead(() => this.#readOnce(lane, deadline, run), {
        clock,
        fraction: () => random.fraction(),
        remainingMs: () => deadline.remainingMs(),
        leastWaitMs,
        spend: (error) => isSessionLost(error) || this.#budget.spend(clock.monotonic()), // that one is asked for once
      });
    } finally {
      deadline.done();
    }
  }

  /** A log-in or renewal: one try, on the auth lane. */
  async authenticate<Value>(session: BrokerSession | null, run: (call: Call) => Promise<Value>): Promise<Value> {
    const deadline = this.deadline(AUTH_DEADLINE_MS);
    try {
      return await this.#measured('auth', this.#call(deadline, session, 'read'), run);
    } finally {
      deadline.done();
    }
  }

  /**
   * Gets a command ready to go: session, breaker, and a place on the order lane, all before the journal claims it. Ends
   * with `finishCommand` whatever happens. Not a promise when nothing has to be waited for.
   *
   * @throws {AlgoError} with effect `none`: nothing was sent.
   */
  beginCommand(urgency: Urgency, deadline: Deadline): Call | Promise<Call> {
    const session = this.#options.keeper().current();
    if (session === null) return this.#beginAfterLogIn(urgency, deadline);
    return this.#enter(urgency, deadline, session);
  }

  /** Tells breaker and health how a command ended; null when it never left and says nothing. */
  finishCommand(call: Call, result: CallResult | null, code: AlgoErrorCode | null): void {
    const { clock, health } = this.#options;
    call.end();
    if (result === null) return this.#breakers.orders.release(call.urgency);
    this.#breakers.orders.record(call.urgency, result, clock.monotonic());
    const now = clock.now();
    const tookMs = now - call.startedAtMs;
    if (result === 'success') health.succeeded(now, tookMs, false);
    else health.failed(now, tookMs, code ?? 'ALGO_BROKER_UNAVAILABLE');
  }

  /** A broker's text as it may be kept and shown. */
  scrub(text: string): string {
    return this.#options.redactor.scrub(text);
  }

  /** Any failure as an error of ours, with every text in it scrubbed. */
  failureOf(error: unknown): AnyAlgoError | AlgoError {
    const { who, redactor } = this.#options;
    if (isAlgoError(error)) return error.scrubbed((text) => redactor.scrub(text));
    const name = error instanceof Error ? error.name : typeof error;
    return new AlgoError('ALGO_ADAPTER_FAULT', { broker: who.broker, why: `it threw ${name}` }, 'unknown');
  }

  async #beginAfterLogIn(urgency: Urgency, deadline: Deadline): Promise<Call> {
    const session = await this.#inTime(this.#options.keeper().ensure(), deadline);
    return this.#enter(urgency, deadline, session);
  }

  #enter(urgency: Urgency, deadline: Deadline, session: BrokerSession): Call | Promise<Call> {
    this.#passBreaker('orders', urgency);
    const call = this.#call(deadline, session, urgency);
    try {
      const permit = this.#options.http.enter('orders', { urgency, family: ORDER_FAMILY, deadline });
      if (permit instanceof Promise) return this.#whenEntered(call, permit);
      call.hold(permit);
      return call;
    } catch (error) {
      this.#breakers.orders.release(urgency);
      throw error;
    }
  }

  async #whenEntered(call: Call, entering: Promise<Permit>): Promise<Call> {
    try {
      call.hold(await entering);
      return call;
    } catch (error) {
      this.#breakers.orders.release(call.urgency);
      throw error;
    }
  }

  async #readOnce<Value>(lane: LaneName, deadline: Deadline, run: (call: Call) => Promise<Value>): Promise<Value> {
    const keeper = this.#options.keeper();
    const session = keeper.current() ?? (await this.#inTime(keeper.ensure(), deadline));
    try {
      return await this.#measured(lane, this.#call(deadline, session, 'read'), run);
    } catch (error) {
      if (isSessionLost(error)) await this.sessionRefused(session);
      throw error;
    }
  }

  /** The broker no longer takes this session: a new one is asked for at once, where that needs no person. */
  async sessionRefused(session: BrokerSession): Promise<void> {
    const { keeper, onSession } = this.#options;
    if (!(await keeper().lost(session))) return;
    onSession({ kind: 'lost' });
    keeper()
      .ensure()
      .then(
        () => onSession({ kind: 'renewed' }),
        (error: unknown) => onSession({ kind: 'not-renewed', code: this.failureOf(error).code }),
      );
  }

  async #measured<Value>(lane: LaneName, call: Call, run: (call: Call) => Promise<Value>): Promise<Value> {
    const { clock, health } = this.#options;
    this.#passBreaker(lane, 'read');
    const began = clock.monotonic();
    try {
      const value = await this.#inTime(run(call), call.deadline);
      const ended = clock.monotonic();
      this.#breakers[lane].record('read', 'success', ended);
      health.succeeded(clock.now(), ended - began, true);
      return value;
    } catch (thrown) {
      const error = this.failureOf(thrown).withEffect('none');
      const ended = clock.monotonic();
      if (OUTAGES.has(error.code)) {
        this.#breakers[lane].record('read', 'failure', ended);
        health.failed(clock.now(), ended - began, error.code);
      } else if (error.code === 'ALGO_RATE_LIMITED') {
        this.#breakers[lane].release('read');
      } else {
        this.#breakers[lane].record('read', 'success', ended);
      }
      throw error;
    } finally {
      call.end();
    }
  }

  #passBreaker(lane: LaneName, urgency: Urgency): void {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const retryAt = this.#breakers[lane].pass(urgency, now);
    if (retryAt === 0) return;
    if (lane === 'orders' && this.#breakers.orders.state.kind === 'half-open') this.#probe();
    throw new AlgoError('ALGO_CIRCUIT_OPEN', { lane, retryAtMs: Math.ceil(clock.now() + retryAt - now) });
  }

  /** The order lane has no reads of its own, so a half-open one is tried out with a cheap one: an order is never a probe. */
  #probe(): void {
    if (this.#probing) return;
    this.#probing = true;
    const adapter = this.#options.adapter();
    void this.#probeOnce(adapter).finally(() => {
      this.#probing = false;
    });
  }

  async #probeOnce(adapter: BrokerAdapter): Promise<void> {
    const { clock } = this.#options;
    const breaker = this.#breakers.orders;
    while (breaker.state.kind === 'half-open' && breaker.pass('read', clock.monotonic()) === 0) {
      const good = await this.read('reads', PROBE_DEADLINE_MS, (call) => adapter.profile(call)).then(
        () => true,
        () => false,
      );
      breaker.record('read', good ? 'success' : 'failure', clock.monotonic());
    }
  }

  #call(deadline: Deadline, session: BrokerSession | null, urgency: Urgency): Call {
    const { clock, who, redactor } = this.#options;
    return new Call({ deadline, startedAtMs: clock.now(), session, urgency, who, redactor });
  }

  /** Answers at the deadline even when what it waits for does not. */
  #inTime<Value>(work: Promise<Value>, deadline: Deadline): Promise<Value> {
    return new Promise((resolve, reject) => {
      deadline.onOver(() => reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs })));
      work.then(resolve, reject);
    });
  }
}

const isSessionLost = (error: unknown): boolean => isAlgoError(error) && error.code === 'ALGO_SESSION_EXPIRED';
