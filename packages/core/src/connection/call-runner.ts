import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { Lane as LaneName } from '../contract/http.js';
import type { BrokerSession } from '../contract/session.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { AnyAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { BreakerState, CallResult } from '../resilience/circuit-breaker.js';
import { Deadline } from '../resilience/deadline.js';
import { READ_TRIES, RetryBudget, retryRead } from '../resilience/retry-reads.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Clock } from '../runtime/clock.js';
import type { Diagnostics } from '../runtime/diagnostics.js';
import { errorName } from '../runtime/error-name.js';
import type { Random } from '../runtime/random.js';
import type { Redactor } from '../runtime/redactor.js';
import type { Ticker } from '../runtime/ticker.js';
import { Call } from '../transport/call.js';
import type { HttpClient } from '../transport/http-client.js';
import type { Permit } from '../transport/lane.js';
import { CallTelling } from './call-telling.js';
import type { SessionEvent } from './call-telling.js';
import { isSessionLost, probeResultOf, readResultOf } from './call-results.js';
import { ExitTurns } from './exit-turns.js';
import { FaultRing } from './diagnosis-faults.js';
import type { HealthMonitor } from './health-monitor.js';
import { LaneBreakers } from './lane-breakers.js';
import type { OnLaneBreaker } from './lane-breakers.js';
import { BreakerProbes } from './probe-breakers.js';
import { readRetries } from './read-retries.js';
import type { SessionKeeper } from './session-keeper.js';

export interface CallRunnerOptions {
  readonly who: { readonly broker: string; readonly account: string };
  readonly userId?: string | undefined;
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
  /** Tells of a breaker that changed. */
  readonly onBreaker?: OnLaneBreaker | undefined;
  /** Where calls are told of, if anybody listens. */
  readonly diagnostics?: Diagnostics | undefined;
}

/** The rate family of order commands, in every broker's table. */
const ORDER_FAMILY = 'orders';
const AUTH_DEADLINE_MS = 10_000;
const LONGEST_TEXT = 300;
const PROBE_DEADLINE_MS = 5_000;

/** Runs every call of one connection: session, breaker, deadline, health, and the retries of reads. */
export class CallRunner {
  /** The last calls that failed. */
  readonly faults = new FaultRing();
  readonly #options: CallRunnerOptions;
  readonly #breakers: LaneBreakers;
  readonly #exits: ExitTurns;
  readonly #probes: BreakerProbes;
  readonly #telling: CallTelling;
  readonly #budget = new RetryBudget();

  constructor(options: CallRunnerOptions) {
    this.#options = options;
    const { clock, random, health, onBreaker, diagnostics, userId = '', who } = options;
    this.#breakers = new LaneBreakers({
      clock,
      fraction: () => random.fraction(),
      onChange: (lane, state, previous) => {
        if (lane !== 'auth') health.breakerIs(lane, state.kind === 'open'); // a session in hand needs no log-in
        onBreaker?.(lane, state, previous);
      },
    });
    this.#exits = new ExitTurns(this.#breakers.orders);
    const read = (): Promise<CallResult | null> => this.probe().then(() => 'success' as const, probeResultOf);
    this.#probes = new BreakerProbes({ breakers: this.#breakers, clock, read });
    this.#telling = new CallTelling({ owner: { userId, ...who }, diagnostics, clock, faults: this.faults });
  }

  /** With `untilMs` as epoch milliseconds. */
  breakerState(lane: LaneName): BreakerState {
    return this.#breakers.stateOf(lane);
  }

  breakerStates(): Readonly<Record<LaneName, BreakerState>> {
    return this.#breakers.states();
  }

  /** Whether a lane lets nothing new through: its breaker is open, or is being tried. */
  isShut(lane: LaneName): boolean {
    const { kind } = this.#breakers[lane].state;
    return kind === 'open' || kind === 'half-open';
  }

  /** Whether a lane that was shut may be tried now, by one read. */
  mayTry(lane: LaneName): boolean {
    return this.#breakers[lane].tryFromMs <= this.#options.clock.monotonic();
  }

  /**
   * By hand: refuses reads and entries for so long, null for until it is closed by hand.
   *
   * @throws {AlgoError} `ALGO_INVALID_INPUT`
   */
  openBreaker(lane: LaneName, forMs: number | null): void {
    this.#breakers.open(lane, forMs);
  }

  /** By hand: calls go again. @throws {AlgoError} `ALGO_INVALID_INPUT` */
  closeBreaker(lane: LaneName): void {
    this.#breakers.close(lane);
  }

  /** From when a lane that a breaker keeps shut may be tried, monotonic; never while there is none, or no session. */
  breakerDueMs(): number {
    return this.#options.keeper().current() === null ? Infinity : this.#probes.dueMs;
  }

  /** Tries the lanes that breakers keep shut and whose time has come. Never throws. */
  probeWhenDue(): Promise<void> {
    return this.#probes.run();
  }

  /** Whether there is a live session, and a reads lane that is not shut, for `probe`. */
  mayProbe(): boolean {
    return this.#options.keeper().current() !== null && this.#breakers.reads.state.kind === 'closed';
  }

  /**
   * One cheap read to see whether the broker is there, tried once, within the limits, with the session there is. It
   * counts for health and breaker as any other.
   *
   * @throws {AlgoError} with effect `none`
   */
  async probe(): Promise<void> {
    const adapter = this.#options.adapter();
    const deadline = this.deadline(PROBE_DEADLINE_MS);
    try {
      await this.#readOnce('reads', deadline, (call) => adapter.profile(call), true);
    } finally {
      deadline.done();
    }
  }

  deadline(lengthMs: number, isShort = false): Deadline {
    const { clock, ticker } = this.#options;
    return new Deadline(lengthMs, () => clock.monotonic(), ticker, isShort);
  }

  /**
   * A read: signed with a live session, tried up to three times within the deadline, and once more after a log-in when
   * the broker refused the session.
   *
   * @throws {AlgoError} with effect `none`
   */
  async read<Value>(
    lane: LaneName,
    deadlineMs: number,
    run: (call: Call) => Promise<Value>,
    tries = this.#options.readTries ?? READ_TRIES,
    isShort = false,
  ): Promise<Value> {
    const { clock, random } = this.#options;
    const deadline = this.deadline(deadlineMs, isShort);
    this.#budget.call(clock.monotonic());
    try {
      return await retryRead(
        () => this.#readOnce(lane, deadline, run),
        () => readRetries({ deadline, tries, clock, random, budget: this.#budget }),
      );
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
    if (session === null || this.#exits.mustWait(urgency)) return this.#beginLater(urgency, deadline);
    return this.#enter(urgency, deadline, session);
  }

  /** Tells breaker and health how a command ended; null when it never left and says nothing. */
  finishCommand(call: Call, result: CallResult | null, code: AlgoErrorCode | null): void {
    const { clock, health, http } = this.#options;
    call.end();
    const { urgency, breakerEpoch } = call;
    this.#exits.ended(urgency);
    const ended = clock.monotonic();
    this.#telling.ended(call, 'orders', result, code);
    // Local refusals prove that nothing was written; what is left is the broker's own word.
    if (code === 'ALGO_RATE_LIMITED' && !call.record.provesNotSent()) http.slowDown(ORDER_FAMILY, null);
    if (result === null) return this.#breakers.orders.release(urgency, breakerEpoch);
    const why = call.deadline.over ? 'ALGO_DEADLINE' : (code ?? 'ALGO_BROKER_UNAVAILABLE');
    health.ended({ tookMs: ended - call.beganMs, failure: result === 'success' ? null : why, kind: 'order' });
    this.#breakers.orders.record(urgency, result, ended, breakerEpoch);
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
    while (this.#exits.mustWait(urgency)) {
      await this.#exits.wait(deadline);
      session = this.#options.keeper().current() ?? session;
    }
    return this.#enter(urgency, deadline, session); // in the same breath as the check, so that nobody slips in between
  }

  #enter(urgency: Urgency, deadline: Deadline, session: BrokerSession): Call | Promise<Call> {
    const call = this.#call(deadline, session, urgency, this.#passBreaker('orders', urgency));
    this.#exits.began(urgency);
    this.#telling.began(call, 'orders');
    try {
      const permit = this.#options.http.enter('orders', urgency, ORDER_FAMILY, deadline);
      if (permit instanceof Promise) return this.#whenEntered(call, permit);
      call.hold(permit);
      return call;
    } catch (error) {
      this.#notEntered(call, error);
      throw error;
    }
  }

  #notEntered(call: Call, error: unknown): void {
    this.#exits.ended(call.urgency);
    this.#breakers.orders.release(call.urgency, call.breakerEpoch);
    this.#telling.refused(call, 'orders', error);
  }

  async #whenEntered(call: Call, entering: Promise<Permit>): Promise<Call> {
    try {
      call.hold(await entering);
      this.#telling.waited(call, 'orders');
      return call;
    } catch (error) {
      this.#notEntered(call, error);
      throw error;
    }
  }

  async #readOnce<Value>(
    lane: LaneName,
    deadline: Deadline,
    run: (call: Call) => Promise<Value>,
    probe = false,
  ): Promise<Value> {
    const keeper = this.#options.keeper();
    const session = keeper.current() ?? (await this.inTime(keeper.ensure(), deadline));
    try {
      const value = await this.#measured(lane, session, deadline, run, probe);
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
    const { keeper, onSession, health } = this.#options;
    health.authFailed();
    if (!(await keeper().lost(session))) return;
    const tell = (event: SessionEvent): void => {
      this.#telling.session(event);
      onSession(event);
    };
    tell({ kind: 'lost' });
    keeper()
      .ensure()
      .then(
        () => tell({ kind: 'renewed' }),
        (error: unknown) => tell({ kind: 'not-renewed', code: this.failureOf(error).code }),
      );
  }

  async #measured<Value>(
    lane: LaneName,
    session: BrokerSession | null,
    deadline: Deadline,
    run: (call: Call) => Promise<Value>,
    probe = false,
  ): Promise<Value> {
    const { clock, health } = this.#options;
    const urgency = lane === 'data' ? 'data' : 'read';
    const call = this.#call(deadline, session, urgency, this.#passBreaker(lane, urgency));
    const breaker = this.#breakers[lane];
    const kind = lane === 'auth' ? 'other' : 'read';
    this.#telling.began(call, lane);
    try {
      const value = await this.inTime(run(call), deadline);
      const ended = clock.monotonic();
      breaker.record(urgency, 'success', ended, call.breakerEpoch);
      health.ended({ tookMs: ended - call.beganMs, failure: null, kind, probe });
      this.#telling.ended(call, lane, 'success', null);
      return value;
    } catch (thrown) {
      const error = this.failureOf(thrown).withEffect('none');
      this.#readFailed(lane, call, error, probe);
      throw error;
    } finally {
      call.end();
    }
  }

  #readFailed(lane: LaneName, call: Call, error: AnyAlgoError | AlgoError, probe: boolean): void {
    const { clock, health, http } = this.#options;
    const ended = clock.monotonic();
    const result = readResultOf(error.code, call);
    if (error.code === 'ALGO_LOGIN_REFUSED') health.authFailed();
    const failure = result === 'failure' ? error.code : null;
    // A broker that says no has answered, but that is no reading of anything.
    const wasCutShort = error.code === 'ALGO_DEADLINE' && call.deadline.isShort;
    if (result !== null && call.hasEntered && !wasCutShort)
      health.ended({ tookMs: ended - call.beganMs, failure, kind: 'other', probe });
    if (result === null) this.#breakers[lane].release(call.urgency, call.breakerEpoch);
    else this.#breakers[lane].record(call.urgency, result, ended, call.breakerEpoch);
    if (!isAlgoError(error) || error.code !== 'ALGO_RATE_LIMITED') {
      return this.#telling.ended(call, lane, result, error.code);
    }
    const { family, retryAfterMs, local } = error.details;
    if (local !== true) http.slowDown(family, retryAfterMs); // once more does not slow down more
    this.#telling.refused(call, lane, error);
  }

  /** @returns the breaker's epoch, to hand back with the result */
  #passBreaker(lane: LaneName, urgency: Urgency): number {
    try {
      return this.#breakers.pass(lane, urgency);
    } catch (error) {
      // An order is never a probe: a read is made in its place.
      if (lane === 'orders' && this.#breakers.orders.state.kind === 'half-open') void this.#probes.run();
      throw error;
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
