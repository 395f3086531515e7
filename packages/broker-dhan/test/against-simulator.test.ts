import { isAlgoError, parsePrice, Secret } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerCall, BrokerSession, Credentials, Listing, PlaceCommand } from '@algo/core/adapter';
import { fixedClock, garbage, htmlPage, serverErrorAfter, startSimulator } from '@algo/simulator';
import type { DhanOptions, Simulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { dhan } from '../src/index.js';
import type { DhanConfig } from '../src/index.js';
import { callWith, clock, lookupOf, listingsOf, NOW_MS, recordingLogger } from './support/account.js';
import { fetchHttp } from './support/fetch-http.js';

/** The adapter and a pretend Dhan that was written apart from it: where both read the sheet alike, this passes. */
interface Account {
  readonly simulator: Simulator;
  readonly adapter: BrokerAdapter;
  readonly call: BrokerCall;
  readonly logged: readonly string[];
  listing(instrument: string): Listing;
}

const NO_SESSION: BrokerCall = {
  get session(): BrokerSession {
    throw new Error('no session yet');
  },
  startedAtMs: NOW_MS,
  remainingMs: () => 5_000,
  signal: new AbortController().signal,
};

const pasted = ({ clientId, accessToken }: Simulator['dhan']['credentials']): Credentials => ({
  method: 'token',
  fields: { clientId },
  secrets: { accessToken: new Secret(accessToken) },
});

const withTotp = ({ clientId, pin, totpSecret }: Simulator['dhan']['credentials']): Credentials => ({
  method: 'totp',
  fields: { clientId },
  secrets: { pin: new Secret(pin), totpSecret: new Secret(totpSecret) },
});

async function loggedIn(options: DhanOptions = {}, config: DhanConfig = {}): Promise<Account> {
  const simulator = await startSimulator({ clock: fixedClock(NOW_MS), dhan: { rateLimits: 'off', ...options } });
  onTestFinished(() => simulator.close());
  const { baseUrl, authUrl, detailedInstrumentsUrl } = simulator.dhan;
  const definition = dhan({ baseUrl, authUrl, instrumentsUrl: detailedInstrumentsUrl, ...config });
  const logger = recordingLogger();
  const listings: Listing[] = [];
  const adapter = definition.connect({ http: fetchHttp, instruments: lookupOf(listings), clock, logger });
  listings.push(...(await listingsOf(await adapter.instruments(NO_SESSION))));
  const call = callWith(await adapter.logIn(pasted(simulator.dhan.credentials), NO_SESSION));
  const listing = (instrument: string): Listing => {
    const found = listings.find((candidate) => candidate.instrument === instrument);
    if (found === undefined) throw new Error(`the simulator lists no ${instrument}`);
    return found;
  };
  return { simulator, adapter, call, logged: logger.lines, listing };
}

/** Ten RELIANCE, ten rupees below the market: it rests. */
const resting = ({ simulator, listing }: Account, change: Partial<PlaceCommand> = {}): PlaceCommand => ({
  tag: 'ABC234',
  listing: listing('NSE:RELIANCE'),
  side: 'BUY',
  quantity: 10,
  type: 'LIMIT',
  price: parsePrice(simulator.exchange.lastPrice('NSE_EQ:2885') - 10),
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

const codeOf = async (task: Promise<unknown>): Promise<string> => {
  try {
    await task;
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('logs in with a pasted token and finds whose account it is', async () => {
  const { adapter, call, simulator } = await loggedIn();
  expect(call.session).toMatchObject({ expiresAtMs: NOW_MS + 86_400_000, renewable: true });
  const profile = await adapter.profile(call);
  expect(profile.clientId).toBe(simulator.dhan.credentials.clientId);
  expect(profile.dataPlanActive).toBe(true);
  expect(profile.segments.length).toBeGreaterThan(0);
  expect(Math.abs((profile.sessionEndsAtMs ?? 0) - (call.session.expiresAtMs ?? 0))).toBeLessThanOrEqual(60_000);
});

test('reads which addresses Dhan takes orders from', async () => {
  const { adapter, call, simulator } = await loggedIn();
  expect(await adapter.egress?.(call)).toEqual({ registered: ['192.0.2.10', '192.0.2.11'], seen: null });
  expect(simulator.received('staticIp')).toMatchObject([
    { method: 'GET', path: expect.stringMatching(/\/ip\/getIP$/) },
  ]);
});

test('logs in with PIN and TOTP, which ends the pasted token', async () => {
  const { adapter, call, simulator } = await loggedIn();
  const session = await adapter.logIn(withTotp(simulator.dhan.credentials), NO_SESSION);
  expect(session).toMatchObject({ expiresAtMs: NOW_MS + 86_400_000, renewable: false });
  expect((await adapter.profile(callWith(session))).clientId).toBe(session.clientId);
  expect(await codeOf(adapter.profile(call))).toBe('ALGO_SESSION_EXPIRED');
});

test('a second token within two minutes is a matter of waiting, and a wrong PIN is a refusal', async () => {
  const { adapter, simulator } = await loggedIn({ rateLimits: 'on' });
  const good = withTotp(simulator.dhan.credentials);
  const bad = { ...good, secrets: { ...good.secrets, pin: new Secret('000000') } };
  expect(await codeOf(adapter.logIn(bad, NO_SESSION))).toBe('ALGO_LOGIN_REFUSED');
  expect(await codeOf(adapter.logIn(good, NO_SESSION))).toBe('none');
  expect(await codeOf(adapter.logIn(good, NO_SESSION))).toBe('ALGO_RATE_LIMITED');
});

test('renews the pasted token into one that works', async () => {
  const { adapter, call } = await loggedIn();
  const renewed = await adapter.renew(call);
  if (renewed === null) throw new Error('not renewed');
  expect((await adapter.profile(callWith(renewed))).clientId).toBe(call.session.clientId);
});

test('an order is placed once and found in the book, by id and by tag', async () => {
  const account = await loggedIn();
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
  const book = await adapter.orderBook(call);
  expect(book.complete).toBe(true);
  expect(book.orders).toMatchObject([expected]);
  expect(await adapter.order(brokerOrderId, call)).toMatchObject(expected);
  expect(await adapter.ordersByTag('ABC234', call)).toMatchObject([expected]);
  expect(simulator.ledger()).toHaveLength(1);
  expect(account.logged).toEqual([]);
});

test.each<DhanOptions>([
  { unknownTag: 'empty', orderById: 'array' },
  { unknownTag: 'error', orderById: 'object' },
])('with %j: what is not there is not found, what is there is', async (options) => {
  const account = await loggedIn(options);
  const { adapter, call } = account;
  expect(await adapter.ordersByTag('NEVER', call)).toEqual([]);
  expect(await adapter.order('999999999999', call)).toBeNull();
  const brokerOrderId = await placed(account, { type: 'MARKET', price: null });
  expect((await adapter.order(brokerOrderId, call))?.status).toBe('FILLED');
  expect(await adapter.ordersByTag('ABC234', call)).toHaveLength(1);
  expect(await adapter.tradesOf(brokerOrderId, call)).toHaveLength(1);
});

test('a modify sends the total, a cancel ends the order and keeps what was filled', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  const command = resting(account);
  simulator.exchange.fill(brokerOrderId, 4, simulator.exchange.lastPrice('NSE_EQ:2885') - 10);
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'PARTIALLY_FILLED', filledQuantity: 4 });

  const modified = await adapter.modifyOrder({ ...command, order: command, brokerOrderId, quantity: 20 }, call);
  expect(modified).toEqual({ kind: 'acknowledged', brokerOrderId });
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ quantity: 20, filledQuantity: 4 });

  expect(await adapter.cancelOrder({ brokerOrderId, tag: 'ABC234', order: null }, call)).toEqual({
    kind: 'acknowledged',
    brokerOrderId,
  });
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'CANCELLED', filledQuantity: 4 });
  expect((await adapter.cancelOrder({ brokerOrderId, tag: 'ABC234', order: null }, call)).kind).toBe('rejected');
});

test('tells what an order would block', async () => {
  const { adapter, call, ...account } = await loggedIn();
  const { required, available } = await adapter.margin(resting({ adapter, call, ...account }), call);
  expect(required).toBeGreaterThan(0);
  expect(available).toBeNull();
});

test('a stop order waits for its trigger', async () => {
  const account = await loggedIn();
  const last = account.simulator.exchange.lastPrice('NSE_EQ:2885');
  const id = await placed(account, { type: 'SL', price: parsePrice(last + 12), triggerPrice: parsePrice(last + 10) });
  expect(await account.adapter.order(id, account.call)).toMatchObject({
    type: 'SL',
    status: 'TRIGGER_PENDING',
    triggerPrice: last + 10,
    price: last + 12,
  });
});

test('a buy beyond the cash is taken and then rejected in the book, with a reason', async () => {
  const account = await loggedIn();
  const id = await placed(account, { quantity: 1_000_000, product: 'CNC' });
  const order = await account.adapter.order(id, account.call);
  expect(order?.status).toBe('REJECTED');
  expect(order?.reason).toBeTruthy();
});

test('a machine that Dhan does not know is told so by every command', async () => {
  const account = await loggedIn({ staticIp: 'refuse' });
  const command = resting(account);
  const reason = { kind: 'rejected', reason: 'static-ip' };
  expect(await account.adapter.placeOrder(command, account.call)).toMatchObject(reason);
  expect(
    await account.adapter.modifyOrder({ ...command, order: command, brokerOrderId: '1' }, account.call),
  ).toMatchObject(reason);
  expect(await account.adapter.cancelOrder({ brokerOrderId: '1', tag: 'A', order: null }, account.call)).toMatchObject(
    reason,
  );
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
  expect(unanswered).toContain(await codeOf(adapter.ordersByTag('ABC234', call)));
});

test('fills make trades and a position', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account, { type: 'MARKET', price: null });
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

  await placed(account, { side: 'SELL', quantity: 15, type: 'MARKET', price: null, tag: 'SHORT' });
  expect(await adapter.positions(call)).toMatchObject([{ quantity: -5, soldQuantity: 15 }]);
});

test('an account without holdings has none, and one with shares shows them', async () => {
  const empty = await loggedIn();
  expect(await empty.adapter.holdings(empty.call)).toEqual([]);

  const holdings = [{ instrument: 'NSE_EQ:2885', quantity: 25, averagePrice: 1_200.5 }];
  const { adapter, call } = await loggedIn({ account: { clientId: '1000000001', holdings } });
  expect(await adapter.holdings(call)).toMatchObject([
    { instrument: 'NSE:RELIANCE', isin: 'INE002A01018', quantity: 25, availableQuantity: 25, averagePrice: 1_200.5 },
  ]);
});

test('funds are what the account was opened with', async () => {
  const { adapter, call } = await loggedIn();
  expect(await adapter.funds(call)).toEqual({
    available: 1_000_000,
    used: 0,
    collateral: 0,
    withdrawable: 1_000_000,
    openingBalance: 1_000_000,
  });
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

test('without a data plan quotes and candles say so, and trading goes on', async () => {
  const account = await loggedIn({ account: { clientId: '1000000001', dataPlan: false } });
  const { adapter, call, listing } = account;
  const request = { instrument: 'NSE:TCS', interval: '1d', fromMs: NOW_MS - 5 * 86_400_000, toMs: NOW_MS } as const;
  expect(await codeOf(adapter.quotes([listing('NSE:TCS')], 'ltp', call))).toBe('ALGO_NOT_ENTITLED');
  expect(await codeOf(adapter.candles(listing('NSE:TCS'), request, call))).toBe('ALGO_NOT_ENTITLED');
  expect((await adapter.profile(call)).dataPlanActive).toBe(false);
  await placed(account);
});

test('candles begin with the bar asked for, and a long stretch has no gap between its parts', async () => {
  const { adapter, call, listing } = await loggedIn();
  const opening = Date.UTC(2026, 10, 19, 3, 45); // Thursday, 09:15 IST
  const request = { instrument: 'NSE:TCS', interval: '5m', fromMs: opening, toMs: opening + 1_800_000 } as const;
  const candles = await adapter.candles(listing('NSE:TCS'), request, call);
  expect(candles.map(({ startMs }) => (startMs - opening) / 60_000)).toEqual([0, 5, 10, 15, 20, 25]);
  for (const { open, high, low, close } of candles)
    expect(low <= open && open <= high && low <= close && close <= high).toBe(true);

  const long = { ...request, interval: '60m', fromMs: NOW_MS - 200 * 86_400_000, toMs: NOW_MS } as const;
  const starts = (await adapter.candles(listing('NSE:TCS'), long, call)).map(({ startMs }) => startMs);
  expect(new Set(starts).size).toBe(starts.length);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  const gaps = starts.slice(1).map((startMs, index) => startMs - (starts[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * 86_400_000);

  const daily = { ...request, interval: '1d', fromMs: opening - 10 * 86_400_000, toMs: opening } as const;
  expect((await adapter.candles(listing('NSE:TCS'), daily, call)).length).toBeGreaterThan(4);
});

test('both masters name the same contracts alike', async () => {
  const { adapter, simulator } = await loggedIn();
  const compact = dhan({ instrumentsUrl: simulator.dhan.instrumentsUrl }).connect({
    http: fetchHttp,
    instruments: lookupOf([]),
    clock,
    logger: recordingLogger(),
  });
  const detailed = await adapter.instruments(NO_SESSION);
  const plain = await compact.instruments(NO_SESSION);
  const nameOf = new Map(
    (await listingsOf(plain)).map(({ segment, token, instrument }) => [`${segment}:${token}`, instrument]),
  );
  const both = (await listingsOf(detailed)).filter(({ segment, token }) => nameOf.has(`${segment}:${token}`));
  expect(both.length).toBeGreaterThan(10);
  for (const { segment, token, instrument } of both) expect(nameOf.get(`${segment}:${token}`)).toBe(instrument);
  expect(detailed.skipped() + plain.skipped()).toBe(0);
});
