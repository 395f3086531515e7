import { memoryStore } from '@algo/core';
import type { BrokerOrder, OrderOutcome } from '@algo/core';
import type { AttemptRow, OrderJournal, Store, StoreDefinition } from '@algo/core/store';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import type { Connection } from '../src/connection/connection.js';
import { LeasedTurns } from '../src/connection/leased-turn.js';
import type { CommandReply, PlaceCommand } from '../src/contract/broker-adapter.js';
import type { Listing } from '../src/domain/instrument.js';
import type { ConnectionRef, OrderRequest } from '../src/domain/order.js';
import type { RejectReason } from '../src/domain/order-outcome.js';
import type { OrderType } from '../src/domain/vocabulary.js';
import { AlgoError, isAlgoError } from '../src/errors/algo-error.js';
import { AcknowledgedOrders } from '../src/orders/acknowledged-orders.js';
import { JournalWriter } from '../src/orders/journal-writer.js';
import { OrderClaims } from '../src/orders/order-claims.js';
import { OrderDesk } from '../src/orders/order-desk.js';
import type { OrderDeskOptions } from '../src/orders/order-desk.js';
import type { OrderEvents } from '../src/orders/order-events.js';
import { OrderGate } from '../src/orders/order-gate.js';
import type { OrderRoad } from '../src/orders/order-road.js';
import { Reconciler } from '../src/orders/reconciler.js';
import { RowsElsewhere } from '../src/orders/rows-elsewhere.js';
import { StartUp } from '../src/orders/start-up.js';
import { createTagMaker } from '../src/orders/tag.js';
import { Deadline } from '../src/resilience/deadline.js';
import type { EventPair } from '../src/runtime/emitter.js';
import { silentLogger } from '../src/runtime/logger.js';
import { createTicker } from '../src/runtime/ticker.js';
import type { Ticker } from '../src/runtime/ticker.js';
import { SendRecord } from '../src/transport/send-record.js';
import { orderOf } from './attack/support.js';

export const USER = 'u1';

/** What a broker does with the next place. */
export type Answer =
  | { readonly kind: 'accept'; readonly afterMs?: number }
  | { readonly kind: 'reject'; readonly reason: RejectReason }
  /** Not a byte was written. */
  | { readonly kind: 'unsent'; readonly afterMs?: number }
  /** It was written and nothing came back; the broker took it or did not. */
  | { readonly kind: 'lost'; readonly taken: boolean };

/** A broker without HTTP: what it took stands in its ledger, whatever anybody was told. */
export interface ScriptedBroker {
  readonly ref: ConnectionRef;
  readonly ledger: { readonly tag: string; readonly order: BrokerOrder; readonly visibleAtMs: number }[];
  /** Every place that reached it, by tag. */
  readonly asked: { readonly tag: string; readonly quantity: number; readonly atMs: number }[];
  /** The order ids that reached it with a modify or a cancel. */
  readonly changed: string[];
  /** What it does with a place; accepts it unless told. */
  answer: () => Answer;
  /** Why the gate is refused before anything is claimed; null when it is not. */
  refuses: AlgoError | null;
  connected: boolean;
  orderTypes: readonly OrderType[];
  listing: Listing | null;
  lastPrice: number | null;
  quoteAgeMs: number;
  /** How long an order it took stays hidden from its book. */
  hiddenMs: number;
}

export const reliance = (changes: Partial<Listing> = {}): Listing => ({
  instrument: 'NSE:RELIANCE',
  contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
  token: '2885',
  segment: 'NSE_EQ',
  symbol: 'RELIANCE',
  name: 'RELIANCE',
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
  ...changes,
});

export const limitBuy = (changes: Partial<OrderRequest> = {}): OrderRequest => ({
  instrument: 'NSE:RELIANCE',
  side: 'BUY',
  quantity: 1,
  type: 'LIMIT',
  price: 1_390,
  product: 'CNC',
  ...changes,
});

export function scriptedBroker(broker: string): ScriptedBroker {
  return {
    ref: { broker, account: 'main' },
    ledger: [],
    asked: [],
    changed: [],
    answer: () => ({ kind: 'accept' }),
    refuses: null,
    connected: true,
    orderTypes: ['MARKET', 'LIMIT', 'SL', 'SL-M'],
    listing: reliance(),
    lastPrice: 1_400,
    quoteAgeMs: 0,
    hiddenMs: 0,
  };
}

/** One process: a desk over some brokers and a store that others may share. */
export interface Process {
  readonly desk: OrderDesk;
  readonly roads: readonly OrderRoad[];
  readonly store: Store;
  readonly events: EventPair<OrderEvents>[];
  roadOf(ref: ConnectionRef): OrderRoad;
  /** As when the power goes: nothing it does reaches the journal or a broker any more. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface ProcessOptions extends Partial<Pick<OrderDeskOptions, 'routing' | 'queueLimit' | 'isOff'>> {
  /** Made from the roads of the process. */
  readonly routes?: (roads: readonly OrderRoad[]) => NonNullable<OrderDeskOptions['routing']>;
  readonly journal?: (journal: OrderJournal) => OrderJournal;
  /** The book of this account is not read, so that its gate stays shut. */
  readonly unread?: boolean;
}

export interface World {
  readonly clock: FakeClock;
  readonly brokers: readonly ScriptedBroker[];
  readonly store: Store;
  start(options?: ProcessOptions): Promise<Process>;
  run: FakeClock['runUntil'];
}

export async function createWorld(names: readonly string[] = ['one', 'two']): Promise<World> {
  const clock = createFakeClock();
  const definition = memoryStore({ clock });
  const brokers = names.map(scriptedBroker);
  let seed = 1;
  return {
    clock,
    brokers,
    store: await definition.open(),
    start: (options) => startProcess({ clock, definition, brokers, seed: (seed += 1) }, options),
    run: (promise, how) => clock.runUntil(promise, { stepMs: 20, realMs: 0, ...how }),
  };
}

export async function rowsOf(store: Store, clientOrderId: string): Promise<readonly AttemptRow[]> {
  return (await store.journal.attemptsOf(USER, clientOrderId)).filter(({ kind }) => kind === 'place');
}

/** What an outcome settles to, as long as it does. */
export async function settledOf(outcome: OrderOutcome): Promise<OrderOutcome> {
  return outcome.kind === 'unknown' ? outcome.settled : outcome;
}

interface Parts {
  readonly clock: FakeClock;
  readonly definition: StoreDefinition;
  readonly brokers: readonly ScriptedBroker[];
  readonly seed: number;
}

async function startProcess(parts: Parts, options: ProcessOptions = {}): Promise<Process> {
  const { clock, definition, brokers, seed } = parts;
  const life = { dead: false };
  const store = await definition.open();
  const kept = options.journal?.(store.journal) ?? store.journal;
  const journal = mortal(kept, life);
  const logger = silentLogger;
  const ticker = createTicker(clock);
  const writer = new JournalWriter(journal, clock, logger);
  const claims = new OrderClaims({ journal, writer, clock, logger });
  const turns = new LeasedTurns({ leases: mortal(store.leases, life), owner: store.owner, clock, logger });
  const events: EventPair<OrderEvents>[] = [];
  const emit = (...pair: EventPair<OrderEvents>): void => void events.push(pair);
  const random = { fill: (target: Uint8Array) => void target.fill(seed % 256), fraction: () => 0.5 };
  const isOwnerAlive = (owner: string): Promise<boolean> => store.isOwnerAlive(owner);
  const { owner } = store;

  const roads = brokers.map((broker): OrderRoad => {
    const connection = scriptedConnection(broker, clock, ticker, life);
    const acknowledged = new AcknowledgedOrders();
    const elsewhere = new RowsElsewhere({
      journal,
      owner,
      isOwnerAlive,
      clock,
      logger,
      takeOver: (row) => startUp.takeOver(row),
    });
    const shared = { connection, writer, clock, logger, emit, acknowledged };
    const reconciler = new Reconciler({
      ...shared,
      onSeen: () => undefined,
      elsewhere: (row) => elsewhere.follow(row),
    });
    const gate = new OrderGate({ ...shared, claims, reconciler });
    const startUp: StartUp = new StartUp({
      ...shared,
      gate,
      reconciler,
      journal,
      owner,
      isOwnerAlive,
      turns,
      resume: (row) => desk.resume(row),
    });
    return { gate, reconciler, acknowledged, startUp, elsewhere };
  });
  const roadOf = ({ broker, account }: ConnectionRef): OrderRoad | null =>
    roads.find(({ gate: { connection } }) => connection.broker === broker && connection.account === account) ?? null;
  const [first] = roads;
  if (first === undefined) throw new Error('a process needs a broker');
  const routing = options.routing ?? options.routes?.(roads);
  const desk: OrderDesk = new OrderDesk({
    userId: USER,
    owner,
    journal,
    writer,
    clock,
    logger,
    emit,
    newTag: createTagMaker(clock, random),
    roadFor: (wanted) => (wanted === undefined ? first : must(roadOf(wanted))),
    roadOf,
    roads: () => roads,
    isOff: options.isOff ?? (() => false),
    ...(routing === undefined ? {} : { routing }),
    ...(options.queueLimit === undefined ? {} : { queueLimit: options.queueLimit }),
  });
  if (options.unread !== true) await Promise.all(roads.map(({ startUp }) => startUp.run()));
  const letGo = async (): Promise<void> => {
    for (const { reconciler, elsewhere } of roads) {
      reconciler.close();
      elsewhere.close();
    }
    turns.close();
    claims.close();
  };
  return {
    desk,
    roads,
    store,
    events,
    roadOf: (ref) => must(roadOf(ref)),
    async kill() {
      life.dead = true;
      await store.close();
    },
    async close() {
      await desk.close();
      await letGo();
      await writer.close();
      await store.close();
      ticker.close();
    },
  };
}

/** What a process does after its end comes to nothing. */
function mortal<Facet extends object>(facet: Facet, life: { readonly dead: boolean }): Facet {
  return new Proxy(facet, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...given: readonly unknown[]): unknown =>
        life.dead ? new Promise(() => undefined) : Reflect.apply(method, target, [...given]);
    },
  });
}

/** The parts of a connection that the order road uses, without session, limiter or network. */
function scriptedConnection(
  broker: ScriptedBroker,
  clock: FakeClock,
  ticker: Ticker,
  life: { readonly dead: boolean },
): Connection {
  const { ref } = broker;
  const visible = (): BrokerOrder[] =>
    broker.ledger.filter(({ visibleAtMs }) => visibleAtMs <= clock.monotonic()).map(({ order }) => order);
  const down = (): AlgoError => new AlgoError('ALGO_BROKER_UNREACHABLE', { broker: ref.broker, cause: 'ECONNREFUSED' });
  const take = (tag: string, request: PlaceCommand): string => {
    const brokerOrderId = `${ref.broker}-${broker.ledger.length + 1}`;
    const order = orderOf({ brokerOrderId, tag, side: request.side, quantity: request.quantity, type: request.type });
    broker.ledger.push({ tag, order, visibleAtMs: clock.monotonic() + broker.hiddenMs });
    return brokerOrderId;
  };
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  const adapter = {
    async placeOrder(command: PlaceCommand, { record }: { readonly record: SendRecord }): Promise<CommandReply> {
      if (life.dead) return new Promise(() => undefined);
      const { tag } = command;
      const answer = broker.answer();
      record.ask();
      if (answer.kind === 'unsent') {
        if (answer.afterMs !== undefined) await pause(answer.afterMs);
        throw down();
      }
      broker.asked.push({ tag, quantity: command.quantity, atMs: clock.now() });
      record.wrote();
      switch (answer.kind) {
        case 'reject':
          return { kind: 'rejected', reason: answer.reason, brokerCode: null, brokerText: answer.reason };
        case 'lost':
          if (answer.taken) take(tag, command);
          throw down();
        case 'accept': {
          const brokerOrderId = take(tag, command);
          if (answer.afterMs !== undefined) await pause(answer.afterMs);
          return { kind: 'acknowledged', brokerOrderId };
        }
      }
    },
    async cancelOrder({ brokerOrderId }: { readonly brokerOrderId: string }, { record }: { record: SendRecord }) {
      record.ask();
      record.wrote();
      broker.changed.push(brokerOrderId);
      const at = broker.ledger.findIndex(({ order }) => order.brokerOrderId === brokerOrderId);
      const found = broker.ledger[at];
      if (found === undefined) throw down();
      broker.ledger[at] = { ...found, order: { ...found.order, status: 'CANCELLED', brokerStatus: 'CANCELLED' } };
      return { kind: 'acknowledged', brokerOrderId };
    },
    async modifyOrder({ brokerOrderId }: { readonly brokerOrderId: string }, { record }: { record: SendRecord }) {
      record.ask();
      record.wrote();
      broker.changed.push(brokerOrderId);
      return { kind: 'acknowledged', brokerOrderId };
    },
    ordersByTag: async (tag: string) => visible().filter((order) => order.tag === tag),
    order: async (id: string) => visible().find(({ brokerOrderId }) => brokerOrderId === id) ?? null,
  };
  const call = () => ({ record: new SendRecord(), session: null, end: () => undefined });
  const connection = {
    key: { userId: USER, ...ref },
    userId: USER,
    ...ref,
    adapter,
    usesOwnClient: false,
    get state() {
      return { status: broker.connected ? 'connected' : 'disconnected', sinceMs: 0 };
    },
    get capabilities() {
      return {
        orderTypes: broker.orderTypes,
        products: ['CNC', 'MIS'],
        validities: ['DAY', 'IOC'],
        orderIdentity: { grade: 'G2', tagLength: 20, visibleWithinMs: 120_000 },
      };
    },
    listing(instrument: string): Listing {
      if (broker.listing !== null) return broker.listing;
      throw new AlgoError('ALGO_UNKNOWN_INSTRUMENT', { instrument, broker: ref.broker });
    },
    book: { find: () => broker.listing },
    quotes: async ([instrument]: readonly string[]) => [
      { instrument, lastPrice: broker.lastPrice, asOfMs: clock.now() - broker.quoteAgeMs, full: null },
    ],
    orderBook: async () => ({ orders: visible(), complete: true }),
    order: (id: string) => adapter.order(id),
    runner: {
      deadline: (lengthMs: number) => new Deadline(lengthMs, () => clock.monotonic(), ticker),
      beginCommand() {
        if (broker.refuses !== null) throw broker.refuses;
        return call();
      },
      finishCommand: () => undefined,
      sessionWorked: () => undefined,
      sessionRefused: async () => undefined,
      scrub: (text: string) => text,
      failureOf: (error: unknown) =>
        isAlgoError(error) ? error : new AlgoError('ALGO_ADAPTER_FAULT', { broker: ref.broker, why: String(error) }),
      read: (_lane: string, _ms: number, run: (made: unknown) => Promise<unknown>) => run(call()),
    },
  };
  return connection as unknown as Connection; // as much of one as the order road asks
}

function must<Value>(value: Value | null): Value {
  if (value === null) throw new Error('there is no such connection');
  return value;
}

export const notConnected = (broker: string): AlgoError =>
  new AlgoError('ALGO_NOT_CONNECTED', { broker, account: 'main' });
