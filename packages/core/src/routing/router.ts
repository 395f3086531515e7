import type { Lane } from '../contract/http.js';
import { LANES } from '../contract/http.js';
import type { ConnectionRef } from '../domain/order.js';
import type { RejectReason } from '../domain/order-outcome.js';
import type { Clock } from '../runtime/clock.js';
import { chooseConnection, isSameConnection } from './choose-connection.js';
import { decide, firingRule } from './failover-policy.js';
import type { Decision, Situation, Trouble } from './failover-policy.js';
import type { FailoverRule, FailoverStrategy } from './failover-strategy.js';
import { CALM, findConnection, refOf, troubleOf } from './routable.js';
import type { Routable } from './routable.js';
import { Outage } from './outage.js';
import { Recovery } from './recovery.js';
import type { RecoveryWatch } from './recovery-watch.js';
import type { EmitRoutingEvent } from './routing-events.js';

export interface RouterOptions<Candidate extends Routable> {
  readonly clock: Clock;
  readonly watch: RecoveryWatch;
  /** The user's connections, whatever their state. */
  readonly connections: () => readonly Candidate[];
  /** The connection the user chose for calls that name none, where there is no strategy. */
  readonly preferred: () => ConnectionRef | null;
  readonly emit: EmitRoutingEvent;
}

/** Where an entry goes, and how. */
export interface EntryRoute {
  readonly connection: ConnectionRef;
  readonly decision: Decision;
}

/** An order that provably is at no broker, and the connection that could not take it. */
export interface FailedOrder {
  readonly operation: 'entry' | 'exit';
  readonly connection: ConnectionRef;
  readonly rejection: RejectReason | null;
  readonly mayMove: boolean;
  /** Its caller named the connection. */
  readonly pinned: boolean;
  /** Where it was tried before. */
  readonly tried: readonly ConnectionRef[];
}

export type AfterFailure =
  Exclude<Decision, { kind: 'switch' }> | { readonly kind: 'switch'; readonly to: ConnectionRef };

/**
 * `onProbe`: their data lane was shut and may be tried, which only a read of market data does: asked first.
 * `doubtful`: rules match them, so that they are asked after the others.
 */
export interface DataSources<Candidate> {
  readonly onProbe: readonly Candidate[];
  readonly ready: readonly Candidate[];
  readonly doubtful: readonly Candidate[];
}

/** For a status page. Times are epoch milliseconds. */
export interface RoutingStatus {
  readonly serving: ConnectionRef;
  readonly primary: ConnectionRef;
  /** A person moved the calls there. */
  readonly byHand: boolean;
  /** When calls return to the primary if it stays healthy; null while they are there, it is not healthy, or it is for a person. */
  readonly returnsAtMs: number | null;
}

/** Reasons that are of one order: the next one is tried at the same connection again. */
const OF_ONE_ORDER: ReadonlySet<RejectReason> = new Set<RejectReason>(['margin', 'not-enabled']);

/**
 * Which of one user's connections serves. Rules are looked at before a call and after a failure; a switch lasts until the
 * primary was healthy for a while, or until a person leads back. A call that names its connection is never moved.
 */
export class Router<Candidate extends Routable> {
  readonly #options: RouterOptions<Candidate>;
  readonly #outage: Outage;
  #strategy: FailoverStrategy | null = null;
  /** Primary first. */
  #refs: readonly ConnectionRef[] = [];
  #serving: ConnectionRef | null = null;
  /** Left by a person's word; nothing returns there without another. */
  #leftByHand: readonly ConnectionRef[] = [];
  #recovery = new Recovery();
  #unwatch: (() => void) | null = null;
  #closed = false;

  constructor(options: RouterOptions<Candidate>) {
    this.#options = options;
    this.#outage = new Outage(options.clock, options.emit);
  }

  get strategy(): FailoverStrategy | null {
    return this.#strategy;
  }

  /** From now on; null: none. The same again changes nothing, another one begins at its primary. */
  use(strategy: FailoverStrategy | null): void {
    if (this.#closed || JSON.stringify(strategy) === JSON.stringify(this.#strategy)) return;
    this.#strategy = strategy;
    this.#refs = strategy === null ? [] : [refOf(strategy.primary), ...strategy.backups.map(refOf)];
    this.#serving = this.#refs[0] ?? null;
    this.#leftByHand = [];
    this.#recovery = new Recovery(strategy?.recovery?.healthyMs);
    this.#outage.reset();
    this.#watchIfNeeded();
  }

  /** Null without a strategy. */
  status(): RoutingStatus | null {
    const [primary] = this.#refs;
    if (primary === undefined || this.#serving === null) return null;
    const { clock } = this.#options;
    const endsAtMs = this.#returnsAlone ? this.#recovery.endsAtMs : null;
    const returnsAtMs = endsAtMs === null ? null : Math.ceil(clock.now() + endsAtMs - clock.monotonic());
    return { serving: this.#serving, primary, byHand: this.#leftByHand.length > 0, returnsAtMs };
  }

  /**
   * The connection for a call that may not move: the one named, the one that serves, or the only one there is.
   *
   * @throws {AlgoError} `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR`
   */
  choose(wanted: ConnectionRef | undefined): Candidate {
    this.#look();
    const { connections, preferred } = this.#options;
    return chooseConnection(connections(), wanted ?? this.#serving ?? preferred() ?? undefined);
  }

  /** Where an order that opens exposure is tried first. Null without a strategy. */
  entry(): EntryRoute | null {
    this.#look();
    if (this.#serving === null) return null;
    const held = this.#heldByHand();
    if (held !== null) return held;
    const situation = this.#entryAt(this.#serving, 'orders');
    const decision = decide(situation);
    if (decision.kind !== 'switch') return this.#routeOf(this.#serving, decision);
    const next = this.#nextAfter([this.#serving]);
    if (next === null) return this.#routeOf(this.#serving, decide({ ...situation, hasBackup: false }));
    this.#moveTo(next, reasonOf(firingRule(situation), null));
    return this.#routeOf(next, decide(this.#entryAt(next, 'orders')));
  }

  /** What becomes of an order after an attempt of no effect. */
  afterFailure(order: FailedOrder): AfterFailure {
    const { operation, connection, rejection, mayMove, pinned, tried } = order;
    if (!this.#refs.some((ref) => isSameConnection(ref, connection))) return { kind: 'refuse' };
    const next = pinned ? null : this.#nextAfter([connection, ...tried]);
    const trouble = troubleOf(this.#find(connection), 'orders');
    const situation: Situation = {
      operation,
      effect: 'none',
      trouble: { ...trouble, down: trouble.down || rejection === null }, // it was proven unsent
      manual: false,
      rejection,
      rules: this.#rules,
      hasBackup: next !== null,
      mayMove,
    };
    const decision = decide(situation);
    if (decision.kind !== 'switch') return decision;
    if (next === null) return { kind: 'refuse' };
    const isOfOneOrder = operation === 'exit' || (rejection !== null && OF_ONE_ORDER.has(rejection));
    if (!isOfOneOrder && this.#isServing(connection)) this.#moveTo(next, reasonOf(firingRule(situation), rejection));
    return { kind: 'switch', to: next };
  }

  /** Whether what waits for this connection may go. */
  mayDrain(connection: ConnectionRef): boolean {
    if (this.#leftByHand.some((ref) => isSameConnection(ref, connection)) && this.#heldByHand() !== null) return false;
    return this.#find(connection)?.isUsable('orders') === true;
  }

  /**
   * Those that market data is asked of, in order: where calls go, then the others. Without a strategy only the one there
   * is.
   *
   * @throws {AlgoError} `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR`
   */
  forMarketData(): DataSources<Candidate> {
    const serving = this.#serving;
    if (serving === null) return { onProbe: [], ready: [this.choose(undefined)], doubtful: [] };
    this.#look();
    const refs = [serving, ...this.#refs.filter((ref) => !isSameConnection(ref, serving) && !this.#isLeftByHand(ref))];
    const connections = this.#options.connections();
    const found = refs.map((ref) => findConnection(connections, ref)).filter((connection) => connection !== null);
    const usable = found.filter((connection) => connection.isUsable('data'));
    const onProbe = found.filter((connection) => connection.mayTry?.('data') === true);
    if (usable.length === 0) {
      return { onProbe, ready: [], doubtful: found.filter(({ state }) => state.status === 'connecting') }; // it waits for the session
    }
    const doubtful = usable.filter((connection) => this.#isInTrouble(connection, 'data'));
    return { onProbe, ready: usable.filter((connection) => !doubtful.includes(connection)), doubtful };
  }

  /** A call found nobody to ask. */
  foundNobody(): void {
    if (this.#serving !== null) this.#lookForOutage(true);
  }

  /** A connection or breaker of the user changed its state. */
  noticed(): void {
    if (this.#serving === null || this.#closed) return;
    this.#look();
    this.#lookForOutage(false);
  }

  /** Moves the calls by a person's word, to the primary as well. */
  moveByHand(to: ConnectionRef): void {
    const from = this.#serving;
    if (from === null || isSameConnection(from, to)) return;
    const isHome = this.#isPrimary(to);
    const left = this.#leftByHand.filter((ref) => !isSameConnection(ref, to));
    this.#leftByHand = isHome ? [] : [...left, from];
    if (isHome) this.#goHome();
    else this.#moveTo(to, 'by hand');
  }

  /** The next that could take calls, should the one that serves be left; null when there is none. */
  nextUsable(): Candidate | null {
    const next = this.#serving === null ? null : this.#nextAfter([this.#serving]);
    return next === null ? null : this.#find(next);
  }

  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    this.#unwatch = null;
  }

  get #rules(): readonly FailoverRule[] {
    return this.#strategy?.rules ?? [];
  }

  /** Calls are away from the primary and return there without a person. */
  get #returnsAlone(): boolean {
    if (this.#serving === null || this.#isPrimary(this.#serving)) return false;
    return this.#leftByHand.length === 0 && this.#strategy?.recovery?.automatic !== false;
  }

  #find(ref: ConnectionRef): Candidate | null {
    return findConnection(this.#options.connections(), ref);
  }

  #isPrimary(ref: ConnectionRef): boolean {
    const [primary] = this.#refs;
    return primary !== undefined && isSameConnection(primary, ref);
  }

  #isServing(ref: ConnectionRef): boolean {
    return this.#serving !== null && isSameConnection(this.#serving, ref);
  }

  #isLeftByHand(ref: ConnectionRef): boolean {
    return this.#leftByHand.some((left) => isSameConnection(left, ref));
  }

  /** Told as if there were a backup: whether there is one is looked for only when it is needed. */
  #entryAt(ref: ConnectionRef, lane: Lane): Situation {
    return this.#entryWith(troubleOf(this.#find(ref), lane));
  }

  #entryWith(trouble: Trouble): Situation {
    const rules = this.#rules;
    return {
      operation: 'entry',
      effect: 'none',
      trouble,
      manual: false,
      rejection: null,
      rules,
      hasBackup: true,
      mayMove: false,
    };
  }

  #routeOf(connection: ConnectionRef, decision: Decision): EntryRoute {
    if (decision.kind === 'refuse' && this.#find(connection)?.state.status !== 'connecting') this.foundNobody();
    return { connection, decision };
  }

  /** Where a rule of its own says what a person's move does to entries, unless it sends them along. */
  #heldByHand(): EntryRoute | null {
    const from = this.#leftByHand.at(-1);
    if (from === undefined) return null;
    const situation: Situation = { ...this.#entryAt(from, 'orders'), trouble: CALM, manual: true };
    const decision = decide(situation);
    return decision.kind === 'switch' ? null : { connection: from, decision };
  }

  /** The next that takes orders and whose rules do not send them on. The primary comes last: it returns when it has been healthy. */
  #nextAfter(tried: readonly ConnectionRef[]): ConnectionRef | null {
    const [primary, ...backups] = this.#refs;
    const order = primary === undefined ? [] : [...backups, primary];
    const isFree = (ref: ConnectionRef): boolean =>
      !tried.some((other) => isSameConnection(other, ref)) && !this.#isLeftByHand(ref) && this.#takesOrders(ref);
    return order.find(isFree) ?? null;
  }

  #takesOrders(ref: ConnectionRef): boolean {
    const connection = this.#find(ref);
    if (connection === null || !connection.isUsable('orders')) return false;
    const { kind } = decide(this.#entryAt(ref, 'orders'));
    return kind === 'serve-here' || kind === 'retry';
  }

  #isInTrouble(connection: Candidate, lane: Lane): boolean {
    return firingRule(this.#entryWith(troubleOf(connection, lane))) !== null;
  }

  /** Leads back to the primary when its time has come. Costs nothing while calls are there. */
  #look(): void {
    if (this.#serving === null) return;
    if (this.#outage.isOn) this.#lookForOutage(false);
    if (!this.#returnsAlone) return;
    if (this.#recovery.seen(this.#isPrimaryHealthy(), this.#options.clock.monotonic())) this.#goHome();
  }

  #isPrimaryHealthy(): boolean {
    const [ref] = this.#refs;
    const primary = ref === undefined ? null : this.#find(ref);
    if (primary === null || !SERVING_LANES.every((lane) => primary.isUsable(lane))) return false;
    return !this.#isInTrouble(primary, 'orders');
  }

  #moveTo(to: ConnectionRef, why: string): void {
    const from = this.#serving;
    if (from === null) return;
    const nowMs = this.#options.clock.monotonic();
    this.#serving = to;
    if (this.#isPrimary(from)) this.#recovery.left(nowMs);
    if (this.#isPrimary(to)) this.#recovery.returned(nowMs);
    this.#watchIfNeeded();
    this.#options.emit('failover-switched', { from, to, why });
  }

  #goHome(): void {
    const from = this.#serving;
    const [to] = this.#refs;
    if (from === null || to === undefined) return;
    this.#serving = to;
    this.#recovery.returned(this.#options.clock.monotonic());
    this.#watchIfNeeded();
    this.#options.emit('failover-recovered', { from, to });
  }

  #lookForOutage(isSure: boolean): void {
    const connections = this.#refs.map((ref) => this.#find(ref)).filter((connection) => connection !== null);
    const up = connections.find((connection) => LANES.some((lane) => connection.isUsable(lane)));
    if (up !== undefined) this.#outage.isUp(refOf(up));
    else if (isSure || connections.every(({ state }) => state.status !== 'connecting')) {
      this.#outage.isDown(this.#refs, isSure);
    }
    this.#watchIfNeeded();
  }

  #watchIfNeeded(): void {
    const isNeeded = !this.#closed && (this.#returnsAlone || this.#outage.isOn);
    if (isNeeded) this.#unwatch ??= this.#options.watch.add(() => this.#look());
    else {
      this.#unwatch?.();
      this.#unwatch = null;
    }
  }
}

const SERVING_LANES: readonly Lane[] = ['orders', 'reads', 'data'];

function reasonOf(rule: FailoverRule | null, rejection: RejectReason | null): string {
  if (rejection !== null) return `the broker refused an order (${rejection})`;
  switch (rule?.on) {
    case 'TIMEOUT':
      return 'too many deadlines missed';
    case 'ERROR_RATE':
      return 'down, or too many failures';
    default:
      return 'it does not serve';
  }
}
