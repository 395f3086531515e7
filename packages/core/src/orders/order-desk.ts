import type { Connection } from '../connection/connection.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { AttemptRow, CommandKind, OrderJournal, OrderSighting } from '../contract/order-journal.js';
import type { BrokerOrder, CancelRequest, ConnectionRef, ModifyRequest, OrderRequest } from '../domain/order.js';
import { isTerminal, joinOrder } from '../domain/order.js';
import type { OrderOutcome } from '../domain/order-outcome.js';
import { createDayTeller, endOfDay } from '../domain/time.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { Clock } from '../runtime/clock.js';
import { CANCEL_REQUEST, writeModifyRequest, writePlaceRequest } from './command-text.js';
import type { JournalWriter } from './journal-writer.js';
import { checkedModify } from './modify-check.js';
import {
  checkClientOrderId,
  checkDeadline,
  checkOrder,
  checkShape,
  DEFAULT_DEADLINE_MS,
  invalid,
} from './order-check.js';
import type { CheckedOrder } from './order-check.js';
import type { EmitOrderEvent } from './order-events.js';
import { Command } from './order-gate.js';
import type { OrderGate } from './order-gate.js';
import type { Reconciler } from './reconciler.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';
import type { TagMaker } from './tag.js';
import { writeDetail } from './attempt-detail.js';

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

/** One connection's part of the order road. */
export interface OrderRoad {
  readonly gate: OrderGate;
  readonly reconciler: Reconciler;
}

export interface OrderDeskOptions {
  readonly userId: string;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly clock: Clock;
  readonly newTag: TagMaker;
  readonly emit: EmitOrderEvent;
  /** The connection that serves this order. @throws {AlgoError} when none or several could. */
  readonly roadFor: (wanted: ConnectionRef | undefined) => OrderRoad;
  /** Null when that connection is not established. */
  readonly roadOf: (ref: ConnectionRef) => OrderRoad | null;
}

/** A place under way or of unknown outcome. */
interface Flight {
  readonly command: Command;
  readonly road: OrderRoad;
  readonly outcome: Promise<OrderOutcome>;
}

type Target = { readonly place: AttemptRow; readonly rows: readonly AttemptRow[]; readonly road: OrderRoad };

export class OrderDesk implements Orders {
  readonly #options: OrderDeskOptions;
  readonly #flights = new Map<string, Flight>();
  readonly #cancels = createSingleFlight<OrderOutcome>();
  /** Commands on one order keep their order: each waits for the one before it. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #dayOf = createDayTeller();
  #closed = false;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  async place(request: OrderRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkShape(request);
    const { newTag, roadFor, clock } = this.#options;
    const road = roadFor(request.connection);
    const { connection } = road.gate;
    const listing = connection.listing(request.instrument);
    const order = checkOrder(request, listing, brokerOf(connection), this.#dayOf(clock.now()));
    const clientOrderId = request.clientOrderId ?? newTag(0);
    const text = writePlaceRequest(order);

    const underway = this.#flights.get(clientOrderId);
    if (underway !== undefined) return this.#sameAs(underway, text, road);
    return this.#launch(road, this.#newRow('place', clientOrderId, road, 1, text), order, request.deadlineMs);
  }

  async modify(request: ModifyRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkClientOrderId(request?.clientOrderId);
    checkDeadline(request.deadlineMs);
    return this.#inTurn(request.clientOrderId, () => this.#modify(request));
  }

  async cancel(request: CancelRequest): Promise<OrderOutcome> {
    this.#assertOpen();
    checkClientOrderId(request?.clientOrderId);
    checkDeadline(request.deadlineMs);
    const { clientOrderId } = request;
    const flight = this.#flights.get(clientOrderId);
    if (flight?.command.stop() === true) {
      await flight.outcome;
      return notAtBroker(clientOrderId);
    }
    return this.#cancels.run(clientOrderId, () => this.#inTurn(clientOrderId, () => this.#cancel(request)));
  }

  async get(clientOrderId: string): Promise<TrackedOrder | null> {
    this.#assertOpen();
    checkClientOrderId(clientOrderId);
    const place = placeOf(await this.#options.journal.attemptsOf(this.#options.userId, clientOrderId));
    return place === null ? null : this.#tracked(place);
  }

  async refresh(clientOrderId: string): Promise<TrackedOrder> {
    this.#assertOpen();
    const { place, road } = await this.#target(clientOrderId);
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
  async saw(
    key: Pick<AttemptRow, 'userId' | 'broker' | 'account' | 'clientOrderId'>,
    seen: BrokerOrder,
  ): Promise<void> {
    const { journal, clock, emit } = this.#options;
    const { userId, broker, account, clientOrderId } = key;
    const known = await journal.sighting(userId, clientOrderId);
    const order = joinOrder(known?.order ?? null, seen);
    const sighting: OrderSighting = { userId, broker, account, clientOrderId, order, seenAtMs: clock.now() };
    await journal.saveSighting(sighting);
    if (order.status === known?.order.status && order.filledQuantity === known.order.filledQuantity) return;
    emit('order-seen', { clientOrderId, connection: { broker, account }, order });
  }

  /** Goes on with a cancel that an earlier process had journalled and not sent. */
  resume(row: AttemptRow): void {
    void this.#inTurn(row.clientOrderId, async () => {
      const target = await this.#target(row.clientOrderId);
      const command = this.#cancelCommand(target, row, DEFAULT_DEADLINE_MS, true);
      return this.#whenFound(target, command);
    });
  }

  /**
   * Takes no more orders. What waits is taken out of the line; what was claimed gets a moment to be answered and is
   * otherwise left AMBIGUOUS, for the next start to look up.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const flights = [...this.#flights.values()];
    for (const { command } of flights) {
      if (!command.stop())
        this.#options.clock.after(CLOSING_GRACE_MS, () => command.deadline.expire(), { background: true });
    }
    await Promise.allSettled(flights.map(({ outcome }) => outcome));
  }

  #launch(
    road: OrderRoad,
    row: AttemptRow,
    order: CheckedOrder,
    deadlineMs = DEFAULT_DEADLINE_MS,
  ): Promise<OrderOutcome> {
    const { clientOrderId, tag } = row;
    const { adapter, runner } = road.gate.connection;
    const command = new Command({
      row,
      urgency: 'entry',
      journalled: false,
      deadline: runner.deadline(deadlineMs),
      send: (_row, call) => adapter.placeOrder({ tag, ...order }, call),
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

  async #cancel({ clientOrderId, deadlineMs = DEFAULT_DEADLINE_MS }: CancelRequest): Promise<OrderOutcome> {
    const target = await this.#target(clientOrderId);
    const number = target.rows.filter(({ kind }) => kind === 'cancel').length + 1;
    const row = this.#newRow('cancel', clientOrderId, target.road, number, CANCEL_REQUEST);
    return this.#deliver(target, (journalled) => this.#cancelCommand(target, row, deadlineMs, journalled));
  }

  #cancelCommand({ road }: Target, row: AttemptRow, deadlineMs: number, journalled: boolean): Command {
    const { adapter, runner } = road.gate.connection;
    return new Command({
      row,
      urgency: 'exit',
      journalled,
      deadline: runner.deadline(deadlineMs),
      send: ({ tag, brokerOrderId }, call) => adapter.cancelOrder({ brokerOrderId: known(brokerOrderId), tag }, call),
    });
  }

  async #modify(request: ModifyRequest): Promise<OrderOutcome> {
    const { clientOrderId, deadlineMs = DEFAULT_DEADLINE_MS } = request;
    const target = await this.#target(clientOrderId);
    const { connection } = target.road.gate;
    const { brokerOrderId } = target.place;
    const now = brokerOrderId === null ? null : await connection.order(brokerOrderId).catch(() => null);
    if (brokerOrderId !== null && now === null) {
      return { kind: 'not-sent', clientOrderId, proof: { by: 'gate', why: 'order-unreadable' } };
    }
    if (now !== null && isTerminal(now.status)) {
      return {
        kind: 'rejected',
        clientOrderId,
        reason: 'order-not-open',
        brokerText: connection.runner.scrub(now.brokerStatus),
      };
    }
    const {
      listing,
      wanted,
      command: change,
    } = checkedModify(request, target, now, this.#dayOf(this.#options.clock.now()));
    const number = target.rows.filter(({ kind }) => kind === 'modify').length + 1;
    const row = this.#newRow('modify', clientOrderId, target.road, number, writeModifyRequest(wanted));
    return this.#deliver(target, (journalled) => {
      const { adapter, runner } = connection;
      return new Command({
        row,
        urgency: 'entry',
        journalled,
        deadline: runner.deadline(deadlineMs),
        send: ({ tag, brokerOrderId }, call) =>
          adapter.modifyOrder({ ...change, brokerOrderId: known(brokerOrderId), tag, listing }, call),
      });
    });
  }

  /** Sends a command to where its order is, now or when that is known. */
  async #deliver(target: Target, make: (journalled: boolean) => Command): Promise<OrderOutcome> {
    const { place, road } = target;
    const settled = outcomeOfRow(place, () => road.reconciler.settledOf(place));
    if (settled.kind === 'accepted') {
      const command = make(false);
      command.row = { ...command.row, brokerOrderId: settled.brokerOrderId };
      return road.gate.run(command).finally(() => command.deadline.done());
    }
    if (settled.kind === 'rejected' || settled.kind === 'not-sent') return notAtBroker(place.clientOrderId);
    const command = make(true);
    await this.#options.journal.add(command.row);
    return this.#whenFound(target, command);
  }

  /** The order is on its way or lost from sight: the command waits, journalled, and goes when the broker's id is known. */
  #whenFound(target: Target, command: Command): Promise<OrderOutcome> {
    const { clientOrderId } = target.place;
    const sent = this.#sendWhenFound(target, command);
    return new Promise((resolve, reject) => {
      sent.then(resolve, reject);
      command.deadline.onOver(() =>
        resolve({ kind: 'queued', clientOrderId, expiresAtMs: endOfDay(this.#options.clock.now()) }),
      );
    });
  }

  async #sendWhenFound({ place, road }: Target, command: Command): Promise<OrderOutcome> {
    const found = await this.#settledPlace(place, road);
    if (found.kind !== 'accepted') {
      const detail = writeDetail({ kind: 'proof', proof: { by: 'gate', why: 'order-not-at-broker' } });
      const { writer, emit } = this.#options;
      const { broker, account, clientOrderId } = place;
      const ended = writer.move(command.row, 'proven-unsent', { detail }) ?? command.row;
      emit('order-changed', {
        clientOrderId,
        connection: { broker, account },
        command: ended.kind,
        state: ended.state,
        brokerOrderId: null,
        atMs: ended.updatedAtMs,
      });
      command.deadline.done();
      return notAtBroker(place.clientOrderId);
    }
    const { runner } = road.gate.connection;
    // Its caller may have been answered `queued` long ago: the send has a deadline of its own.
    const { urgency, journalled, send } = command;
    const row = { ...command.row, brokerOrderId: found.brokerOrderId };
    const late = new Command({ row, urgency, journalled, send, deadline: runner.deadline(DEFAULT_DEADLINE_MS) });
    return road.gate.run(late).finally(() => {
      late.deadline.done();
      command.deadline.done();
    });
  }

  /** What became of a place at last; an UNRESOLVED one may still turn up the same day. */
  async #settledPlace(place: AttemptRow, road: OrderRoad): Promise<OrderOutcome> {
    let outcome = (await this.#flights.get(place.clientOrderId)?.outcome) ?? lastWord(place);
    let next = outcome.kind === 'unknown' ? await road.reconciler.settledOf(place) : outcome;
    while (next.kind === 'unknown' && next !== outcome) {
      outcome = next;
      next = await outcome.settled;
    }
    return next;
  }

  async #target(clientOrderId: string): Promise<Target> {
    checkClientOrderId(clientOrderId);
    const { journal, userId, roadOf } = this.#options;
    const rows = await journal.attemptsOf(userId, clientOrderId);
    const place = placeOf(rows);
    if (place === null) throw new AlgoError('ALGO_UNKNOWN_ORDER', { clientOrderId });
    const road = roadOf(place);
    if (road === null) throw new AlgoError('ALGO_NOT_CONNECTED', { broker: place.broker, account: place.account });
    return { place, rows, road };
  }

  /** Runs after whatever was asked of this order before. */
  #inTurn<Value>(clientOrderId: string, run: () => Promise<Value>): Promise<Value> {
    const before = this.#turns.get(clientOrderId) ?? Promise.resolve();
    const turn = before.then(run, run);
    this.#turns.set(clientOrderId, turn);
    const done = (): void => {
      if (this.#turns.get(clientOrderId) === turn) this.#turns.delete(clientOrderId);
    };
    turn.then(done, done);
    return turn;
  }

  #newRow(kind: CommandKind, clientOrderId: string, { gate }: OrderRoad, number: number, request: string): AttemptRow {
    const { clock, newTag, userId } = this.#options;
    const { broker, account } = gate.connection.key;
    const now = clock.now();
    return {
      userId,
      broker,
      account,
      tag: newTag(number),
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

  async #tracked(row: AttemptRow): Promise<TrackedOrder> {
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

const placeOf = (rows: readonly AttemptRow[]): AttemptRow | null =>
  rows.filter(({ kind }) => kind === 'place').at(-1) ?? null;

/** The gate claims a change only when the broker's id is known, so this cannot happen; a change of nothing must not go out. */
function known(brokerOrderId: string | null): string {
  if (brokerOrderId !== null) return brokerOrderId;
  throw new AlgoError('ALGO_ADAPTER_FAULT', { broker: 'core', why: 'a change was sent before its order was known' });
}

const notAtBroker = (clientOrderId: string): OrderOutcome => ({
  kind: 'not-sent',
  clientOrderId,
  proof: { by: 'gate', why: 'order-not-at-broker' },
});
