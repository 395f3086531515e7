import type { AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { OrderRequest } from '../domain/order.js';
import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';
import { marketSession } from '../domain/market-hours.js';
import { createDayTeller, endOfDay } from '../domain/time.js';
import { isAlgoError } from '../errors/algo-error.js';
import { backoffMs } from '../resilience/backoff.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { writeDetail } from './attempt-detail.js';
import { mayGoOn, PASSING } from './attempt-end.js';
import { AttemptRows } from './attempt-rows.js';
import { Command } from './command.js';
import { isSameOrder, readAskedOrder } from './command-text.js';
import { reused } from './earlier-attempts.js';
import type { EarlierAttempts } from './earlier-attempts.js';
import { Flight } from './flight.js';
import type { JournalWriter } from './journal-writer.js';
import { notSent } from './not-sent.js';
import { DEFAULT_DEADLINE_MS } from './order-check.js';
import type { EmitOrderEvent } from './order-events.js';
import type { OrderRoad } from './order-road.js';
import type { FirstStep, NextStep, OrderRouting } from './order-routing.js';
import { planFor, planForQueued } from './place-plan.js';
import { asQueued } from './queued-row.js';
import type { StandIn } from './stand-in.js';
import type { WaitingRows } from './waiting-rows.js';

export interface PlacingOptions {
  /** `Store.owner` of this process. */
  readonly owner: string;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly waiting: WaitingRows;
  readonly earlier: EarlierAttempts;
  readonly routing: OrderRouting;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
  /** From 0 up to but not 1, for the pauses between attempts. */
  readonly fraction: () => number;
  readonly isOff: (broker: string) => boolean;
  readonly newRow: (clientOrderId: string, road: OrderRoad, number: number, text: string) => AttemptRow;
}

/** Where orders wait that cannot go yet. */
export interface Queue {
  readonly isFull: boolean;
  /** A queued row that is durable in the journal. */
  take(row: AttemptRow): void;
}

/** One attempt that is to be made. */
interface Leg {
  readonly road: OrderRoad;
  readonly plan: StandIn;
  readonly row: AttemptRow;
  /** True when its INTENT row is in the journal already. */
  readonly journalled: boolean;
}

/** What follows an attempt: another one, or the caller's answer. */
type Following = { readonly leg: Leg } | { readonly outcome: OrderOutcome };

/** With less time than this, or a tenth of a short deadline, an order is not sent: its end would be unknown for sure. */
const LEAST_MS = 50;
const BACKOFF = { baseMs: 200, capMs: 2_000 };

/**
 * Places under way, each through all of its attempts. Only who holds the flight makes the next one; only after the end of
 * the one before is durable and is NOT_SENT or REJECTED; and its row is in the journal before it waits for its turn, so
 * that a cancel from anywhere finds it. What may be at a broker is never tried, moved or queued again.
 */
export class Placing {
  readonly #options: PlacingOptions;
  readonly #rows: AttemptRows;
  readonly #flights = new Map<string, Flight>();
  readonly #dayOf = createDayTeller();
  #closed = false;

  constructor(options: PlacingOptions) {
    this.#options = options;
    this.#rows = new AttemptRows(options);
  }

  underway(clientOrderId: string): Flight | null {
    return this.#flights.get(clientOrderId) ?? null;
  }

  /** @throws {AlgoError} as `checkOrder` */
  planAt(road: OrderRoad, request: OrderRequest): StandIn {
    const { clock } = this.#options;
    return planFor(request, road.gate.connection, clock, this.#dayOf(clock.now()));
  }

  /**
   * @param spentMs of the caller's time, on finding out where it goes
   * @throws {AlgoError} `ALGO_CLIENT_ORDER_ID_REUSED`
   */
  place(
    clientOrderId: string,
    request: OrderRequest,
    found: FirstStep,
    plan: StandIn,
    spentMs: number,
  ): Promise<OrderOutcome> {
    const underway = this.#flights.get(clientOrderId);
    if (underway !== undefined) return this.#sameAs(underway, request, plan.text);
    const { deadlineMs: lengthMs = DEFAULT_DEADLINE_MS } = request;
    const leftMs = lengthMs - spentMs;
    const isTooLate = leftMs < Math.min(LEAST_MS, lengthMs / 10);
    const step: FirstStep = isTooLate ? { ...found, refusal: 'deadline' } : found;
    const deadline = step.road.gate.connection.runner.deadline(isTooLate ? LEAST_MS : leftMs);
    return this.#launch(clientOrderId, plan.text, request, deadline, (flight) => this.#fly(flight, step, plan));
  }

  /** Sends one that waited. `stays`: it could not go yet and nothing was claimed. */
  async sendQueued(row: AttemptRow, road: OrderRoad, expiresAtMs: number, leftMs: number): Promise<'stays' | 'gone'> {
    const { clientOrderId } = row;
    if (this.#closed || this.#flights.has(clientOrderId)) return 'stays';
    const request = readAskedOrder(row.request);
    const plan = request === null ? null : this.#orNull(() => this.#queuedPlan(road, request));
    if (request === null || plan === null) {
      await this.#options.waiting.end(row, 'not-valid');
      return 'gone';
    }
    const deadline = road.gate.connection.runner.deadline(Math.min(DEFAULT_DEADLINE_MS, leftMs));
    // Who claims it is who sends it, whoever queued it.
    const leg: Leg = { road, plan, row: { ...row, owner: this.#options.owner }, journalled: true };
    let end: 'stays' | 'gone' = 'gone';
    await this.#launch(clientOrderId, row.request, request, deadline, async (flight) => {
      const { outcome, stays } = await this.#flyQueued(flight, leg, expiresAtMs);
      end = stays ? 'stays' : 'gone';
      return outcome;
    });
    return end;
  }

  /** Takes out of the line what waits; what was claimed gets `graceMs` to be answered. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const flights = [...this.#flights.values()];
    const claimed = flights.filter((flight) => !flight.stop());
    const cancelGrace = this.#options.clock.after(graceMs, () => {
      for (const { deadline } of claimed) deadline.expire();
    });
    this.#rows.close();
    await Promise.allSettled(flights.map(({ outcome }) => outcome));
    cancelGrace();
  }

  #launch(
    clientOrderId: string,
    text: string,
    request: OrderRequest,
    deadline: Deadline,
    fly: (flight: Flight) => Promise<OrderOutcome>,
  ): Promise<OrderOutcome> {
    const { clock } = this.#options;
    const flight = new Flight({ clientOrderId, text, request, deadline, clock, fly });
    this.#flights.set(clientOrderId, flight);
    const land = (): void => {
      if (this.#flights.get(clientOrderId) === flight) this.#flights.delete(clientOrderId);
    };
    flight.outcome
      .then((outcome) => {
        if (outcome.kind === 'unknown') void outcome.settled.then(land);
        else land();
      }, land)
      .finally(() => deadline.done());
    return flight.outcome;
  }

  async #fly(flight: Flight, step: FirstStep, plan: StandIn): Promise<OrderOutcome> {
    const { road, queueForMs, refusal } = step;
    flight.goTo(road);
    const row = this.#options.newRow(flight.clientOrderId, road, 1, plan.text);
    if (refusal !== undefined) return this.#refuse(flight, row, refusal);
    if (queueForMs !== null) return this.#enqueue(flight, row, plan, queueForMs);
    let leg: Leg = { road, plan, row, journalled: false };
    for (;;) {
      const outcome = await this.#try(flight, leg);
      const following = await this.#after(flight, leg, outcome);
      if ('outcome' in following) return following.outcome;
      leg = following.leg;
    }
  }

  async #try(flight: Flight, leg: Leg): Promise<OrderOutcome> {
    const { gate } = leg.road;
    const command = this.#command(flight, leg);
    flight.begin(command, leg.road);
    const outcome = await gate.run(command);
    const why = refusalIn(outcome);
    if (!leg.journalled || why === null) return outcome;
    const patienceMs = flight.deadline.remainingMs();
    const { ended } = await this.#rows.end(leg.row, why, command.followsUntilMs, patienceMs); // a refusal left it as it was
    return ended === false ? this.#existing(flight, leg.row) : outcome; // somebody was there first: that one's word counts
  }

  #command(flight: Flight, { road, plan, row, journalled }: Leg): Command {
    const { routing, clock } = this.#options;
    const { order, priced } = plan;
    const { adapter } = road.gate.connection;
    let ready = order;
    const prepare = async (): Promise<GateRefusal | null> => {
      const quoted = await priced?.(flight.deadline);
      if (quoted === null) return 'no-quote';
      ready = quoted ?? order;
      return null;
    };
    return new Command({
      row,
      urgency: 'entry',
      journalled,
      deadline: flight.deadline,
      prepare: priced === undefined ? null : prepare,
      followsUntilMs: routing.goesOn() ? clock.now() + flight.deadline.remainingMs() : null,
      existing: (found, deadline) => this.#options.earlier.tell(flight.asked, found, deadline),
      send: ({ tag }, call) => adapter.placeOrder({ tag, ...ready }, call),
    });
  }

  async #after(flight: Flight, leg: Leg, outcome: OrderOutcome): Promise<Following> {
    if (!mayGoOn(outcome) || !flight.mayGoOn) return { outcome };
    flight.ended();
    const step = this.#stepAfter(flight, leg, outcome);
    if (step.kind === 'end') return { outcome };
    const road = step.kind === 'switch' ? step.road : leg.road;
    const plan = road === leg.road ? leg.plan : this.#orNull(() => this.planAt(road, flight.request));
    if (plan === null) return { outcome }; // this broker would not take it as it is
    if (!(await flight.inTime(this.#rows.isEnded(flight, leg.row), false)) || !flight.mayGoOn) return { outcome };
    const row = this.#options.newRow(flight.clientOrderId, road, leg.row.number + 1, plan.text);
    if (step.kind === 'queue') return { outcome: await this.#enqueue(flight, row, plan, step.forMs) };
    const added = await this.#rows.add(flight, row);
    if (added.kind === 'unclear') return { outcome }; // nobody but this flight would ever send it, and it does not
    if (added.kind === 'exists') return { outcome: await this.#existing(flight, added.row) };
    if (step.kind === 'retry') {
      await flight.pause(backoffMs(BACKOFF, leg.row.number - 1, (1 + this.#options.fraction()) / 2));
    }
    return { leg: { road, plan, row, journalled: true } };
  }

  /** What the rules say, and within what no rule can change. */
  #stepAfter(flight: Flight, { road, row }: Leg, outcome: OrderOutcome): NextStep {
    const { request, tried } = flight;
    const operation = request.reduceOnly === true ? 'exit' : 'entry';
    const rejection = outcome.kind === 'rejected' ? outcome.reason : null;
    const proof = outcome.kind === 'not-sent' ? outcome.proof : null;
    const end = { request, operation, road, rejection, proof, attempts: row.number, tried } as const;
    const step = this.#options.routing.after(end);
    switch (step.kind) {
      case 'retry':
        return row.number <= step.tries ? step : { kind: 'end' };
      case 'switch': {
        const isBound = operation === 'exit' ? request.mayMove !== true : request.connection !== undefined;
        const isOff = this.#options.isOff(step.road.gate.connection.broker);
        return isBound || isOff || tried.includes(step.road) ? { kind: 'end' } : step;
      }
      default:
        return step;
    }
  }

  /** Lets it wait in the journal. It is durable there before it is called queued. */
  async #enqueue(flight: Flight, row: AttemptRow, plan: StandIn, forMs: number): Promise<OrderOutcome> {
    const { clock, queue, emit } = this.#options;
    const { clientOrderId, broker, account } = row;
    const atMs = clock.now();
    const closesAtMs = marketSession(plan.order.listing.contract.exchange, atMs)?.closeMs ?? endOfDay(atMs);
    const expiresAtMs = Math.min(atMs + forMs, closesAtMs);
    if (queue.isFull) return this.#refuse(flight, row, 'queue-full');
    if (expiresAtMs <= atMs) return this.#refuse(flight, row, 'expired');
    const queued = asQueued(row, expiresAtMs);
    const added = await this.#rows.add(flight, queued);
    if (added.kind === 'unclear') return this.#rows.unclear(flight, queued, added.ended);
    if (added.kind === 'exists') return this.#existing(flight, added.row);
    queue.take(queued);
    const connection = { broker, account };
    emit('order-changed', { clientOrderId, connection, command: 'place', state: 'INTENT', brokerOrderId: null, atMs });
    emit('order-queued', { clientOrderId, connection, expiresAtMs, atMs });
    return { kind: 'queued', clientOrderId, expiresAtMs };
  }

  /** Writes down that it was refused, so that the same id gives the same answer again. */
  async #refuse(flight: Flight, row: AttemptRow, why: GateRefusal): Promise<OrderOutcome> {
    const detail = writeDetail({ kind: 'proof', proof: { by: 'gate', why } });
    const added = await this.#rows.add(flight, { ...row, state: 'NOT_SENT', detail });
    if (added.kind === 'unclear') return this.#rows.unclear(flight, row, added.ended);
    if (added.kind === 'exists') return this.#existing(flight, added.row);
    const { clientOrderId, broker, account, updatedAtMs: atMs } = row;
    const connection = { broker, account };
    const { emit } = this.#options;
    emit('order-changed', {
      clientOrderId,
      connection,
      command: 'place',
      state: 'NOT_SENT',
      brokerOrderId: null,
      atMs,
    });
    return notSent(clientOrderId, why);
  }

  async #flyQueued(flight: Flight, leg: Leg, expiresAtMs: number): Promise<QueuedEnd> {
    const { row } = leg;
    const stays: QueuedEnd = {
      stays: true,
      outcome: { kind: 'queued', clientOrderId: row.clientOrderId, expiresAtMs },
    };
    const command = this.#command(flight, leg);
    flight.begin(command, leg.road);
    const outcome = await leg.road.gate.run(command);
    const why = refusalIn(outcome);
    if (command.claimed) {
      if (why === 'journal-unavailable' || command.unclear) return stays; // the journal will tell what became of the claim
      return { stays: false, outcome: await this.#queueAgain(flight, leg, outcome, expiresAtMs) };
    }
    if (why === null) return { stays: false, outcome };
    if (this.#closed || (PASSING.has(why) && !flight.stopped)) return stays;
    const { ended, surely } = await this.#rows.end(row, why, null);
    if (ended === null) return { stays: false, outcome: this.#rows.unclear(flight, row, surely) };
    return { stays: false, outcome: ended ? outcome : await this.#existing(flight, row) };
  }

  /** One that came as far as its broker, and provably had no effect there, waits on if the rules say so. */
  async #queueAgain(flight: Flight, leg: Leg, outcome: OrderOutcome, expiresAtMs: number): Promise<OrderOutcome> {
    const { clock, queue, newRow } = this.#options;
    const { row } = leg;
    if (this.#closed || !mayGoOn(outcome) || !flight.mayGoOn || clock.now() >= expiresAtMs) return outcome;
    flight.ended();
    if (this.#stepAfter(flight, leg, outcome).kind !== 'queue') return outcome;
    if (!(await flight.inTime(this.#rows.isEnded(flight, row), false)) || !flight.mayGoOn) return outcome;
    const made = newRow(row.clientOrderId, leg.road, row.number + 1, leg.plan.text);
    const next = asQueued({ ...made, createdAtMs: row.createdAtMs }, expiresAtMs); // it keeps its place in the queue
    const added = await this.#rows.add(flight, next);
    if (added.kind === 'unclear') return this.#rows.unclear(flight, next, added.ended);
    if (added.kind === 'exists') return this.#existing(flight, added.row);
    queue.take(next);
    return { kind: 'queued', clientOrderId: row.clientOrderId, expiresAtMs };
  }

  async #existing(flight: Flight, found: AttemptRow): Promise<OrderOutcome> {
    return (await this.#options.earlier.latest(flight.asked, found, flight.deadline)).outcome;
  }

  #sameAs(flight: Flight, { connection }: OrderRequest, text: string): Promise<OrderOutcome> {
    const isThere = ({ gate: { connection: at } }: OrderRoad): boolean =>
      connection === undefined || (at.broker === connection.broker && at.account === connection.account);
    if (isSameOrder(flight.text, text) && flight.tried.some(isThere)) return flight.outcome;
    throw reused(flight.clientOrderId);
  }

  #queuedPlan(road: OrderRoad, request: OrderRequest): StandIn {
    const { clock } = this.#options;
    return planForQueued(request, road.gate.connection, clock, this.#dayOf(clock.now()));
  }

  /** An order that this broker would refuse is none. */
  #orNull(make: () => StandIn): StandIn | null {
    try {
      return make();
    } catch (error) {
      if (isAlgoError(error)) return null;
      throw error;
    }
  }
}

interface QueuedEnd {
  readonly stays: boolean;
  readonly outcome: OrderOutcome;
}

const refusalIn = (outcome: OrderOutcome): GateRefusal | null =>
  outcome.kind === 'not-sent' && outcome.proof.by === 'gate' ? outcome.proof.why : null;
