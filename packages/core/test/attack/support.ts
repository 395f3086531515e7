import { createAlgo, memoryStore } from '@algo/core';
import type { Algo, AlgoOptions, BrokerConnection, BrokerDefinition, ConnectionManager } from '@algo/core';
import type {
  BrokerAdapter,
  BrokerCall,
  BrokerContext,
  BrokerHttp,
  BrokerOrder,
  BrokerSession,
  CommandReply,
  PlaceCommand,
} from '@algo/core/adapter';
import { Secret } from '@algo/core/adapter';
import type { OrderJournal, Store, StoreDefinition } from '@algo/core/store';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { onTestFinished } from 'vitest';
import { memoryKeys, recordingLogger } from '../simulated.js';
import type { LogLine } from '../simulated.js';

export const FAKE = { broker: 'fake', account: 'main' } as const;
export const TOKEN = 'canary-token-0123456789';

/** What a scripted broker knows: its orders by tag. */
export interface Exchange {
  readonly orders: BrokerOrder[];
  accept(command: PlaceCommand): string;
}

export interface Script extends Partial<BrokerAdapter> {}

export interface FakeBrokerOptions {
  readonly usesOwnClient?: boolean;
  readonly grade?: 'G0' | 'G1' | 'G2' | 'G3';
  readonly ordersPerSecond?: number;
  readonly readsPerSecond?: number;
  readonly unattended?: boolean;
  readonly oneProcess?: boolean;
  readonly script?: (parts: {
    readonly http: BrokerHttp;
    readonly exchange: Exchange;
    readonly clock: FakeClock;
  }) => Script;
}

export function orderOf(changes: Partial<BrokerOrder> = {}): BrokerOrder {
  return {
    brokerOrderId: 'B1',
    exchangeOrderId: null,
    tag: null,
    instrument: 'NSE:RELIANCE',
    symbol: 'RELIANCE',
    side: 'BUY',
    type: 'LIMIT',
    product: 'CNC',
    validity: 'DAY',
    quantity: 1,
    filledQuantity: 0,
    price: 1390,
    triggerPrice: null,
    averagePrice: null,
    status: 'OPEN',
    brokerStatus: 'OPEN',
    reason: null,
    placedAtMs: null,
    updatedAtMs: null,
    ...changes,
  };
}

export function createExchange(): Exchange {
  const orders: BrokerOrder[] = [];
  return {
    orders,
    accept({ tag }) {
      const brokerOrderId = `B${orders.length + 1}`;
      orders.push(orderOf({ brokerOrderId, tag }));
      return brokerOrderId;
    },
  };
}

export const session = (clientId: string, token: string): BrokerSession => ({
  clientId,
  secrets: { token: new Secret(token) },
  facts: {},
  issuedAtMs: 0,
  expiresAtMs: null,
  renewable: false,
});

export function fakeBroker(exchange: Exchange, clock: FakeClock, options: FakeBrokerOptions = {}): BrokerDefinition {
  const nothing = async (): Promise<readonly never[]> => [];
  const base = (): BrokerAdapter => ({
    logIn: async ({ fields, secrets }) => session(fields['clientId'] ?? '', secrets['token']?.reveal() ?? ''),
    renew: async () => null,
    logOut: async () => false,
    profile: async (call: BrokerCall) => ({ clientId: call.session.clientId, name: null }) as never,
    placeOrder: async (command) => ({ kind: 'acknowledged', brokerOrderId: exchange.accept(command) }),
    modifyOrder: async ({ brokerOrderId }) => ({ kind: 'acknowledged', brokerOrderId }),
    cancelOrder: async ({ brokerOrderId }): Promise<CommandReply> => {
      const at = exchange.orders.findIndex((order) => order.brokerOrderId === brokerOrderId);
      const order = exchange.orders[at];
      if (order === undefined)
        return { kind: 'rejected', reason: 'order-not-open', brokerCode: null, brokerText: 'no such order' };
      exchange.orders[at] = { ...order, status: 'CANCELLED', brokerStatus: 'CANCELLED' };
      return { kind: 'acknowledged', brokerOrderId };
    },
    orderBook: async () => ({ orders: [...exchange.orders], complete: true }),
    order: async (id) => exchange.orders.find(({ brokerOrderId }) => brokerOrderId === id) ?? null,
    ordersByTag: async (tag) => exchange.orders.filter((order) => order.tag === tag),
    trades: nothing,
    tradesOf: nothing,
    positions: nothing,
    holdings: nothing,
    funds: async () => ({}) as never,
    margin: async () => ({ required: 0, available: null }),
    quotes: nothing,
    candles: nothing,
    instruments: async () => ({
      source: 'fake',
      listings: [
        {
          instrument: 'NSE:RELIANCE',
          contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
          token: '2885',
          segment: 'NSE_EQ',
          symbol: 'RELIANCE',
          name: 'RELIANCE',
          isin: null,
          lotSize: 1,
          tick: 1000,
          freezeQuantity: null,
          quantityUnit: { kind: 'units' },
        },
      ],
      skipped: () => 0,
    }),
    raw: async () => ({ status: 200, body: null }),
  });
  const perSecond = (limit: number) => [{ limit, perMs: 1_000 }];
  return {
    id: 'fake',
    name: 'Fake',
    hosts: [],
    capabilities: {
      exchanges: ['NSE'],
      products: ['CNC', 'MIS'],
      orderTypes: ['MARKET', 'LIMIT', 'SL'],
      validities: ['DAY', 'IOC'],
      orderIdentity: { grade: options.grade ?? 'G2', tagLength: 20, visibleWithinMs: 120_000 },
      session: { lastsMs: null, endsDailyAt: null, secondLogin: 'unsure', oneProcess: options.oneProcess ?? false },
      margin: false,
      candleIntervals: [],
      quoteBatch: 1,
      modificationsPerOrder: null,
    },
    credentials: {
      identity: 'clientId',
      fields: [
        { name: 'clientId', label: 'id', secret: false, pattern: /./, help: '', environment: 'A' },
        { name: 'token', label: 'token', secret: true, pattern: /./, help: '', environment: 'B' },
      ],
      methods: [{ id: 'token', label: 'token', needs: ['clientId', 'token'], unattended: options.unattended ?? true }],
    },
    rateLimits: {
      orders: perSecond(options.ordersPerSecond ?? 100_000),
      reads: perSecond(options.readsPerSecond ?? 100_000),
    },
    usesOwnClient: options.usesOwnClient ?? false,
    connect: ({ http }: BrokerContext) => ({ ...base(), ...options.script?.({ http, exchange, clock }) }),
  };
}

export interface Attack {
  readonly algo: Algo;
  readonly me: ConnectionManager;
  readonly connection: BrokerConnection;
  readonly exchange: Exchange;
  readonly clock: FakeClock;
  readonly log: LogLine[];
  readonly store: Store;
  readonly run: FakeClock['runUntil'];
  /** Another process on the same store and broker. */
  again(): Promise<{ readonly algo: Algo; readonly me: ConnectionManager }>;
  /** The same before it connects. */
  beside(changes?: Partial<AlgoOptions>): { readonly algo: Algo; readonly me: ConnectionManager };
}

export interface AttackOptions extends FakeBrokerOptions {
  readonly algo?: Partial<AlgoOptions>;
  readonly journal?: (journal: OrderJournal) => OrderJournal;
  readonly store?: (store: Store) => Store;
  readonly clock?: FakeClock;
}

export async function startAttack(options: AttackOptions = {}): Promise<Attack> {
  const clock = options.clock ?? createFakeClock();
  const exchange = createExchange();
  const log: LogLine[] = [];
  const memory = memoryStore({ clock });
  const open = async (): Promise<Store> => {
    const base = await memory.open();
    const withJournal = { ...base, journal: options.journal?.(base.journal) ?? base.journal };
    return options.store?.(withJournal) ?? withJournal;
  };
  const store = await memory.open(); // to be looked into, also after the manager has closed its own
  const definition: StoreDefinition = { open };
  const build = (changes: Partial<AlgoOptions> = {}): Algo => {
    const algo = createAlgo({
      store: definition,
      keys: memoryKeys(),
      brokers: [fakeBroker(exchange, clock, options)],
      clock,
      logger: recordingLogger(log),
      egress: { acceptShared: true }, // every test leaves from loopback
      ...options.algo,
      ...changes,
    });
    onTestFinished(async () => {
      const closing = algo.close();
      await Promise.race([
        clock.runUntil(closing, { limitMs: 30_000 }).catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, 3_000)),
      ]);
    });
    return algo;
  };
  const algo = build();
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A', token: TOKEN });
  const connection = await clock.runUntil(me.establishConnection(FAKE), { stepMs: 4 });
  return {
    algo,
    me,
    connection,
    exchange,
    clock,
    log,
    store,
    run: (promise, how) => clock.runUntil(promise, how),
    async again() {
      const next = build();
      const user = next.user('u1');
      await clock.runUntil(user.establishConnection(FAKE), { stepMs: 4 });
      return { algo: next, me: user };
    },
    beside(changes) {
      const next = build(changes);
      return { algo: next, me: next.user('u1') };
    },
  };
}

export const buy = (changes: Partial<Parameters<ConnectionManager['orders']['place']>[0]> = {}) => ({
  instrument: 'NSE:RELIANCE',
  side: 'BUY' as const,
  quantity: 1,
  type: 'LIMIT' as const,
  price: 1_390,
  product: 'CNC' as const,
  ...changes,
});

/** 'pending' when the promise does not settle within so much fake time. */
export async function within<Value>(
  clock: FakeClock,
  promise: Promise<Value>,
  ms: number,
): Promise<Value | 'pending' | { readonly threw: unknown }> {
  return clock
    .runUntil(promise, { limitMs: ms, stepMs: Math.max(4, Math.floor(ms / 50)) })
    .catch((error: unknown) =>
      error instanceof Error && error.message.startsWith('Nothing came of it') ? 'pending' : { threw: error },
    );
}

export const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined);

export async function until(check: () => boolean, limitMs = 20_000): Promise<void> {
  const start = Date.now();
  while (!check()) {
    if (Date.now() - start > limitMs) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
