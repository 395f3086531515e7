import { isAlgoError, loadInstrumentBook, parsePrice, Secret } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerCall, BrokerSession, Credentials, Listing, PlaceCommand } from '@algo/core/adapter';
import { cutBody, fixedClock, garbage, htmlPage, serverErrorAfter, startSimulator } from '@algo/simulator';
import type { KotakOptions, Simulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { kotak } from '../src/index.js';
import type { KotakConfig } from '../src/index.js';
import { callWith, clock, NOW_MS, recordingLogger } from './support/account.js';
import { fetchHttp } from './support/fetch-http.js';

/** The adapter and a pretend Kotak that was written apart from it: where both read the sheet alike, this passes. */
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

const withTotp = ({
  ucc,
  accessToken,
  mobileNumber,
  mpin,
  totpSecret,
}: Simulator['kotak']['credentials']): Credentials => ({
  method: 'totp',
  fields: { ucc },
  secrets: {
    accessToken: new Secret(accessToken),
    mobileNumber: new Secret(mobileNumber),
    mpin: new Secret(mpin),
    totpSecret: new Secret(totpSecret),
  },
});

async function loggedIn(options: KotakOptions = {}, config: KotakConfig = {}): Promise<Account> {
  const simulator = await startSimulator({
    clock: fixedClock(NOW_MS),
    brokers: ['kotak'],
    kotak: { rateLimits: 'off', ...options },
  });
  onTestFinished(() => simulator.close());
  const logger = recordingLogger();
  const definition = kotak({ loginUrl: simulator.kotak.loginUrl, ...config });
  // The book is loaded with a session, and the adapter looks into it: as in core, it is filled after the adapter exists.
  let lookup: Awaited<ReturnType<typeof loadInstrumentBook>> | null = null;
  const adapter = definition.connect({
    http: fetchHttp,
    instruments: {
      byToken: (segment, token) => lookup?.byToken(segment, token) ?? null,
      bySymbol: (segment, symbol) => lookup?.bySymbol(segment, symbol) ?? null,
    },
    clock,
    logger,
  });
  const call = callWith(await adapter.logIn(withTotp(simulator.kotak.credentials), NO_SESSION));
  const book = (lookup = await loadInstrumentBook('kotak', await adapter.instruments(call)));
  const listing = (instrument: string): Listing => {
    const found = book.find(instrument);
    if (found === null) throw new Error(`the simulator lists no ${instrument}`);
    return found;
  };
  return { simulator, adapter, call, logged: logger.lines, listing };
}

const lastOf = ({ simulator }: Account): number => simulator.exchange.lastPrice('NSE_EQ:2885');

/** Ten RELIANCE, ten rupees below the market: it rests. */
const resting = (account: Account, change: Partial<PlaceCommand> = {}): PlaceCommand => ({
  tag: 'AXQ3KZ7LMNB24CD',
  listing: account.listing('NSE:RELIANCE'),
  side: 'BUY',
  quantity: 10,
  type: 'LIMIT',
  price: parsePrice(lastOf(account) - 10),
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

/** At once: a limit above the market. */
const bought = (account: Account, change: Partial<PlaceCommand> = {}): Promise<string> =>
  placed(account, { price: parsePrice(lastOf(account) + 1), ...change });

const codeOf = async (task: Promise<unknown>): Promise<string> => {
  try {
    await task;
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('logs in by TOTP and MPIN, for the rest of the day, and finds whose account it is', async () => {
  const { adapter, call, simulator, logged } = await loggedIn();
  expect(call.session).toMatchObject({
    clientId: simulator.kotak.credentials.ucc,
    expiresAtMs: Date.UTC(2026, 10, 20, 18, 30),
    renewable: false,
  });
  expect((await adapter.profile(call)).clientId).toBe(simulator.kotak.credentials.ucc);
  expect(logged).toEqual([]);
});

test('a code works once, and a wrong MPIN is a refusal', async () => {
  const { adapter, simulator } = await loggedIn();
  expect(await codeOf(adapter.logIn(withTotp(simulator.kotak.credentials), NO_SESSION))).toBe('ALGO_LOGIN_REFUSED');
  const tries = simulator.received().filter(({ path }) => path.endsWith('/tradeApiLogin'));
  expect(tries.length).toBeGreaterThan(1);
  expect(tries.length).toBeLessThanOrEqual(3); // the good one, the refused one, and at most one more

  const other = await loggedIn({ totpReuse: 'accept' });
  const good = withTotp(other.simulator.kotak.credentials);
  const bad = { ...good, secrets: { ...good.secrets, mpin: new Secret('000000') } };
  expect(await codeOf(other.adapter.logIn(bad, NO_SESSION))).toBe('ALGO_LOGIN_REFUSED');
  expect(await codeOf(other.adapter.logIn(good, NO_SESSION))).toBe('none');
  expect(await codeOf(other.adapter.profile(other.call))).toBe('none'); // a second log-in leaves the first
});

test.each([200, 401, 403] as const)(
  'a session that is over is told so by a read, under %i',
  async (sessionOverStatus) => {
    const { adapter, call } = await loggedIn({ sessionOverStatus });
    const { session } = call;
    const dead = { ...session, secrets: { ...session.secrets, tradeToken: new Secret('eyJ.dead.token') } };
    expect(await codeOf(adapter.orderBook(callWith(dead)))).toBe('ALGO_SESSION_EXPIRED');
    expect(await codeOf(adapter.profile(callWith(dead)))).toBe('ALGO_SESSION_EXPIRED');
  },
);

test('an order is placed once and found in the book, by number and with its tag', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  expect(await adapter.orderBook(call)).toEqual({ orders: [], complete: true });
  const brokerOrderId = await placed(account);
  const expected = {
    brokerOrderId,
    tag: 'AXQ3KZ7LMNB24CD',
    instrument: 'NSE:RELIANCE',
    symbol: 'RELIANCE-EQ',
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
  expect(simulator.ledger()).toHaveLength(1);
  expect(account.logged).toEqual([]);
});

test('a modify sends the total and loses the tag, which is why a missing one proves nothing', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  const command = resting(account);
  simulator.exchange.fill(brokerOrderId, 4, lastOf(account) - 10);
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({ status: 'PARTIALLY_FILLED', filledQuantity: 4 });

  const modified = await adapter.modifyOrder({ ...command, order: command, brokerOrderId, quantity: 20 }, call);
  expect(modified).toEqual({ kind: 'acknowledged', brokerOrderId });
  const order = await adapter.order(brokerOrderId, call);
  expect(order).toMatchObject({ quantity: 20, filledQuantity: 4 });
  expect(order?.tag).toMatch(/ADMINAPI$/);
});

test('a cancel ends the order, keeps what was filled, and the tag is still known', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  simulator.exchange.fill(brokerOrderId, 4, lastOf(account) - 10);
  const command = { brokerOrderId, tag: 'AXQ3KZ7LMNB25CD', order: null };
  expect(await adapter.cancelOrder(command, call)).toEqual({ kind: 'acknowledged', brokerOrderId });
  expect(await adapter.order(brokerOrderId, call)).toMatchObject({
    status: 'CANCELLED',
    filledQuantity: 4,
    tag: 'AXQ3KZ7LMNB24CD',
  });
  expect(await adapter.cancelOrder(command, call)).toMatchObject({ kind: 'rejected', reason: 'order-not-open' });
});

test('where Kotak shows no tag there is none', async () => {
  const account = await loggedIn({ tag: 'blank' });
  await placed(account);
  expect((await account.adapter.orderBook(account.call)).orders).toMatchObject([{ tag: null }]);
});

test('a stop order waits for its trigger', async () => {
  const account = await loggedIn();
  const last = lastOf(account);
  const id = await placed(account, { type: 'SL', price: parsePrice(last + 12), triggerPrice: parsePrice(last + 10) });
  expect(await account.adapter.order(id, account.call)).toMatchObject({
    type: 'SL',
    status: 'TRIGGER_PENDING',
    triggerPrice: last + 10,
    price: last + 12,
  });
});

test('a market order is shown as the limit that Kotak makes of it', async () => {
  const account = await loggedIn();
  const id = await placed(account, { type: 'MARKET', price: null });
  const order = await account.adapter.order(id, account.call);
  expect(order).toMatchObject({ type: 'LIMIT', filledQuantity: 10 });
  expect(order?.price).toBeGreaterThan(lastOf(account));
});

test('a buy beyond the cash is refused at once, or taken and rejected in the book', async () => {
  const refusing = await loggedIn({ insufficientFunds: 'refuse' });
  const beyond = { quantity: 1_000_000, product: 'CNC' } as const;
  expect(await refusing.adapter.placeOrder(resting(refusing, beyond), refusing.call)).toMatchObject({
    kind: 'rejected',
    reason: 'margin',
  });
  const taking = await loggedIn();
  const order = await taking.adapter.order(await placed(taking, beyond), taking.call);
  expect(order?.status).toBe('REJECTED');
  expect(order?.reason).toBeTruthy();
});

test.each(['unregistered', 'session-moved'] as const)(
  'a machine whose address is %s is told so by every command, and may read',
  async (staticIp) => {
    const account = await loggedIn({ staticIp });
    const { adapter, call } = account;
    const command = resting(account);
    const reason = { kind: 'rejected', reason: 'static-ip' };
    expect(await adapter.placeOrder(command, call)).toMatchObject(reason);
    expect(await adapter.modifyOrder({ ...command, order: command, brokerOrderId: '1' }, call)).toMatchObject(reason);
    expect(await adapter.cancelOrder({ brokerOrderId: '1', tag: 'A', order: null }, call)).toMatchObject(reason);
    expect(await codeOf(adapter.orderBook(call))).toBe('none');
  },
);

const ALWAYS = { times: 5 } as const;

test.each([
  htmlPage('*', ALWAYS),
  htmlPage('*', { ...ALWAYS, status: 200, when: 'after' }),
  serverErrorAfter('*', ALWAYS),
  garbage('*', ALWAYS),
  cutBody('*', ALWAYS),
])('$kind answers no command, and no read', async (fault) => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await placed(account);
  simulator.inject(fault);
  const command = resting(account);
  const ends = [
    adapter.placeOrder(command, call),
    adapter.modifyOrder({ ...command, order: command, brokerOrderId, quantity: 20 }, call),
    adapter.cancelOrder({ brokerOrderId, tag: 'A', order: null }, call),
  ];
  for (const end of await Promise.allSettled(ends)) {
    // A body cut short may fail in the client already: what was written is then core's to know.
    expect(end.status === 'rejected' || end.value.kind === 'unknown').toBe(true);
  }
  expect(await codeOf(adapter.orderBook(call))).not.toBe('none');
});

test('fills make trades and a position, found by symbol where the trade has no token', async () => {
  const account = await loggedIn();
  const { adapter, call, simulator } = account;
  const brokerOrderId = await bought(account);
  const price = simulator.exchange.trades()[0]?.price ?? 0;
  const [trade] = await adapter.trades(call);
  expect(trade).toMatchObject({ brokerOrderId, instrument: 'NSE:RELIANCE', side: 'BUY', quantity: 10, price });
  expect(trade?.tradedAtMs).toBe(NOW_MS);
  expect(await adapter.tradesOf(brokerOrderId, call)).toEqual([trade]);
  expect(await adapter.tradesOf('1', call)).toEqual([]);
  expect(await adapter.positions(call)).toMatchObject([
    { instrument: 'NSE:RELIANCE', product: 'MIS', quantity: 10, boughtQuantity: 10, averageBuyPrice: price },
  ]);

  await placed(account, { side: 'SELL', quantity: 15, price: parsePrice(lastOf(account) - 1), tag: 'SHORT' });
  expect(await adapter.positions(call)).toMatchObject([{ quantity: -5, soldQuantity: 15 }]);
});

test.each(['list', 'no-data'] as const)('an account without holdings has none, by %s', async (emptyHoldings) => {
  const { adapter, call } = await loggedIn({ emptyHoldings });
  expect(await adapter.holdings(call)).toEqual([]);
  expect(await adapter.positions(call)).toEqual([]);
  expect(await adapter.trades(call)).toEqual([]);
});

test('holdings, funds and the margin of an order are those of the account', async () => {
  const holdings = [{ instrument: 'NSE_EQ:2885', quantity: 25, averagePrice: 1_200.5 }];
  const account = await loggedIn({ account: { clientId: 'A1000001', holdings } });
  const { adapter, call } = account;
  expect(await adapter.holdings(call)).toMatchObject([
    { instrument: 'NSE:RELIANCE', quantity: 25, availableQuantity: 25, averagePrice: 1_200.5 },
  ]);
  expect(await adapter.funds(call)).toMatchObject({ available: 1_000_000, used: 0 });
  expect((await adapter.margin(resting(account), call)).required).toBeGreaterThan(0);
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

  const long = { ...request, interval: '60m', fromMs: NOW_MS - 200 * 86_400_000, toMs: NOW_MS } as const;
  const starts = (await adapter.candles(listing('NSE:TCS'), long, call)).map(({ startMs }) => startMs);
  expect(new Set(starts).size).toBe(starts.length);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  const gaps = starts.slice(1).map((startMs, index) => startMs - (starts[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * 86_400_000);

  const daily = { ...request, interval: '1d', fromMs: opening - 10 * 86_400_000, toMs: opening } as const;
  expect((await adapter.candles(listing('NSE:TCS'), daily, call)).length).toBeGreaterThan(4);
});

test('however a master prints strikes and expiries, the contracts are the same', async () => {
  const namesWith = async (options: KotakOptions): Promise<readonly string[]> => {
    const { adapter, call } = await loggedIn(options);
    const names: string[] = [];
    for await (const { instrument } of (await adapter.instruments(call)).listings) names.push(instrument);
    return names;
  };
  const printed = await namesWith({ strikes: 'scientific', mcxExpiry: 'ist' });
  expect(printed.length).toBeGreaterThan(10);
  expect(printed.some((name) => name.startsWith('MCX:'))).toBe(true);
  expect(printed.some((name) => name.endsWith(':CE'))).toBe(true);
  expect(await namesWith({ strikes: 'plain', mcxExpiry: 'utc' })).toEqual(printed);
});

test('commodity orders wait for the host to say the unit', async () => {
  const account = await loggedIn();
  const { adapter, call } = account;
  const names: Listing[] = [];
  for await (const listing of (await adapter.instruments(call)).listings)
    if (listing.contract.exchange === 'MCX') names.push(listing);
  const [commodity] = names;
  if (commodity === undefined) throw new Error('the simulator lists no commodity');
  const command = resting(account, { listing: commodity, product: 'NRML', quantity: commodity.lotSize });
  expect(await codeOf(adapter.placeOrder(command, call))).toBe('ALGO_QUANTITY_UNIT_UNKNOWN');
});
