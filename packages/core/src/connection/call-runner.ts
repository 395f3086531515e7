import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { Lane as LaneName } from '../contract/http.js';
import type { BrokerSession } from '../contract/session.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { AnyAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import { BREAKER_DEFAULTS, CircuitBreaker } from '../resilience/circuit-breaker.js';
import type { BreakerState, CallResult } from '../resilience/circuit-breaker.js';
import { Deadline } from '../resilience/deadline.js';
import { READ_TRIES, RetryBudget, retryRead } from '../resilience/retry-reads.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
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
  /** How often a read is tried. @default 3 */
  readonly readTries?: number | undefined;
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
const LONGEST_TEXT = 300;
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
  /** Exits under way, and those that wait for a breaker that lets one pass at a time. */
  #exits = 0;
  readonly #exitsWaiting: (() => void)[] = [];

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
    const { clock, random, readTries: tries = READ_TRIES } = this.#options;
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
        tries,
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
      return await this.#measured('auth', session, deadline, run);
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
    if (session === null || this.#exitMustWait(urgency)) return this.#beginLater(urgency, deadline);
    return this.#enter(urgency, deadline, session);
  }

  /** Tells breaker and health how a command ended; null when it never left and says nothing. */
  finishCommand(call: Call, result: CallResult | null, code: AlgoErrorCode | null): void {
    const { clock, health } = this.#options;
    call.end();
    const { urgency, breakerEpoch } = call;
    if (urgency === 'exit') this.#exitEnded();
    if (result === null) return this.#breakers.orders.release(urgency, breakerEpoch);
    const ended = clock.monotonic();
    this.#breakers.orders.record(urgency, result, ended, breakerEpoch);
    const now = clock.now();
    const tookMs = ended - call.beganMs;
    if (result === 'success') health.succeeded(now, tookMs, false);
    else health.failed(now, tookMs, code ?? 'ALGO_BROKER_UNAVAILABLE');
  }

  /** A broker's text as it may be kept and shown: without secrets first, then cut, so that no half of one is left. */
  scrub(text: string): string {
    const clean = this.#options.redactor.scrub(text);
    return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT)}…` : clean;
  }

  /** Any failure as an error of ours, with every text in it scrubbed. */
  failureOf(error: unknown): AnyAlgoError | AlgoError {
    if (isAlgoError(error)) return error.scrubbed((text) => this.scrub(text));
    const why = this.scrub(`it threw ${errorName(error)}`);
    return new AlgoError('ALGO_ADAPTER_FAULT', { broker: this.#options.who.broker, why }, 'unknown');
  }

  async #beginLater(urgency: Urgency, deadline: Deadline): Promise<Call> {
    let session = await this.inTime(this.#options.keeper().ensure(), deadline);
    while (this.#exitMustWait(urgency)) {
      await this.#exitTurn(deadline);
      session = this.#options.keeper().current() ?? session;
    }
    return this.#enter(urgency, deadline, session); // in the same breath as the check, so that nobody slips in between
  }

  /** A breaker that is not closed lets exits pass one at a time; the others wait for their turn, they are not refused. */
  #exitMustWait(urgency: Urgency): boolean {
    return urgency === 'exit' && this.#exits > 0 && this.#breakers.orders.state.kind !== 'closed';
  }

  /** Who gives up leaves the line, so that the next wake-up is not lost on it. */
  #exitTurn(deadline: Deadline): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#exitsWaiting.push(resolve);
      deadline.onOver(() => {
        const at = this.#exitsWaiting.indexOf(resolve);
        if (at !== -1) this.#exitsWaiting.splice(at, 1);
        reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs }));
      });
    });
  }

  #exitEnded(): void {
    this.#exits -= 1;
    this.#exitsWaiting.shift()?.();
  }

  #enter(urgency: Urgency, deadline: Deadline, session: BrokerSession): Call | Promise<Call> {
    const call = this.#call(deadline, session, urgency, this.#passBreaker('orders', urgency));
    if (urgency === 'exit') this.#exits += 1;
    try {
      const permit = this.#options.http.enter('orders', urgency, ORDER_FAMILY, deadline);
      if (permit instanceof Promise) return this.#whenEntered(call, permit);
      call.hold(permit);
      return call;
    } catch (error) {
      this.#notEntered(call);
      throw error;
    }
  }

  #notEntered({ urgency, breakerEpoch }: Call): void {
    if (urgency === 'exit') this.#exitEnded();
    this.#breakers.orders.release(urgency, breakerEpoch);
  }

  async #whenEntered(call: Call, entering: Promise<Permit>): Promise<Call> {
    try {
      call.hold(await entering);
      return call;
    } catch (error) {
      this.#notEntered(call);
      throw error;
    }
  }

  async #readOnce<Value>(lane: LaneName, deadline: Deadline, run: (call: Call) => Promise<Value>): Promise<Value> {
    const keeper = this.#options.keeper();
    const session = keeper.current() ?? (await this.inTime(keeper.ensure(), deadline));
    try {
      const value = await this.#measured(lane, session, deadline, run);
      keeper.worked(session);
      return value;
    } catch (error) {
      if (isSessionLost(error)) await this.sessionRefused(session);
      throw error;
    }
  }

  /** The broker took an order with it. */
  sessionWorked(session: BrokerSession): void {
    this.#options.keeper().worked(session);
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

  async #measured<Value>(
    lane: LaneName,
    session: BrokerSession | null,
    deadline: Deadline,
    run: (call: Call) => Promise<Value>,
  ): Promise<Value> {
    const { clock, health } = this.#options;
    const call = this.#call(deadline, session, 'read', this.#passBreaker(lane, 'read'));
    const breaker = this.#breakers[lane];
    try {
      const value = await this.inTime(run(call), deadline);
      const ended = clock.monotonic();
      breaker.record('read', 'success', ended, call.breakerEpoch);
      health.succeeded(clock.now(), ended - call.beganMs, true);
      return value;
    } catch (thrown) {
      const error = this.failureOf(thrown).withEffect('none');
      const ended = clock.monotonic();
      const result = readResultOf(error.code, call);
      if (result === null) breaker.release('read', call.breakerEpoch);
      else breaker.record('read', result, ended, call.breakerEpoch);
      if (result === 'failure') health.failed(clock.now(), ended - call.beganMs, error.code);
      throw error;
    } finally {
      call.end();
    }
  }

  /** @returns the breaker's epoch, to hand back with the result */
  #passBreaker(lane: LaneName, urgency: Urgency): number {
    const { clock } = this.#options;
    const breaker = this.#breakers[lane];
    const now = clock.monotonic();
    const retryAt = breaker.pass(urgency, now);
    if (retryAt === 0) return breaker.epoch;
    if (lane === 'orders' && breaker.state.kind === 'half-open') this.#probe();
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
      const { epoch } = breaker;
      const probe = this.read('reads', PROBE_DEADLINE_MS, (call) => adapter.profile(call));
      const result = await probe.then(() => 'success' as const, probeResultOf);
      if (result === null) return breaker.release('read', epoch);
      breaker.record('read', result, clock.monotonic(), epoch);
    }
  }

  #call(deadline: Deadline, session: BrokerSession | null, urgency: Urgency, breakerEpoch: number): Call {
    const { clock, who, redactor } = this.#options;
    return new Call({
      deadline,
      startedAtMs: clock.now(),
      beganMs: clock.monotonic(),
      session,
      urgency,
      breakerEpoch,
      who,
      redactor,
    });
  }

  /** Answers at the deadline even when what it waits for does not. */
  inTime<Value>(work: Promise<Value>, deadline: Deadline): Promise<Value> {
    return new Promise((resolve, reject) => {
      deadline.onOver(() => reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: deadline.lengthMs })));
      work.then(resolve, reject);
    });
  }
}

const isSessionLost = (error: unknown): boolean => isAlgoError(error) && error.code === 'ALGO_SESSION_EXPIRED';

/** What a failed read tells the breaker; null when it never left our own line. A broker that says no is alive. */
function readResultOf(code: AlgoErrorCode, call: Call): CallResult | null {
  if (code === 'ALGO_RATE_LIMITED' || (code === 'ALGO_DEADLINE' && !call.hasEntered)) return null;
  return OUTAGES.has(code) ? 'failure' : 'success';
}

/** A probe that a log-in or a limit of ours stopped says nothing about the broker. */
function probeResultOf(error: unknown): CallResult | null {
  return isAlgoError(error) && OUTAGES.has(error.code) ? 'failure' : null;
}
