import { Secret, isAlgoError, parsePrice } from '@algo/core/adapter';
import type {
  BrokerAdapter,
  BrokerCall,
  BrokerSession,
  Clock,
  Credentials,
  InstrumentLookup,
  Listing,
  Logger,
  PlaceCommand,
} from '@algo/core/adapter';
import { fixedClock, garbage, htmlPage, serverErrorAfter, startSimulator } from '@algo/simulator';
import type { JainamCredentials, JainamOptions, Simulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { jainam } from '../src/index.js';
import type { JainamConfig } from '../src/index.js';
import { fetchHttp } from './support/fetch-http.js';

/** 2026-11-20 10:00:00 IST. */
const NOW_MS = Date.UTC(2026, 10, 20, 4, 30);

/** The adapter and a pretend XTS that was written apart from it: where both read the sheet alike, this passes. */
interface Account {
  readonly simulator: Simulator;
  readonly adapter: BrokerAdapter;
  readonly call: BrokerCall;
  readonly logged: readonly string[];
  listing(instrument: string): Listing;
}

const callWith = (session: BrokerSession | null): BrokerCall => ({
  get session(): BrokerSession {
    if (session === null) throw new Error('no session yet');
    return session;
  },
  startedAtMs: NOW_MS,
  remainingMs: () => 10_000,
  signal: new AbortController().signal,
});

const clock: Clock = {
  now: () => NOW_MS,
  monotonic: () => 0,
  every: () => () => undefined,
  after: () => () => undefined,
};

const lookupOf = (listings: readonly Listing[]): InstrumentLookup => ({
  byToken: (segment, token) =>
    listings.find((listing) => listing.segment === segment && listing.token === token) ?? null,
});

const keysOf = (given: JainamCredentials, change: Readonly<Record<string, string>> = {}): Credentials => ({
  method: 'keys',
  fields: { clientId: given.clientCodes[0] ?? given.clientId },
  secrets: Object.fromEntries(
    (['interactiveApiKey', 'interactiveApiSecret', 'marketApiKey', 'marketApiSecret'] as const).map((name) => [
      name,
      new Secret(change[name] ?? given[name]),
    ]),
  ),
});

async function loggedIn(options: JainamOptions = {}, config: JainamConfig = {}): Promise<Account> {
  const simulator = await startSimulator({
    brokers: ['jainam'],
    clock: fixedClock(NOW_MS),
    jainam: { rateLimits: 'off', ...options },
  });
  onTestFinished(() => simulator.close());
  const { baseUrl, credentials } = simulator.jainam;
  const lines: string[] = [];
  const log = (event: string, fields: unknown = {}): void => void lines.push(`${event} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const listings: Listing[] = [];
  const definition = jainam({ baseUrl, ...config });
  const adapter = definition.connect({ http: fetchHttp, instruments: lookupOf(listings), clock, logger });
  const call = callWith(await adapter.logIn(keysOf(credentials), callWith(null)));
  for await (const listing of (await adapter.instruments(call)).listings) listings.push(listing);
  const listing = (instrument: string): Listing => {
    const found = listings.find((candidate) => candidate.instrument === instrument);
    if (found === undefined) throw new Error(`the simulator lists no ${instrument}`);
    return found;
  };
  return { simulator, adapter, call, logged: lines, listing };
}

const lastPrice = ({ simulator }: Account): number => simulator.exchange.lastPrice('NSE_EQ:2885');

/** Ten RELIANCE, ten rupees below the market: it rests. */
const resting = (account: Account, change: Partial<PlaceCommand> = {}): PlaceCommand => ({
  tag: 'ABC234',
  listing: account.listing('NSE:RELIANCE'),
  side: 'BUY',
  quantity: 10,
  type: 'LIMIT',
  price: parsePrice(lastPrice(account) - 10),
  triggerPrice: null,
  product: 'MIS',
  validity: 'DAY',
  ...change,
});

const placed = async (account: Account, change: Partial<PlaceCommand> = {}): Promise<string> => {
  const reply = await account.adapter.placeOrder(resting(account, change), account.call);
  if (reply.kind !== 'acknowledged') throw new Error(JSON.stringify(reply));
  return reply.brokerOrderId;
};

const atMarket = { type: 'MARKET', price: null } as const;

const codeOf = async (task: Promise<unknown>): Promise<string> => {
  try {
    await task;
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('logs in to both products and finds whose account it is', async () => {
  const { adapter, call, simulator } = await loggedIn();
  expect(call.session).toMatchObject({ clientId: simulator.jainam.credentials.clientId, renewable: false });
  expect(call.session.expiresAtMs).toBe(NOW_MS + 86_400_000);
  const profile = await adapter.profile(call);
  expect(profile).toMatchObject({ clientId: call.session.clientId, dataPlanActive: true });
  expect(profile.segments).toContain('NSECM');
});

test('a wrong secret is a refusal, and so are keys of the other product', async () => {
  const { adapter, simulator } = await loggedIn();
  const { credentials } = simulator.jainam;
  const wrong = keysOf(credentials, { interactiveApiSecret: 'Wrong$1#2@' });
  expect(await codeOf(adapter.logIn(wrong, callWith(null)))).toBe('ALGO_LOGIN_REFUSED');
  const swapped = keysOf(credentials, {
    marketApiKey: credentials.interactiveApiKey,
    marketApiSecret: credentials.interactiveApiSecret,
  });
  expect(await codeOf(adapter.logIn(swapped, callWith(null)))).toBe('ALGO_LOGIN_REFUSED');
});

test.each([{ invalidTokenStatus: 400 }, { invalidTokenStatus: 401 }] as const)(
  'with %j a second log-in ends the first',
  async (options) => {
    const { adapter, call, simulator, ...rest } = await loggedIn(options);
    const account = { adapter, call, simulator, ...rest };
    const second = await adapter.logIn(keysOf(simulator.jainam.credentials), callWith(null));
    expect(await codeOf(adapter.orderBook(call))).toBe('ALGO_SESSION_EXPIRED');
    expect(await adapter.placeOrder(resting(account), call)).toMatchObject({ kind: 'rejected', reason: 'session' });
    expect(await codeOf(adapter.quotes([account.listing('NSE:RELIANCE')], 'ltp', call))).toBe('ALGO_SESSION_EXPIRED');
    expect(await codeOf(adapter.orderBook(callWith(second)))).toBe('none');
  },
);

test('logs out of both', async () => {
  const { adapter, call, listing } = await loggedIn();
  expect(await adapter.logOut(call)).toBe(true);
  expect(await codeOf(adapter.profile(call))).toBe('ALGO_SESSION_EXPIRED');
  expect(await codeOf(adapter.quotes([listing('NSE:RELIANCE')], 'ltp', call))).toBe('ALGO_SESSION_EXPIRED');
});

test.each<JainamOptions>([
  { hostLookup: 'required', hostLookupReply: 'boolean' },
  { hostLookup: 'required', hostLookupReply: 'text' },
  { hostLookup: 'optional' },
])('with %j the host lookup leads to a session', async (options) => {
  const { adapter, call } = await loggedIn(options, { useHostLookup: true });
  expect(call.session.facts['interactiveOrigin']).toBeDefined();
  expect(await adapter.orderBook(call)).toEqual({ orders: [], complete: true });
});

test.each<JainamOptions>([{ orderRows: 'recorded' }, { orderRows: 'newer' }])(
  'with %j an order is placed once and found in the book and by its id, with its tag',
  async (options) => {
    const account = await loggedIn(options);
    const { adapter, call, simulator } = account;
    const brokerOrderId = await placed(account);
    const expected = {
      brokerOrderId,
      tag: 'ABC234',
      instrument: 'NSE:RELIANCE',
      side: 'BUY',
      type: 'LIMIT',
      product: 'MIS',
      validity: 'DAY',
      quantity: 10,
      filledQuantity: 0,
      status: 'OPEN',
      placedAtMs: NOW_MS,
    };
    expect(await adapter.orderBook(call)).toMatchObject({ complete: true, orders: [expected] });
    expect(await adapter.order(brokerOrderId, call)).toMatchObject(expected);
    expect(await adapter.ordersByTag('ABC234', call)).toBeNull();
    expect(simulator.ledger()).toHaveLength(1);
    expect(account.logged).toEqual([]);
  },
);

test('an order that ended without its tag leaves no book that proves an absence', async () => {
  const account = await loggedIn({ endedOrderTag: 'loses' });
  const brokerOrderId = await placed(account, atMarket);
  const book = await account.adapter.orderBook(account.call);
  expect(book).toMatchObject({ complete: false, orders: [{ brokerOrderId, tag: null, status: 'FILLED' }] });
});

test('a fresh order is pending until the exchange has it; one that is not there is null', async () => {
  const account = await loggedIn({ pendingNewMs: 60_000 });
  const brokerOrderId = await placed(account);
  expect((await account.adapter.order(brokerOrderId, account.call))?.status).toBe('PENDING');
  expect(await account.adapter.order('999999999', account.call)).toBeNull();
});

test('a modify sends the total, a cancel ends the order and keeps what was filled', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  const command = resting(account);
  simulator.exchange.fill(brokerOrderId, 4, lastPrice(account) - 10);
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'PARTIALLY_FILLED', filledQuantity: 4 });

  const change = { ...command, tag: 'MOD234', order: command, brokerOrderId, quantity: 20 };
  expect(await adapter.modifyOrder(change, call)).toEqual({ kind: 'acknowledged', brokerOrderId });
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ quantity: 20, filledQuantity: 4, product: 'MIS' });

  const cancel = { brokerOrderId, tag: 'CAN234', order: null };
  expect(await adapter.cancelOrder(cancel, call)).toEqual({ kind: 'acknowledged', brokerOrderId });
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'CANCELLED', filledQuantity: 4 });
  expect((await adapter.cancelOrder(cancel, call)).kind).not.toBe('acknowledged');
});

test('a stop order waits for its trigger, with and without a limit', async () => {
  const account = await loggedIn();
  const last = lastPrice(account);
  const triggerPrice = parsePrice(last + 10);
  const limit = await placed(account, { type: 'SL', price: parsePrice(last + 12), triggerPrice });
  expect(await account.adapter.order(limit, account.call)).toMatchObject({
    type: 'SL',
    status: 'TRIGGER_PENDING',
    triggerPrice: last + 10,
    price: last + 12,
  });
  const market = await placed(account, { type: 'SL-M', price: null, triggerPrice, tag: 'SLM' });
  expect(await account.adapter.order(market, account.call)).toMatchObject({ type: 'SL-M', status: 'TRIGGER_PENDING' });
});

test('what the risk checks throw out is queued first and rejected in the book, with a reason', async () => {
  const account = await loggedIn();
  const id = await placed(account, { quantity: 1_000_000, product: 'CNC' });
  const order = await account.adapter.order(id, account.call);
  expect(order?.status).toBe('REJECTED');
  expect(order?.reason).toBeTruthy();
});

test.each([
  [400, 'refused', 1],
  [429, 'refused', 1],
  [400, 'taken', 2],
  [429, 'taken', 2],
] as const)('an order over the limit is unknown: under HTTP %d it was %s', async (status, rateLimitedPlace, orders) => {
  const rateLimits = { order: [{ calls: 1, perMs: 1_000 }] };
  const account = await loggedIn({ rateLimitStatus: status, rateLimitedPlace, rateLimits });
  await placed(account);
  const second = await account.adapter.placeOrder(resting(account, { tag: 'SECOND' }), account.call);
  expect(second.kind).toBe('unknown');
  expect(account.simulator.ledger()).toHaveLength(orders);
});

test('a machine that the broker does not know gets no order through', async () => {
  const account = await loggedIn({ staticIp: 'refuse' });
  const reply = await account.adapter.placeOrder(resting(account), account.call);
  expect(reply.kind).not.toBe('acknowledged');
});

const ALWAYS = { times: 5 } as const;

test.each([
  htmlPage('*', ALWAYS),
  htmlPage('*', { ...ALWAYS, status: 200, when: 'after' }),
  serverErrorAfter('*', ALWAYS),
  garbage('*', ALWAYS),
])('$kind answers no command, and no read', async (fault) => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  simulator.inject(fault);
  const command = resting(account);
  expect((await adapter.placeOrder(command, call)).kind).toBe('unknown');
  expect((await adapter.modifyOrder({ ...command, order: command, brokerOrderId, quantity: 20 }, call)).kind).toBe(
    'unknown',
  );
  expect((await adapter.cancelOrder({ brokerOrderId, tag: 'ABC234', order: null }, call)).kind).toBe('unknown');
  const unanswered = ['ALGO_REPLY_UNREADABLE', 'ALGO_BROKER_UNAVAILABLE'];
  expect(unanswered).toContain(await codeOf(adapter.orderBook(call)));
  expect(unanswered).toContain(await codeOf(adapter.positions(call)));
});

test.each<JainamOptions>([{ positionRows: 'present' }, { positionRows: 'older' }])(
  'with %j fills make trades and a position',
  async (options) => {
    const account = await loggedIn(options);
    const { adapter, call, simulator } = account;
    expect(await adapter.trades(call)).toEqual([]);
    expect(await adapter.positions(call)).toEqual([]);
    const brokerOrderId = await placed(account, atMarket);
    const price = simulator.exchange.trades()[0]?.price ?? 0;
    const [trade] = await adapter.trades(call);
    expect(trade).toMatchObject({
      brokerOrderId,
      instrument: 'NSE:RELIANCE',
      side: 'BUY',
      quantity: 10,
      price,
      tradedAtMs: NOW_MS,
    });
    expect(await adapter.tradesOf(brokerOrderId, call)).toEqual([trade]);
    expect(await adapter.positions(call)).toMatchObject([
      { instrument: 'NSE:RELIANCE', product: 'MIS', quantity: 10, boughtQuantity: 10, averageBuyPrice: price },
    ]);
    await placed(account, { ...atMarket, side: 'SELL', quantity: 15, tag: 'SHORT' });
    expect(await adapter.positions(call)).toMatchObject([{ quantity: -5, soldQuantity: 15 }]);
  },
);

test.each<JainamOptions>([{ holdingRows: 'object' }, { holdingRows: 'list' }])(
  'with %j an account without holdings has none, and one with shares shows them',
  async (options) => {
    const empty = await loggedIn(options);
    expect(await empty.adapter.holdings(empty.call)).toEqual([]);
    const holdings = [{ instrument: 'NSE_EQ:2885', quantity: 25, averagePrice: 1_200.5 }];
    const { adapter, call } = await loggedIn({ ...options, account: { clientId: 'A1000001', holdings } });
    expect(await adapter.holdings(call)).toMatchObject([
      { instrument: 'NSE:RELIANCE', isin: 'INE002A01018', quantity: 25, availableQuantity: 25, averagePrice: 1_200.5 },
    ]);
  },
);

test('funds are what the account was opened with', async () => {
  const { adapter, call } = await loggedIn();
  expect(await adapter.funds(call)).toMatchObject({ available: 1_000_000, used: 0, openingBalance: 1_000_000 });
});

test('a dealer trades for a client, through paths of its own', async () => {
  const account = await loggedIn({ account: { clientId: 'DEALER01', dealer: true } });
  const { adapter, call, simulator } = account;
  const client = simulator.jainam.credentials.clientCodes[0] ?? '';
  expect(call.session).toMatchObject({ clientId: client, facts: { dealer: 'yes' } });
  expect((await adapter.profile(call)).clientId).toBe(client);
  const brokerOrderId = await placed(account, atMarket);
  expect((await adapter.orderBook(call)).orders).toMatchObject([{ brokerOrderId, status: 'FILLED' }]);
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'FILLED' });
  expect(await adapter.trades(call)).toHaveLength(1);
  expect(await adapter.positions(call)).toMatchObject([{ quantity: 10 }]);
  const resting = await placed(account, { tag: 'REST' });
  expect((await adapter.cancelOrder({ brokerOrderId: resting, tag: 'C', order: null }, call)).kind).toBe(
    'acknowledged',
  );
  expect(await codeOf(adapter.funds(call))).toBe('ALGO_NOT_SUPPORTED');
});

test.each<JainamOptions>([{ touchline: 'nested' }, { touchline: 'flat' }])(
  'with %j quotes are the prices of the exchange, in the order asked',
  async (options) => {
    const account = await loggedIn(options);
    const { adapter, call, listing } = account;
    await placed(account);
    const asked = ['NSE:INDEX:NIFTY', 'NSE:RELIANCE'].map(listing);
    const quotes = await adapter.quotes(asked, 'ltp', call);
    expect(quotes.map(({ instrument }) => instrument)).toEqual(asked.map(({ instrument }) => instrument));
    expect(quotes[1]?.lastPrice).toBe(lastPrice(account));
    const [full] = await adapter.quotes([listing('NSE:RELIANCE')], 'full', call);
    expect(full?.full?.bids).toMatchObject([{ quantity: 10, orders: 1 }]);
    expect(full?.full?.previousClose).toBeGreaterThan(0);
  },
);

test('candles begin with the bar asked for, and a long stretch has no gap between its parts', async () => {
  const { adapter, call, listing } = await loggedIn();
  const opening = Date.UTC(2026, 10, 19, 3, 45); // Thursday, 09:15 IST
  const request = { instrument: 'NSE:RELIANCE', interval: '5m', fromMs: opening, toMs: opening + 1_800_000 } as const;
  const candles = await adapter.candles(listing('NSE:RELIANCE'), request, call);
  expect(candles.map(({ startMs }) => (startMs - opening) / 60_000)).toEqual([0, 5, 10, 15, 20, 25]);
  for (const { open, high, low, close } of candles)
    expect(low <= open && open <= high && low <= close && close <= high).toBe(true);

  const daily = { ...request, interval: '1d', fromMs: NOW_MS - 30 * 86_400_000, toMs: NOW_MS } as const;
  const starts = (await adapter.candles(listing('NSE:RELIANCE'), daily, call)).map(({ startMs }) => startMs);
  expect(new Set(starts).size).toBe(starts.length);
  expect(starts.length).toBeGreaterThan(15);
  expect(starts.toSorted((a, b) => a - b)).toEqual(starts);
});

test('the master names what broker packages share', async () => {
  const { listing } = await loggedIn();
  for (const id of ['NSE:RELIANCE', 'NSE:INDEX:NIFTY', 'BSE:INDEX:SENSEX', 'NSE:INDEX:BANKNIFTY'])
    expect(listing(id).instrument).toBe(id);
});
