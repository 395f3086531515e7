import type { AttemptRow, OrderJournal } from '../contract/order-journal.js';
import { isTerminal } from '../domain/order.js';
import type { CancelRequest, ConnectionRef, ModifyRequest } from '../domain/order.js';
import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';
import { endOfDay, tradingDayOf } from '../domain/time.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { writeDetail } from './attempt-detail.js';
import { Command } from './command.js';
import { CANCEL_REQUEST, writeModifyRequest } from './command-text.js';
import type { JournalWriter } from './journal-writer.js';
import { checkedModify, idOf, isOrderOf, workingOrder } from './modify-check.js';
import { notAtBroker, notSent } from './not-sent.js';
import { DEFAULT_DEADLINE_MS } from './order-check.js';
import type { EmitOrderEvent } from './order-events.js';
import type { OrderRoad } from './order-road.js';
import { outcomeOfRow } from './outcome-of-row.js';
import { before, within } from './patience.js';
import { mayHaveMoved, settledPlace, wasTakenHere } from './settled-place.js';

export interface OrderChangesOptions {
  readonly userId: string;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
  readonly roadOf: (ref: ConnectionRef) => OrderRoad | null;
  readonly roads: () => readonly OrderRoad[];
  readonly newRow: (
    kind: 'modify' | 'cancel',
    clientOrderId: string,
    road: OrderRoad,
    number: number,
    request: string,
  ) => AttemptRow;
  /** What became of a place under way, if it is one of this process. */
  readonly placing: (clientOrderId: string) => Promise<OrderOutcome> | null;
  /**
   * Makes sure that a place which is at no broker yet gets to none; false when somebody went on with it before. Null for
   * one that is at a broker, or is over.
   */
  readonly withdraw: (row: AttemptRow) => Promise<boolean> | null;
}

/** An order that is to be changed, with everything done to it so far. */
export interface Target {
  readonly place: AttemptRow;
  readonly rows: readonly AttemptRow[];
  readonly road: OrderRoad;
  /** The journal could not be read: `place` is from memory, and what else was done to the order is not known. */
  readonly rowsUnknown?: boolean;
}

/** A cancel that is ready for its turn; one that may wait is in the journal. */
interface Prepared {
  readonly mayWait: boolean;
  readonly send: () => Promise<OrderOutcome>;
}

/** Why a queued cancel did not go this time, though it may the next. */
const PASSING: ReadonlySet<GateRefusal> = new Set<GateRefusal>([
  'deadline',
  'rate-limited',
  'circuit-open',
  'not-connected',
  'login-needed',
  'journal-unavailable',
]);

const TRY_AGAIN_MS = 2_000;
/** How often an order that keeps going on is looked at before its cancel waits for it. */
const MOST_LOOKS = 4;
/** While nothing else is known of the journal, a cancel does not wait longer than this for it. */
const JOURNAL_PATIENCE_MS = 500;

/**
 * Cancels and modifies of orders. Commands on one order keep their order; one whose order is on its way or lost from
 * sight is journalled, answered `queued` at its deadline, and sent when the broker's id is known.
 */
export class OrderChanges {
  readonly #options: OrderChangesOptions;
  readonly #cancels = createSingleFlight<OrderOutcome>();
  /** Each command on an order waits for the one before it. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #pauses = new Set<() => void>();
  #closed = false;

  constructor(options: OrderChangesOptions) {
    this.#options = options;
  }

  cancel(request: CancelRequest): Promise<OrderOutcome> {
    return this.#cancels.run(request.clientOrderId, () => this.#cancel(request));
  }

  modify(request: ModifyRequest): Promise<OrderOutcome> {
    const { clientOrderId } = request;
    return within(this.#options.clock, request.deadlineMs ?? DEFAULT_DEADLINE_MS, (expires) => {
      let over = false;
      const late = expires.then(() => {
        over = true;
        return notSent(clientOrderId, 'deadline');
      });
      let started = false;
      const turn = this.#inTurn(clientOrderId, () => {
        started = !over;
        return over ? late : this.#modifyBy(expires, request);
      });
      return new Promise((resolve, reject) => {
        turn.then(resolve, reject);
        void late.then((outcome) => {
          if (!started) resolve(outcome); // once its turn came, it answers by itself
        });
      });
    });
  }

  /** Goes on with a cancel that an earlier process had journalled and not sent. */
  resume(row: AttemptRow): void {
    const work = this.#inTurn(row.clientOrderId, async () => {
      const target = await this.target(row.clientOrderId);
      const make = (found: AttemptRow, journalled: boolean): Command => this.#cancelCommand(target, found, journalled);
      return this.#sendWhenFound(target, make, row, () => this.#cancelAgain({ clientOrderId: row.clientOrderId }));
    });
    work.catch((error: unknown) => {
      this.#options.logger.error('cancel-not-resumed', { tag: row.tag, error: errorName(error) });
    });
  }

  /** @throws {AlgoError} `ALGO_UNKNOWN_ORDER`, `ALGO_NOT_CONNECTED` */
  async target(clientOrderId: string): Promise<Target> {
    const { journal, writer, userId, roadOf } = this.#options;
    const rows = (await journal.attemptsOf(userId, clientOrderId)).map((row) => writer.see(row));
    const place = rows.filter(({ kind }) => kind === 'place').at(-1);
    if (place === undefined) throw new AlgoError('ALGO_UNKNOWN_ORDER', { clientOrderId });
    const road = roadOf(place);
    if (road === null) throw new AlgoError('ALGO_NOT_CONNECTED', { broker: place.broker, account: place.account });
    return { place, rows, road };
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#pauses) end();
  }

  #cancel(request: CancelRequest): Promise<OrderOutcome> {
    return within(this.#options.clock, request.deadlineMs ?? DEFAULT_DEADLINE_MS, (expires) =>
      this.#cancelBy(expires, request),
    );
  }

  async #cancelBy(expires: Promise<null>, request: CancelRequest): Promise<OrderOutcome> {
    const { clientOrderId } = request;
    const prepared = this.#prepareCancel(request, this.#turns.has(clientOrderId));
    const turn = this.#inTurn(clientOrderId, async () => {
      const ready = await prepared;
      return 'send' in ready ? ready.send() : ready;
    });
    const ready = await prepared;
    return 'send' in ready && ready.mayWait ? this.#race(turn, expires, clientOrderId) : turn;
  }

  /** Finds the order and journals what has to wait; what needs no sending is answered here. */
  async #prepareCancel(
    { clientOrderId, deadlineMs = DEFAULT_DEADLINE_MS }: CancelRequest,
    someoneIsBefore: boolean,
    looks = 0,
  ): Promise<OrderOutcome | Prepared> {
    const target = await this.#targetOfCancel(clientOrderId);
    if (target === null) return notSent(clientOrderId, 'journal-unavailable');
    const { place, rows, road } = target;
    const count = rows.filter(({ kind }) => kind === 'cancel').length + 1;
    const number = target.rowsUnknown === true ? this.#options.clock.now() : count; // unread rows may have any count
    const row = this.#options.newRow('cancel', clientOrderId, road, number, CANCEL_REQUEST);
    const make = (found: AttemptRow, journalled: boolean): Command =>
      this.#cancelCommand(target, found, journalled, deadlineMs);

    const withdrawing = looks < MOST_LOOKS ? this.#options.withdraw(place) : null;
    if (withdrawing !== null) return this.#withdraw({ clientOrderId, deadlineMs }, withdrawing, someoneIsBefore, looks);
    const known = outcomeOfRow(place, () => road.reconciler.settledOf(place));
    if (known.kind === 'rejected' || known.kind === 'not-sent') return notAtBroker(clientOrderId);
    if (known.kind === 'accepted' && !someoneIsBefore) {
      const { brokerOrderId } = known;
      return { mayWait: false, send: () => this.#run(road, make({ ...row, brokerOrderId }, false)) };
    }
    await this.#journal(row);
    const again = (): Promise<OrderOutcome> => this.#cancelAgain({ clientOrderId, deadlineMs });
    return { mayWait: true, send: () => this.#sendWhenFound(target, make, row, again) };
  }

  /** Where the order is by now. It has been promised already, so it waits as long as it has to. */
  async #cancelAgain(request: CancelRequest): Promise<OrderOutcome> {
    const ready = await this.#prepareCancel(request, true);
    return 'send' in ready ? ready.send() : ready;
  }

  /** Where somebody went on with it first it is looked at once more. */
  async #withdraw(
    request: CancelRequest,
    withdrawing: Promise<boolean>,
    someoneIsBefore: boolean,
    looks: number,
  ): Promise<OrderOutcome | Prepared> {
    const ended = await within(this.#options.clock, JOURNAL_PATIENCE_MS, (expires) => before(expires, withdrawing));
    if (ended === null) return notSent(request.clientOrderId, 'journal-unavailable');
    if (ended) return notAtBroker(request.clientOrderId);
    return this.#prepareCancel(request, someoneIsBefore, looks + 1);
  }

  async #modifyBy(expires: Promise<null>, request: ModifyRequest): Promise<OrderOutcome> {
    const { clientOrderId, deadlineMs = DEFAULT_DEADLINE_MS } = request;
    const target = await before(expires, this.target(clientOrderId), isForTheCaller);
    if (target === null) return notSent(clientOrderId, 'journal-unavailable');
    const { place, rows, road } = target;
    if (place.state === 'INTENT') return notAtBroker(clientOrderId); // it waits unsent: cancel it and place another
    const { connection } = road.gate;
    const { brokerOrderId } = place;
    const now = brokerOrderId === null ? null : await before(expires, connection.order(brokerOrderId));
    if (brokerOrderId !== null && (now === null || !isOrderOf(place, now))) {
      return notSent(clientOrderId, 'order-unreadable');
    }
    if (now !== null && isTerminal(now.status)) {
      const brokerText = connection.runner.scrub(now.brokerStatus);
      return { kind: 'rejected', clientOrderId, reason: 'order-not-open', brokerText };
    }
    const checked = checkedModify(request, target, now, tradingDayOf(this.#options.clock.now()));
    const modifies = rows.filter(({ kind }) => kind === 'modify');
    const { modificationsPerOrder: most } = connection.capabilities;
    const mayHaveBeenSent = modifies.filter(({ state }) => state !== 'NOT_SENT').length;
    if (most !== null && mayHaveBeenSent >= most) return notSent(clientOrderId, 'modify-limit');
    const number = modifies.length + 1;
    const row = this.#options.newRow('modify', clientOrderId, road, number, writeModifyRequest(checked.wanted));
    const { command: change } = checked;
    const make = (found: AttemptRow, journalled: boolean): Command =>
      new Command({
        row: found,
        urgency: 'modify',
        journalled,
        deadline: connection.runner.deadline(deadlineMs),
        send: ({ tag, brokerOrderId: id }, call) =>
          connection.adapter.modifyOrder({ ...change, brokerOrderId: idOf(id), tag }, call),
      });

    const known = outcomeOfRow(place, () => road.reconciler.settledOf(place));
    if (known.kind === 'rejected' || known.kind === 'not-sent') return notAtBroker(clientOrderId);
    if (known.kind === 'accepted') return this.#run(road, make({ ...row, brokerOrderId: known.brokerOrderId }, false));
    const added = await before(expires, this.#options.journal.add(row));
    if (added === null) return notSent(clientOrderId, 'journal-unavailable');
    const sent = this.#sendWhenFound(target, make, row, () => this.#modifyBy(expires, request));
    return this.#race(sent, expires, clientOrderId);
  }

  #cancelCommand(target: Target, row: AttemptRow, journalled: boolean, deadlineMs = DEFAULT_DEADLINE_MS): Command {
    const { adapter, runner, book } = target.road.gate.connection;
    const order = workingOrder(target, (instrument) => book.find(instrument));
    return new Command({
      row,
      urgency: 'cancel',
      journalled,
      deadline: runner.deadline(deadlineMs),
      send: ({ tag, brokerOrderId }, call) =>
        adapter.cancelOrder({ brokerOrderId: idOf(brokerOrderId), tag, order }, call),
    });
  }

  /**
   * Waits for the order to be found, then sends; what stopped it may pass, so a cancel is tried until the day ends.
   *
   * @param atItsBroker does the same for an order that had moved on to another broker: this row is of no use there
   */
  async #sendWhenFound(
    { place, road }: Target,
    make: (row: AttemptRow, journalled: boolean) => Command,
    row: AttemptRow,
    atItsBroker: () => Promise<OrderOutcome>,
  ): Promise<OrderOutcome> {
    const { clock, writer, placing } = this.#options;
    const { clientOrderId } = place;
    const found = await settledPlace(writer.see(place), road, placing(clientOrderId));
    if (found.kind === 'rejected' || found.kind === 'not-sent') return this.#drop(row, 'order-not-at-broker');
    if (found.kind !== 'accepted') return this.#queued(clientOrderId); // nobody knows yet: the row stays for the next start
    const isThere = !mayHaveMoved(place) || wasTakenHere(road, found) || (await this.#isStillAt(place));
    if (this.#closed) return this.#queued(clientOrderId);
    if (!isThere) {
      this.#drop(row, 'order-not-at-broker');
      return atItsBroker();
    }
    const ready = { ...row, brokerOrderId: found.brokerOrderId };
    const day = tradingDayOf(clock.now());
    while (!this.#closed && tradingDayOf(clock.now()) === day) {
      const outcome = await this.#run(road, make(ready, true));
      const refused = outcome.kind === 'not-sent' && outcome.proof.by === 'gate' ? outcome.proof.why : null;
      if (refused === null || !PASSING.has(refused)) return refused === null ? outcome : this.#drop(row, refused);
      if (row.kind === 'modify') return this.#drop(row, refused); // its price is old by now
      await this.#pause();
    }
    return this.#closed ? this.#queued(clientOrderId) : this.#drop(row, 'deadline');
  }

  /** Asked until the journal answers: with another broker's id a change would be of somebody else's order. */
  async #isStillAt({ clientOrderId, broker, account }: AttemptRow): Promise<boolean> {
    const { journal, userId } = this.#options;
    while (!this.#closed) {
      const read = journal.attemptsOf(userId, clientOrderId);
      const rows = await within(this.#options.clock, JOURNAL_PATIENCE_MS, (expires) => before(expires, read));
      const latest = rows?.filter(({ kind }) => kind === 'place').at(-1);
      if (rows !== null) return latest === undefined || (latest.broker === broker && latest.account === account);
      await this.#pause();
    }
    return false;
  }

  #run(road: OrderRoad, command: Command): Promise<OrderOutcome> {
    return road.gate.run(command).finally(() => command.deadline.done());
  }

  /** It will not be sent any more. */
  #drop(row: AttemptRow, why: GateRefusal): OrderOutcome {
    const { writer, emit } = this.#options;
    const detail = writeDetail({ kind: 'proof', proof: { by: 'gate', why } });
    const { clientOrderId, kind, broker, account, state, updatedAtMs } =
      writer.move(row, 'proven-unsent', { detail }) ?? row;
    const connection = { broker, account };
    emit('order-changed', { clientOrderId, connection, command: kind, state, brokerOrderId: null, atMs: updatedAtMs });
    return notSent(clientOrderId, why);
  }

  /** Even with the journal out of reach a cancel finds an order that this process was told of. */
  async #targetOfCancel(clientOrderId: string): Promise<Target | null> {
    const read = this.target(clientOrderId);
    const target = await within(this.#options.clock, JOURNAL_PATIENCE_MS, (expires) =>
      before(expires, read, isForTheCaller),
    );
    if (target !== null) return target;
    for (const road of this.#options.roads()) {
      const brokerOrderId = road.acknowledged.brokerOrderIdOf(clientOrderId);
      if (brokerOrderId === null) continue;
      const place: AttemptRow = {
        ...this.#options.newRow('cancel', clientOrderId, road, 0, ''),
        kind: 'place',
        state: 'ACKNOWLEDGED',
        brokerOrderId,
      };
      return { place, rows: [], road, rowsUnknown: true };
    }
    return null;
  }

  async #journal(row: AttemptRow): Promise<void> {
    try {
      const added = this.#options.journal.add(row);
      await within(this.#options.clock, JOURNAL_PATIENCE_MS, (expires) => before(expires, added));
    } catch (error) {
      this.#options.logger.error('cancel-not-journalled', { tag: row.tag, error: errorName(error) });
    }
  }

  #race(work: Promise<OrderOutcome>, expires: Promise<null>, clientOrderId: string): Promise<OrderOutcome> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      void expires.then(() => resolve(this.#queued(clientOrderId)));
    });
  }

  #queued(clientOrderId: string): OrderOutcome {
    return { kind: 'queued', clientOrderId, expiresAtMs: endOfDay(this.#options.clock.now()) };
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const cancel = this.#options.clock.after(TRY_AGAIN_MS, end, { background: true });
      this.#pauses.add(end);
    });
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
}

/** An unknown order or a missing connection is the caller's to know; a store that fails is not. */
const isForTheCaller = (error: unknown): boolean => isAlgoError(error) && error.code !== 'ALGO_STORE_FAILED';
