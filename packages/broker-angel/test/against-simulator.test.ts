import { formatInstrument, loadInstrumentBook, parsePrice, Secret } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerCall, BrokerSession, Credentials, Listing, PlaceCommand } from '@algo/core/adapter';
import {
  fixedClock,
  garbage,
  htmlPage,
  lateVisibility,
  rateLimited,
  serverErrorAfter,
  startSimulator,
} from '@algo/simulator';
import type { AngelOptions, Simulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { angel } from '../src/index.js';
import type { AngelConfig } from '../src/index.js';
import { callWith, clock, codeOf, fullLookupOf, loggingIn, NOW_MS, recordingLogger } from './support/account.js';
import { fetchHttp } from './support/fetch-http.js';

/** The adapter and a pretend Angel One that was written apart from it: where both read the sheet alike, this passes. */
interface Account {
  readonly simulator: Simulator;
  readonly adapter: BrokerAdapter;
  readonly call: BrokerCall;
  readonly logged: readonly string[];
  readonly credentials: Credentials;
  listing(instrument: string): Listing;
}

const totpOf = ({ clientCode, apiKey, mpin, totpSecret }: Simulator['angel']['credentials']): Credentials => ({
  method: 'totp',
  fields: { clientCode },
  secrets: { apiKey: new Secret(apiKey), mpin: new Secret(mpin), totpSecret: new Secret(totpSecret) },
});

async function loggedIn(options: AngelOptions = {}, config: AngelConfig = {}): Promise<Account> {
  const simulator = await startSimulator({
    clock: fixedClock(NOW_MS),
    brokers: ['angel'],
    angel: { rateLimits: 'off', ...options },
  });
  onTestFinished(() => simulator.close());
  const { baseUrl, instrumentsUrl, publisherLoginUrl } = simulator.angel;
  const definition = angel({ baseUrl, instrumentsUrl, publisherUrl: publisherLoginUrl, ...config });
  const logger = recordingLogger();
  const listings: Listing[] = [];
  const adapter = definition.connect({ http: fetchHttp, instruments: fullLookupOf(listings), clock, logger });
  for await (const listing of (await adapter.instruments(loggingIn())).listings) listings.push(listing);
  const credentials = totpOf(simulator.angel.credentials);
  const call = callWith(await adapter.logIn(credentials, loggingIn()));
  const listing = (instrument: string): Listing => {
    const found = listings.find((candidate) => candidate.instrument === instrument);
    if (found === undefined) throw new Error(`the simulator lists no ${instrument}`);
    return found;
  };
  return { simulator, adapter, call, logged: logger.lines, credentials, listing };
}

const RELIANCE = 'NSE_EQ:2885';
const TAG = 'ABCDEFGHIJKLM23';

/** Ten RELIANCE, ten rupees below the market: it rests. */
const resting = ({ simulator, listing }: Account, change: Partial<PlaceCommand> = {}): PlaceCommand => ({
  tag: TAG,
  listing: listing('NSE:RELIANCE'),
  side: 'BUY',
  quantity: 10,
  type: 'LIMIT',
  price: parsePrice(simulator.exchange.lastPrice(RELIANCE) - 10),
  triggerPrice: null,
  product: 'MIS',
  validity: 'DAY',
  ...change,
});

/** The same, ten rupees above: it is filled at once. */
const crossing = (account: Account, change: Partial<PlaceCommand> = {}): Partial<PlaceCommand> => ({
  price: parsePrice(account.simulator.exchange.lastPrice(RELIANCE) + 10),
  ...change,
});

const placed = async (account: Account, change: Partial<PlaceCommand> = {}): Promise<string> => {
  const reply = await account.adapter.placeOrder(resting(account, change), account.call);
  if (reply.kind !== 'acknowledged') throw new Error(JSON.stringify(reply));
  return reply.brokerOrderId;
};

test('logs in with MPIN and TOTP and finds whose account it is', async () => {
  const { adapter, call, simulator } = await loggedIn();
  expect(call.session).toMatchObject({ expiresAtMs: Date.UTC(2026, 10, 20, 18, 30), renewable: true });
  const profile = await adapter.profile(call);
  expect(profile.clientId).toBe(simulator.angel.credentials.clientCode);
  expect(profile.segments).toContain('NFO');
});

test('a wrong MPIN is a refusal', async () => {
  const { adapter, credentials } = await loggedIn();
  const secrets = { ...credentials.secrets, mpin: new Secret('0000') };
  const wrong = (await adapter.logIn({ ...credentials, secrets }, loggingIn()).catch(() => null)) === null;
  const right = (await adapter.logIn(credentials, loggingIn())).clientId;
  expect([wrong, right]).toEqual([true, credentials.fields['clientCode']]);
  expect(await codeOf(adapter.logIn({ ...credentials, secrets }, loggingIn()))).toBe('ALGO_LOGIN_REFUSED');
});

test('a wrong TOTP secret is refused after a second code, and never a third', async () => {
  const { adapter, credentials, simulator } = await loggedIn();
  const secrets = { ...credentials.secrets, totpSecret: new Secret('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ') };
  const before = simulator.received().length;
  expect(await codeOf(adapter.logIn({ ...credentials, secrets }, loggingIn()))).toBe('ALGO_LOGIN_REFUSED');
  expect(simulator.received().length - before).toBeLessThanOrEqual(2);
});

test('the refresh token makes a session that works', async () => {
  const { adapter, call } = await loggedIn();
  const renewed = await adapter.renew(call);
  if (renewed === null) throw new Error('not renewed');
  expect(renewed.expiresAtMs).toBe(call.session.expiresAtMs);
  expect((await adapter.profile(callWith(renewed))).clientId).toBe(call.session.clientId);
});

test.each<AngelOptions>([{ tokenErrors: 'gateway' }, { tokenErrors: 'service' }])(
  'with %j: after the log-out nothing is answered any more',
  async (options) => {
    const account = await loggedIn(options);
    const { adapter, call } = account;
    expect(await adapter.logOut(call)).toBe(true);
    expect(await codeOf(adapter.orderBook(call))).toBe('ALGO_SESSION_EXPIRED');
    expect(await adapter.placeOrder(resting(account), call)).toMatchObject({ kind: 'rejected', reason: 'session' });
  },
);

test("the log-in on Angel's own page makes a session that works", async () => {
  const { adapter, credentials, simulator } = await loggedIn({}, { publisherState: 'optional' });
  const { redirectLogin } = adapter;
  if (redirectLogin === undefined) throw new Error('no redirect log-in');
  const begun = await redirectLogin.begin({ ...credentials, method: 'publisher' }, 'one-use', loggingIn());
  const page = await fetch(begun.url, { redirect: 'manual' });
  const returned = Object.fromEntries(new URL(page.headers.get('location') ?? '').searchParams);
  const session: BrokerSession = await redirectLogin.complete(credentials, returned, begun, loggingIn());
  expect((await adapter.profile(callWith(session))).clientId).toBe(simulator.angel.credentials.clientCode);
});

test.each<AngelOptions>([
  { orderRows: 'recorded', uniqueOrderIds: 'own' },
  { orderRows: 'documented', uniqueOrderIds: 'same' },
])('with %j: an order is placed once and found in the book', async (options) => {
  const account = await loggedIn(options);
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  const expected = {
    brokerOrderId,
    // A row as the oldest documents print it has no tag at all: such a book proves nothing about ours, which core knows.
    tag: options.orderRows === 'documented' ? null : TAG,
    instrument: 'NSE:RELIANCE',
    side: 'BUY',
    type: 'LIMIT',
    product: 'MIS',
    validity: 'DAY',
    quantity: 10,
    filledQuantity: 0,
    price: simulator.exchange.lastPrice(RELIANCE) - 10,
    status: 'OPEN',
    updatedAtMs: NOW_MS,
  };
  const book = await adapter.orderBook(call);
  expect(book.complete).toBe(true);
  expect(book.orders).toMatchObject([expected]);
  expect(await adapter.order(brokerOrderId, call)).toMatchObject(expected);
  expect(await adapter.order('999999999999999', call)).toBeNull();
  expect(simulator.ledger()).toHaveLength(1);
  expect(account.logged).toEqual([]);
});

test('an empty day is an empty book, and no error', async () => {
  const { adapter, call } = await loggedIn();
  expect(await adapter.orderBook(call)).toEqual({ orders: [], complete: true });
  expect(await adapter.trades(call)).toEqual([]);
  expect(await adapter.positions(call)).toEqual([]);
  expect(await adapter.holdings(call)).toEqual([]);
});

test('a modify sends the total, a cancel ends the order and keeps what was filled', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  const command = resting(account);
  simulator.exchange.fill(brokerOrderId, 4, simulator.exchange.lastPrice(RELIANCE) - 10);
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'PARTIALLY_FILLED', filledQuantity: 4 });

  const modified = await adapter.modifyOrder({ ...command, order: command, brokerOrderId, quantity: 20 }, call);
  expect(modified).toEqual({ kind: 'acknowledged', brokerOrderId });
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ quantity: 20, filledQuantity: 4 });

  const cancel = { brokerOrderId, tag: TAG, order: command };
  expect(await adapter.cancelOrder(cancel, call)).toEqual({ kind: 'acknowledged', brokerOrderId });
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'CANCELLED', filledQuantity: 4 });
  expect((await adapter.cancelOrder(cancel, call)).kind).not.toBe('acknowledged');
});

test('a stop order waits for its trigger, and is cancelled with or without the journal', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const last = simulator.exchange.lastPrice(RELIANCE);
  const stop = { type: 'SL', price: parsePrice(last + 12), triggerPrice: parsePrice(last + 10) } as const;
  for (const order of [null, resting(account, stop)]) {
    const id = await placed(account, stop);
    expect(await adapter.order(id, call)).toMatchObject({
      type: 'SL',
      status: 'TRIGGER_PENDING',
      triggerPrice: last + 10,
      price: last + 12,
    });
    expect((await adapter.cancelOrder({ brokerOrderId: id, tag: TAG, order }, call)).kind).toBe('acknowledged');
    expect((await adapter.order(id, call))?.status).toBe('CANCELLED');
  }
});

test('a cancel of an order nobody knows is refused, and changes nothing', async () => {
  const account = await loggedIn();
  const cancel = { brokerOrderId: '1', tag: TAG, order: resting(account) };
  expect((await account.adapter.cancelOrder(cancel, account.call)).kind).not.toBe('acknowledged');
});

test('a market order is taken where both sides allow it', async () => {
  const account = await loggedIn({ marketOrders: 'take' }, { marketOrders: 'send' });
  const id = await placed(account, { type: 'MARKET', price: null });
  expect((await account.adapter.order(id, account.call))?.status).toBe('FILLED');
});

test('a buy beyond the cash is taken and then rejected in the book, with a reason', async () => {
  const account = await loggedIn();
  const id = await placed(account, { quantity: 1_000_000, product: 'CNC' });
  const order = await account.adapter.order(id, account.call);
  expect(order?.status).toBe('REJECTED');
  expect(order?.reason).toBeTruthy();
});

test('a scrip on the cautionary list needs the consent of the host', async () => {
  const cautionary = ['RELIANCE-EQ'];
  const without = await loggedIn({ cautionary });
  expect(await without.adapter.placeOrder(resting(without), without.call)).toMatchObject({
    kind: 'rejected',
    reason: 'instrument',
  });
  await placed(await loggedIn({ cautionary }, { scripConsent: true }));
});

test('a machine that Angel does not know gets no order through', async () => {
  const account = await loggedIn({ staticIp: 'refuse' });
  expect((await account.adapter.placeOrder(resting(account), account.call)).kind).not.toBe('acknowledged');
  expect(account.simulator.ledger()).toHaveLength(0);
  expect((await account.adapter.orderBook(account.call)).complete).toBe(true);
});

test.each(['forbidden', 'too-many', 'code'] as const)(
  'a limit in the words "%s" leaves a command unknown, and a read waits',
  async (rateLimitWords) => {
    const account = await loggedIn({ rateLimitWords });
    account.simulator.inject(rateLimited('*', { times: 5 }));
    expect((await account.adapter.placeOrder(resting(account), account.call)).kind).toBe('unknown');
    expect(await codeOf(account.adapter.orderBook(account.call))).toBe('ALGO_RATE_LIMITED');
  },
);

const ALWAYS = { times: 6 } as const;

test.each([
  htmlPage('*', ALWAYS),
  htmlPage('*', { ...ALWAYS, status: 200, when: 'after' }),
  serverErrorAfter('*', ALWAYS),
  garbage('*', ALWAYS),
])('$kind answers no command, and no read', async (fault) => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  const command = resting(account);
  simulator.inject(fault);
  expect((await adapter.placeOrder(command, call)).kind).toBe('unknown');
  expect((await adapter.modifyOrder({ ...command, order: command, brokerOrderId, quantity: 20 }, call)).kind).toBe(
    'unknown',
  );
  expect((await adapter.cancelOrder({ brokerOrderId, tag: TAG, order: command }, call)).kind).toBe('unknown');
  const unanswered = ['ALGO_REPLY_UNREADABLE', 'ALGO_BROKER_UNAVAILABLE'];
  expect(unanswered).toContain(await codeOf(adapter.orderBook(call)));
});

test('an order that the book shows late is not in it before, and is there afterwards', async () => {
  const account = await loggedIn();
  account.simulator.inject(lateVisibility('placeOrder', 60_000));
  await placed(account);
  expect((await account.adapter.orderBook(account.call)).orders).toEqual([]);
  expect(account.simulator.ledger()).toHaveLength(1);
});

test('fills make trades and a position', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account, crossing(account));
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
  expect(await adapter.tradesOf('1', call)).toEqual([]);
  expect(await adapter.positions(call)).toMatchObject([
    { instrument: 'NSE:RELIANCE', product: 'MIS', quantity: 10, boughtQuantity: 10, averageBuyPrice: price },
  ]);

  const low = parsePrice(simulator.exchange.lastPrice(RELIANCE) - 10);
  await placed(account, { side: 'SELL', quantity: 15, price: low, tag: 'SHORT' });
  expect(await adapter.positions(call)).toMatchObject([{ quantity: -5, soldQuantity: 15 }]);
});

test('the fill of an option is found by its symbol', async () => {
  const account = await loggedIn();
  const { adapter, call, listing } = account;
  const option = listing('NFO:NIFTY:2026-12-01:26000:CE');
  const [quote] = await adapter.quotes([option], 'ltp', call);
  const price = parsePrice(Math.round(((quote?.lastPrice ?? 0) + 20) * 20) / 20);
  await placed(account, { listing: option, quantity: option.lotSize, product: 'NRML', price });
  expect(await adapter.trades(call)).toMatchObject([{ instrument: option.instrument, quantity: option.lotSize }]);
  expect(await adapter.positions(call)).toMatchObject([{ instrument: option.instrument, product: 'NRML' }]);
});

test('shares held are shown', async () => {
  const holdings = [{ instrument: RELIANCE, quantity: 25, averagePrice: 1_200.5 }];
  const { adapter, call } = await loggedIn({ account: { clientId: 'A1000001', holdings } });
  expect(await adapter.holdings(call)).toMatchObject([
    { instrument: 'NSE:RELIANCE', quantity: 25, availableQuantity: 25, averagePrice: 1_200.5 },
  ]);
});

test('funds are what the account was opened with', async () => {
  const { adapter, call } = await loggedIn();
  expect(await adapter.funds(call)).toMatchObject({ available: 1_000_000, used: 0, openingBalance: 1_000_000 });
});

test('tells what an order would block', async () => {
  const account = await loggedIn();
  const { required, available } = await account.adapter.margin(resting(account), account.call);
  expect(required).toBeGreaterThan(0);
  expect(available).toBeNull();
});

test('quotes are the prices of the exchange, in the order asked', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator, listing } = account;
  await placed(account);
  const asked = ['NSE:TCS', 'NSE:INDEX:NIFTY', 'NFO:NIFTY:2026-12-29:FUT', 'NSE:RELIANCE'].map(listing);
  const quotes = await adapter.quotes(asked, 'ltp', call);
  expect(quotes.map(({ instrument }) => instrument)).toEqual(asked.map(({ instrument }) => instrument));
  expect(quotes[0]?.lastPrice).toBe(simulator.exchange.lastPrice('NSE_EQ:11536'));
  const [full] = await adapter.quotes([listing('NSE:RELIANCE')], 'full', call);
  expect(full?.full?.bids).toMatchObject([{ quantity: 10, orders: 1 }]);
  expect(full?.full?.previousClose).toBeGreaterThan(0);
});

test('candles begin with the bar asked for, and a long stretch has no gap between its parts', async () => {
  const { adapter, call, listing } = await loggedIn();
  const opening = Date.UTC(2026, 10, 19, 3, 45); // Thursday, 09:15 IST
  const request = { instrument: 'NSE:TCS', interval: '5m', fromMs: opening, toMs: opening + 1_800_000 } as const;
  const candles = await adapter.candles(listing('NSE:TCS'), request, call);
  expect(candles.map(({ startMs }) => (startMs - opening) / 60_000)).toEqual([0, 5, 10, 15, 20, 25]);

  const long = { ...request, fromMs: NOW_MS - 220 * 86_400_000, toMs: NOW_MS } as const;
  const starts = (await adapter.candles(listing('NSE:TCS'), long, call)).map(({ startMs }) => startMs);
  expect(new Set(starts).size).toBe(starts.length);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  const gaps = starts.slice(1).map((startMs, index) => startMs - (starts[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * 86_400_000);

  const daily = { ...request, interval: '1d', fromMs: opening - 10 * 86_400_000, toMs: opening } as const;
  expect((await adapter.candles(listing('NSE:TCS'), daily, call)).length).toBeGreaterThan(4);
});

test('every row of the master is read, and goes by its canonical name', async () => {
  const { adapter } = await loggedIn();
  const master = await adapter.instruments(loggingIn());
  const book = await loadInstrumentBook('angel', master);
  expect(book.find('NSE:RELIANCE')?.token).toBe('2885');
  expect(book.find('NSE:INDEX:NIFTY')?.token).toBe('99926000');
  const index = book.find('NSE:INDEX:BANKNIFTY');
  expect(index === null ? null : formatInstrument(index.contract)).toBe('NSE:INDEX:BANKNIFTY');
  expect(book.bySymbol('NSE', 'RELIANCE-EQ')?.instrument).toBe('NSE:RELIANCE');
  expect(book.provenance?.skipped).toBe(0);
});
