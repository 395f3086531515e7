import type { Connection } from '../connection/connection.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { AttemptRow, CommandKind, OrderJournal, OrderSighting } from '../contract/order-journal.js';
import type { BrokerOrder, CancelRequest, ConnectionRef, ModifyRequest, OrderRequest } from '../domain/order.js';
import { joinOrder } from '../domain/order.js';
import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';
import type { Margin } from '../domain/portfolio.js';
import { createDayTeller } from '../domain/time.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { Command } from './command.js';
import { writePlaceRequest } from './command-text.js';
import { emulationOf } from './emulation.js';
import type { JournalWriter } from './journal-writer.js';
import { notAtBroker, OrderChanges } from './order-changes.js';
import {
  checkClientOrderId,
  checkDeadline,
  checkOrder,
  checkShape,
  DEFAULT_DEADLINE_MS,
  invalid,
} from './order-check.js';
import type { EmitOrderEvent } from './order-events.js';
import type { OrderRoad } from './order-road.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';
import { standInFor } from './stand-in.js';
import type { StandIn } from './stand-in.js';
import type { TagMaker } from './tag.js';

/** How long a claimed order may still be answered once the manager closes. */
const CLOSING_GRACE_MS = 1_000;

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
}

/** One order of ours: what was asked, what became of it, and how its broker last showed it. */
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
}

type SightingKey = Pick<AttemptRow, 'userId' | 'broker' | 'account' | 'clientOrderId'>;

/** A place under way or of unknown outcome. */
interface Flight {
  readonly command: Command;
  readonly road: OrderRoad;
  readonly outcome: Promise<OrderOutcome>;
}

export class OrderDesk implements Orders {
  readonly #options: OrderDeskOptions;
  readonly #flights = new Map<string, Flight>();
  readonly #changes: OrderChanges;
  /** Two readings of one order are joined one after the other. */
  readonly #sightings = new Map<string, Promise<void>>();
  readonly #dayOf = createDayTeller();
  #journalWentBack = false;
  #closed = false;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
    const { userId, journal, writer, clock, logger, emit, roadOf, roads } = options;
    this.#changes = new OrderChanges({
      userId,
      journal,
      writer,
      clock,
      logger,
      emit,
      roadOf,
      roads,
      newRow: (kind, clientOrderId, road, number, request) => this.#newRow(kind, clientOrderId, road, number, request),
      placing: (clientOrderId) => this.#flights.get(clientOrderId)?.outcome ?? null,
    });
  }

  async place(request: OrderRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkShape(request);
    const { newTag, roadFor, clock } = this.#options;
    const road = roadFor(request.connection);
    const { connection } = road.gate;
    const { broker } = connection;
    const clientOrderId = request.clientOrderId ?? newTag(0);
    // What was placed before is told all the same: a refusal would look as if the order were nowhere.
    const isRefused = this.#options.isOff(broker) && !(await this.#isPlaced(clientOrderId));
    if (isRefused) throw new AlgoError('ALGO_BROKER_DISABLED', { broker });
    const listing = connection.listing(request.instrument);
    const told = this.#toldBefore(clientOrderId);
    if (told !== null) return told;
    const today = this.#dayOf(clock.now());
    if (emulationOf(request, connection.capabilities.orderTypes) !== null) {
      const standIn = standInFor(request, listing, connection, clock, today);
      return this.#placeChecked(clientOrderId, road, standIn, request.deadlineMs);
    }
    const order = checkOrder(request, listing, brokerOf(connection), today);
    return this.#placeChecked(clientOrderId, road, { order, text: writePlaceRequest(order) }, request.deadlineMs);
  }

  async #isPlaced(clientOrderId: string): Promise<boolean> {
    const { journal, userId } = this.#options;
    if (this.#flights.has(clientOrderId)) return true;
    return (await journal.attemptsOf(userId, clientOrderId)).some(({ kind }) => kind === 'place');
  }

  #placeChecked(
    clientOrderId: string,
    road: OrderRoad,
    standIn: StandIn,
    deadlineMs: number | undefined,
  ): Promise<OrderOutcome> {
    const underway = this.#flights.get(clientOrderId);
    if (underway !== undefined) return this.#sameAs(underway, standIn.text, road);
    return this.#launch(road, this.#newRow('place', clientOrderId, road, 1, standIn.text), standIn, deadlineMs);
  }

  async margin(request: OrderRequest): Promise<Margin> {
    this.#assertOpen();
    checkShape(request);
    const { connection } = this.#options.roadFor(request.connection).gate;
    const listing = connection.listing(request.instrument);
    return connection.margin(
      checkOrder(request, listing, brokerOf(connection), this.#dayOf(this.#options.clock.now())),
    );
  }

  async modify(request: ModifyRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkClientOrderId(request?.clientOrderId);
    checkDeadline(request.deadlineMs);
    return this.#changes.modify(request);
  }

  async cancel(request: CancelRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkClientOrderId(request?.clientOrderId);
    checkDeadline(request.deadlineMs);
    const flight = this.#flights.get(request.clientOrderId);
    if (flight?.command.stop() === true) {
      // What waited may have been a repetition of an order that is at the broker: then that one is cancelled.
      const outcome = await flight.outcome.catch(() => null);
      if (outcome?.kind === 'not-sent') return notAtBroker(request.clientOrderId);
    }
    return this.#changes.cancel(request);
  }

  async get(clientOrderId: string): Promise<TrackedOrder | null> {
    this.#assertOpen();
    checkClientOrderId(clientOrderId);
    const rows = await this.#options.journal.attemptsOf(this.#options.userId, clientOrderId);
    const place = rows.filter(({ kind }) => kind === 'place').at(-1);
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
    return Promise.all(rows.map((row) => this.#tracked(row)));
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
  }

  /** Goes on with a cancel that an earlier process had journalled and not sent. */
  resume(row: AttemptRow): void {
    this.#changes.resume(row);
  }

  /**
   * Takes no more orders. What waits is taken out of the line; what was claimed gets a moment to be answered and is
   * otherwise left AMBIGUOUS, for the next start to look up.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#changes.close();
    const flights = [...this.#flights.values()];
    const claimed = flights.filter(({ command }) => !command.stop());
    const cancelGrace = this.#options.clock.after(CLOSING_GRACE_MS, () => {
      for (const { command } of claimed) command.deadline.expire();
    });
    await Promise.allSettled(flights.map(({ outcome }) => outcome));
    cancelGrace();
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

  #launch(
    road: OrderRoad,
    row: AttemptRow,
    { order, priced }: StandIn,
    deadlineMs = DEFAULT_DEADLINE_MS,
  ): Promise<OrderOutcome> {
    const { clientOrderId, tag } = row;
    const { adapter, runner } = road.gate.connection;
    const deadline = runner.deadline(deadlineMs);
    let ready = order;
    const prepare = async (): Promise<GateRefusal | null> => {
      const quoted = await priced?.(deadline);
      if (quoted === null) return 'no-quote';
      ready = quoted ?? order;
      return null;
    };
    const command = new Command({
      row,
      urgency: 'entry',
      journalled: false,
      deadline,
      prepare: priced === undefined ? null : prepare,
      send: (_row, call) => adapter.placeOrder({ tag, ...ready }, call),
    });
    const outcome = this.#flown(road, command);
    this.#flights.set(clientOrderId, { command, road, outcome });
    return outcome;
  }

  async #flown(road: OrderRoad, command: Command): Promise<OrderOutcome> {
    const { clientOrderId } = command.row;
    try {
      const outcome = await road.gate.run(command);
      if (outcome.kind === 'unknown') void outcome.settled.then(() => this.#flights.delete(clientOrderId));
      else this.#flights.delete(clientOrderId);
      return outcome;
    } catch (error) {
      this.#flights.delete(clientOrderId);
      throw error;
    } finally {
      command.deadline.done();
    }
  }

  #sameAs({ command: { row }, road: known, outcome }: Flight, text: string, road: OrderRoad): Promise<OrderOutcome> {
    if (row.request === text && known === road) return outcome;
    throw new AlgoError('ALGO_CLIENT_ORDER_ID_REUSED', { clientOrderId: row.clientOrderId });
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

function checkListing(tradingDay: unknown, limit: unknown): void {
  const problems: InputProblem[] = [];
  if (typeof tradingDay !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(tradingDay)) {
    problems.push({ field: 'tradingDay', problem: 'must be a day such as 2026-11-20' });
  }
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
    problems.push({ field: 'limit', problem: 'must be a whole number above zero' });
  }
  if (problems.length > 0) throw invalid(problems);
}
