import type { Connection } from '../connection/connection.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { AttemptRow, CommandKind, OrderJournal, OrderSighting } from '../contract/order-journal.js';
import type { BrokerOrder, CancelRequest, ConnectionRef, ModifyRequest, OrderRequest } from '../domain/order.js';
import { joinOrder } from '../domain/order.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import type { Margin } from '../domain/portfolio.js';
import { createDayTeller } from '../domain/time.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { EarlierAttempts } from './earlier-attempts.js';
import type { Flight } from './flight.js';
import { mayBeFollowed } from './followed-row.js';
import type { JournalWriter } from './journal-writer.js';
import { notAtBroker } from './not-sent.js';
import { OrderChanges } from './order-changes.js';
import { checkClientOrderId, checkDeadline, checkListing, checkOrder, checkShape } from './order-check.js';
import type { EmitOrderEvent } from './order-events.js';
import { OrderQueue } from './order-queue.js';
import type { OrderRoad } from './order-road.js';
import { withoutFailover } from './order-routing.js';
import type { OrderRouting } from './order-routing.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';
import { ownCopy } from './own-copy.js';
import { Placing } from './placing.js';
import { expiryOf } from './queued-row.js';
import { RepeatedPlace } from './repeated-place.js';
import type { StandIn } from './stand-in.js';
import type { TagMaker } from './tag.js';
import { WaitingRows } from './waiting-rows.js';

/** How long a claimed order may still be answered once the manager closes. */
const CLOSING_GRACE_MS = 1_000;
const QUEUE_LIMIT = 100;

/** A user's orders, on all of their connections. */
export interface Orders {
  /**
   * Places an order at most once per client order id.
   *
   * @throws {AlgoError} only for input that cannot be sent and for a closed manager.
   */
  place(request: OrderRequest): Promise<OrderOutcome>;
  /** Changes a working order. An accepted modify was taken by the broker; the book says whether it worked. */
  modify(request: ModifyRequest): Promise<OrderOutcome>;
  /** Cancels an order: unsent if it still waits here, at the broker if it is there, later if nobody knows yet. */
  cancel(request: CancelRequest): Promise<OrderOutcome>;
  /**
   * What an order would block, asked of the broker; nothing is placed.
   *
   * @throws {AlgoError} as for an order that cannot be sent; `ALGO_NOT_SUPPORTED` where the broker has no such call
   */
  margin(request: OrderRequest): Promise<Margin>;
  /** What is known without asking the broker; null for an id never used. */
  get(clientOrderId: string): Promise<TrackedOrder | null>;
  /** Reads the order at its broker, then tells what is known. */
  refresh(clientOrderId: string): Promise<TrackedOrder>;
  /** Orders placed by this user, newest first; of today unless another IST day is named. */
  list(filter?: { readonly tradingDay?: string; readonly limit?: number }): Promise<readonly TrackedOrder[]>;
  /** Orders that wait unsent for a connection that cannot take them yet, in the order in which they will go. */
  queued(): Promise<readonly TrackedOrder[]>;
}

/** One order of ours: what was asked, what became of it at last, and how its broker last showed it. */
export interface TrackedOrder {
  readonly clientOrderId: string;
  readonly connection: ConnectionRef;
  readonly tag: string;
  readonly state: AttemptRow['state'];
  readonly outcome: OrderOutcome;
  /** As the broker's book last showed it; null before it was seen there. */
  readonly order: BrokerOrder | null;
  readonly seenAtMs: number | null;
  readonly createdAtMs: number;
}

export interface OrderDeskOptions {
  readonly userId: string;
  /** `Store.owner` of this process, written on every row it makes. */
  readonly owner: string;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly clock: Clock;
  readonly newTag: TagMaker;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
  /** The connection that serves this order. @throws {AlgoError} when none or several could. */
  readonly roadFor: (wanted: ConnectionRef | undefined) => OrderRoad;
  /** Null when that connection is not established. */
  readonly roadOf: (ref: ConnectionRef) => OrderRoad | null;
  readonly roads: () => readonly OrderRoad[];
  /** Whether the user has switched that broker off. */
  readonly isOff: (broker: string) => boolean;
  /** What becomes of an order that does not get there. @default one try, at what `roadFor` says */
  readonly routing?: OrderRouting;
  /** Most orders that wait in the queue at once. @default 100 */
  readonly queueLimit?: number;
  /** From 0 up to but not 1, for the pauses between attempts. @default always 0.5 */
  readonly fraction?: () => number;
}

type SightingKey = Pick<AttemptRow, 'userId' | 'broker' | 'account' | 'clientOrderId'>;

export class OrderDesk implements Orders {
  readonly #options: OrderDeskOptions;
  readonly #routing: OrderRouting;
  readonly #earlier: EarlierAttempts;
  readonly #waiting: WaitingRows;
  readonly #queue: OrderQueue;
  readonly #placing: Placing;
  readonly #repeated: RepeatedPlace;
  readonly #changes: OrderChanges;
  /** Two readings of one order are joined one after the other. */
  readonly #sightings = new Map<string, Promise<void>>();
  readonly #dayOf = createDayTeller();
  #journalWentBack = false;
  #closed = false;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
    const { fraction = () => 0.5, queueLimit: limit = QUEUE_LIMIT } = options;
    const roadFor: OrderRouting['first'] = ({ connection }) => ({
      road: options.roadFor(connection),
      queueForMs: null,
    });
    this.#routing = options.routing ?? withoutFailover(roadFor);
    const routing = this.#routing;
    this.#earlier = new EarlierAttempts(options);
    this.#waiting = new WaitingRows(options);
    const [earlier, waiting] = [this.#earlier, this.#waiting];
    this.#queue = new OrderQueue({
      ...options,
      waiting,
      limit,
      mayDrain: (road) => !options.isOff(road.gate.connection.broker) && routing.mayDrain(road),
      send: (row, road, expiresAtMs, leftMs) => this.#placing.sendQueued(row, road, expiresAtMs, leftMs),
    });
    this.#placing = new Placing({
      ...options,
      fraction,
      routing,
      waiting,
      earlier,
      queue: this.#queue,
      newRow: (clientOrderId, road, number, text) => this.#newRow('place', clientOrderId, road, number, text),
    });
    this.#repeated = new RepeatedPlace({ ...options, routing, placing: this.#placing, earlier });
    this.#changes = new OrderChanges({
      ...options,
      newRow: (kind, clientOrderId, road, number, request) => this.#newRow(kind, clientOrderId, road, number, request),
      placing: (clientOrderId) => this.#placing.underway(clientOrderId)?.outcome ?? null,
      withdraw: (row) => this.#withdraw(row),
    });
  }

  async place(request: OrderRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    const asked = ownCopy(request);
    checkShape(asked);
    const { newTag, clock, isOff } = this.#options;
    const beganMs = clock.monotonic();
    const first = this.#repeated.firstStep(asked);
    const step = first instanceof Promise ? await first : first;
    const { broker } = step.road.gate.connection;
    const clientOrderId = asked.clientOrderId ?? newTag(0);
    const isRefused = isOff(broker) && !(await this.#repeated.wasPlaced(asked));
    if (isRefused) throw new AlgoError('ALGO_BROKER_DISABLED', { broker });
    const told = this.#toldBefore(clientOrderId);
    if (told !== null) return told;
    let plan: StandIn;
    try {
      plan = this.#placing.planAt(step.road, asked);
    } catch (error) {
      plan = await this.#repeated.plan(asked, step, error);
    }
    this.#assertOpen(); // a close does not wait for what has no connection yet
    return this.#placing.place(clientOrderId, asked, step, plan, clock.monotonic() - beganMs);
  }

  async margin(request: OrderRequest): Promise<Margin> {
    this.#assertOpen();
    checkShape(request);
    const first = this.#routing.first(request);
    const { connection } = (first instanceof Promise ? await first : first).road.gate;
    const listing = connection.listing(request.instrument);
    return connection.margin(
      checkOrder(request, listing, brokerOf(connection), this.#dayOf(this.#options.clock.now())),
    );
  }

  async modify(request: ModifyRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkClientOrderId(request?.clientOrderId);
    checkDeadline(request.deadlineMs);
    return this.#changes.modify(ownCopy(request));
  }

  async cancel(request: CancelRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkClientOrderId(request?.clientOrderId);
    checkDeadline(request.deadlineMs);
    const flight = this.#placing.underway(request.clientOrderId);
    if (flight?.stop() === true) {
      // What waited may have been a repetition of an order that is at the broker: then that one is cancelled.
      const outcome = await flight.outcome.catch(() => null);
      if (outcome?.kind === 'not-sent') return notAtBroker(request.clientOrderId);
    }
    return this.#changes.cancel(request);
  }

  async get(clientOrderId: string): Promise<TrackedOrder | null> {
    this.#assertOpen();
    checkClientOrderId(clientOrderId);
    const place = (await this.#earlier.places(clientOrderId)).at(-1);
    return place === undefined ? null : this.#tracked(place);
  }

  async refresh(clientOrderId: string): Promise<TrackedOrder> {
    this.#assertOpen();
    checkClientOrderId(clientOrderId);
    const { place, road } = await this.#changes.target(clientOrderId);
    const { brokerOrderId } = place;
    const order = brokerOrderId === null ? null : await road.gate.connection.order(brokerOrderId);
    if (order !== null) await this.saw(place, order);
    return this.#tracked(place);
  }

  async list(filter: { tradingDay?: string; limit?: number } = {}): Promise<readonly TrackedOrder[]> {
    this.#assertOpen();
    const { journal, userId, clock } = this.#options;
    const { tradingDay = this.#dayOf(clock.now()), limit = 500 } = filter;
    checkListing(tradingDay, limit);
    const rows = await journal.list(userId, { tradingDay, limit });
    const latest = new Map<string, AttemptRow>();
    for (const row of rows) if (!latest.has(row.clientOrderId)) latest.set(row.clientOrderId, row);
    return Promise.all([...latest.values()].map((row) => this.#tracked(row)));
  }

  async queued(): Promise<readonly TrackedOrder[]> {
    this.#assertOpen();
    const refs = this.#options.roads().map(({ gate }) => gate.connection.key);
    return Promise.all((await this.#queue.list(refs)).map((row) => this.#tracked(row)));
  }

  /** This connection may be able to take what waits for it: it came up, or its breaker closed. */
  drain(ref: ConnectionRef): void {
    if (!this.#closed) this.#queue.wake(ref);
  }

  /** Remembers how a broker showed an order of ours, joined with what was known. */
  saw(key: SightingKey, seen: BrokerOrder): Promise<void> {
    const before = this.#sightings.get(key.clientOrderId) ?? Promise.resolve();
    const save = (): Promise<void> => this.#join(key, seen);
    const saved = before.then(save, save);
    this.#sightings.set(key.clientOrderId, saved);
    const done = (): void => {
      if (this.#sightings.get(key.clientOrderId) === saved) this.#sightings.delete(key.clientOrderId);
    };
    saved.then(done, done);
    return saved;
  }

  /** The journal lost rows it had: what this process was told of orders counts from now on. */
  journalWentBack(): void {
    this.#journalWentBack = true;
    this.#queue.journalWentBack();
  }

  /** Goes on with what an earlier process had journalled and not sent: a cancel, or an order that waits. */
  resume(row: AttemptRow): void {
    if (expiryOf(row) === null) this.#changes.resume(row);
    else this.#queue.take(row);
  }

  /**
   * Takes no more orders. What waits is taken out of the line; what was claimed gets a moment to be answered and is
   * otherwise left AMBIGUOUS, for the next start to look up.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#changes.close();
    this.#queue.close();
    await this.#placing.close(CLOSING_GRACE_MS);
    this.#waiting.close();
    this.#earlier.close();
  }

  async #join({ userId, broker, account, clientOrderId }: SightingKey, seen: BrokerOrder): Promise<void> {
    const { journal, clock, emit } = this.#options;
    const known = await journal.sighting(userId, clientOrderId);
    const order = joinOrder(known?.order ?? null, seen);
    const key = { userId, broker, account, clientOrderId };
    const sighting: OrderSighting = { ...key, order, seenAtMs: clock.now(), importId: null };
    await journal.saveSighting(sighting);
    if (order.status === known?.order.status && order.filledQuantity === known.order.filledQuantity) return;
    emit('order-seen', { clientOrderId, connection: { broker, account }, order });
  }

  /** An order whose row the journal lost, and that this process knows to be at its broker. */
  #toldBefore(clientOrderId: string): OrderOutcome | null {
    if (!this.#journalWentBack) return null;
    for (const { acknowledged } of this.#options.roads()) {
      const brokerOrderId = acknowledged.brokerOrderIdOf(clientOrderId);
      if (brokerOrderId !== null) return { kind: 'accepted', clientOrderId, brokerOrderId };
    }
    return null;
  }

  #withdraw(row: AttemptRow): Promise<boolean> | null {
    if (row.state === 'INTENT') return this.#waiting.end(row, 'cancelled');
    const flight = this.#placing.underway(row.clientOrderId);
    if (flight !== null) return this.#stopped(flight, row);
    const { owner, clock, newTag } = this.#options;
    if (!mayBeFollowed(row, owner, clock.now())) return null;
    const number = row.number + 1; // who comes first with the next attempt decides whether there is one
    return this.#waiting.fill({ ...row, number, tag: newTag(number), owner }, 'cancelled');
  }

  /** One that began to go while it was being cancelled: nothing follows what it is at now. */
  #stopped(flight: Flight, { state }: AttemptRow): Promise<boolean> | null {
    const isStopped = flight.stop();
    if (state !== 'NOT_SENT' && state !== 'REJECTED') return null;
    const ended = isStopped ? flight.outcome.catch(() => null) : Promise.resolve();
    return ended.then(() => false); // its latest attempt tells
  }

  #newRow(kind: CommandKind, clientOrderId: string, { gate }: OrderRoad, number: number, request: string): AttemptRow {
    const { clock, newTag, userId, owner } = this.#options;
    const { broker, account } = gate.connection.key;
    const now = clock.now();
    return {
      userId,
      broker,
      account,
      tag: newTag(number),
      owner,
      kind,
      clientOrderId,
      number,
      request,
      state: 'INTENT',
      tradingDay: this.#dayOf(now),
      createdAtMs: now,
      sendByMs: null,
      brokerOrderId: null,
      detail: null,
      updatedAtMs: now,
    };
  }

  async #tracked(stored: AttemptRow): Promise<TrackedOrder> {
    const row = this.#options.writer.see(stored);
    const { journal, userId, roadOf } = this.#options;
    const sighting = await journal.sighting(userId, row.clientOrderId);
    const road = roadOf(row);
    const settled = road === null ? lastWord(row) : outcomeOfRow(row, () => road.reconciler.settledOf(row));
    return {
      clientOrderId: row.clientOrderId,
      connection: { broker: row.broker, account: row.account },
      tag: row.tag,
      state: row.state,
      outcome: settled,
      order: sighting?.order ?? null,
      seenAtMs: sighting?.seenAtMs ?? null,
      createdAtMs: row.createdAtMs,
    };
  }

  #assertOpen(): void {
    if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'manager' });
  }
}

const brokerOf = ({ broker, capabilities }: Connection): { id: string; capabilities: BrokerCapabilities } => ({
  id: broker,
  capabilities,
});
