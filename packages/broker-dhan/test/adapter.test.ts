import { isAlgoError, isSecret } from '@algo/core/adapter';
import type { BrokerRequest, Listing, PlaceCommand } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  callWith,
  connect,
  fixture,
  fixtureBytes,
  fixtureRow,
  listingNamed,
  listingsOf,
  NOW_MS,
  recordingLogger,
  session,
  TOKEN,
} from './support/account.js';
import { fakeHttp, json, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';

const call = callWith();
const tcs = listingNamed('NSE:TCS');

const place: PlaceCommand = {
  tag: 'ABC234',
  listing: tcs,
  side: 'BUY',
  quantity: 5,
  type: 'LIMIT',
  price: 33_458_000,
  triggerPrice: null,
  product: 'MIS',
  validity: 'DAY',
};
const modify = { ...place, brokerOrderId: '112111182045', order: place, quantity: 40 };
const cancel = { brokerOrderId: '112111182045', tag: 'ABC234', order: null };

const dh = (errorCode: string, errorMessage = 'something'): unknown => ({ errorType: 'X', errorCode, errorMessage });

const codeOf = async (task: Promise<unknown>): Promise<string> => {
  try {
    await task;
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

/** A request with its secrets shown, to compare it whole. */
const shown = (request: BrokerRequest | undefined): unknown => ({
  ...request,
  headers: request?.headers?.map((value) => (isSecret(value) ? value.reveal() : value)),
  ...(request?.body === undefined ? {} : { body: JSON.parse(request.body) }),
});

const HEADERS = ['access-token', TOKEN, 'content-type', 'application/json', 'accept', 'application/json'];
const onOrders = {
  purpose: 'command',
  lane: 'orders',
  family: 'orders',
  origin: 'https://api.dhan.co',
  headers: HEADERS,
};
const onReads = {
  purpose: 'read',
  lane: 'reads',
  family: 'reads',
  method: 'GET',
  origin: 'https://api.dhan.co',
  headers: HEADERS,
};

test('a place goes out whole, as a command, and ends with the id of the broker', async () => {
  const http = fakeHttp([json(fixture('order_place_200.json'))]);
  expect(await connect(http).placeOrder(place, call)).toEqual({ kind: 'acknowledged', brokerOrderId: '112111182198' });
  expect(http.requests.map(shown)).toEqual([
    {
      ...onOrders,
      method: 'POST',
      path: '/v2/orders',
      body: {
        dhanClientId: '1000000003',
        correlationId: 'ABC234',
        transactionType: 'BUY',
        exchangeSegment: 'NSE_EQ',
        productType: 'INTRADAY',
        orderType: 'LIMIT',
        validity: 'DAY',
        securityId: '11536',
        quantity: 5,
        price: 3345.8,
      },
    },
  ]);
});

test('the token is a secret in every header list', async () => {
  const http = fakeHttp([json(fixture('order_place_200.json'))]);
  await connect(http).placeOrder(place, call);
  expect(JSON.stringify(http.requests)).not.toContain(TOKEN);
});

test('a modify and a cancel name the order in the path', async () => {
  const http = fakeHttp([json(fixture('order_modify_200.json')), json(fixture('order_cancel_202.json'), 202)]);
  const adapter = connect(http);
  expect(await adapter.modifyOrder(modify, call)).toEqual({ kind: 'acknowledged', brokerOrderId: '112111182045' });
  expect(await adapter.cancelOrder(cancel, call)).toEqual({ kind: 'acknowledged', brokerOrderId: '112111182045' });
  expect(http.requests.map(shown)).toMatchObject([
    {
      ...onOrders,
      method: 'PUT',
      path: '/v2/orders/112111182045',
      body: { orderId: '112111182045', quantity: 40, legName: '' },
    },
    { ...onOrders, method: 'DELETE', path: '/v2/orders/112111182045' },
  ]);
  expect(http.requests[1]).not.toHaveProperty('body');
});

test('an order refused at once is acknowledged: it has an id, and the book has the reason', async () => {
  const http = fakeHttp([json({ orderId: '1', orderStatus: 'REJECTED' }, 201)]);
  expect(await connect(http).placeOrder(place, call)).toEqual({ kind: 'acknowledged', brokerOrderId: '1' });
});

test.each<[string, Answer]>([
  ['HTML', text('<html>maintenance</html>')],
  ['nothing', text('')],
  ['cut JSON', text('{"orderId": "1')],
  ['an empty object', json({})],
  ['no order id', json({ orderStatus: 'TRANSIT' })],
  ['an empty order id', json({ orderId: '', orderStatus: 'TRANSIT' })],
  ['an order id of 0', json({ orderId: '0', orderStatus: 'TRANSIT' })],
  ['an order id of null', json({ orderId: null })],
  ['an order id that is an object', json({ orderId: {} })],
  ['a list, as slicing gives it', json(fixture('order_slicing_200.json'))],
  ['an error under status 200', json({ ...fixtureRow('order_place_200.json'), errorCode: 'DH-905' })],
  ['a failure under status 200', json({ status: 'failed', data: { '806': 'x' } })],
  ['a redirect', text('', 302)],
  ['a redirect with an order id', json({ ...fixtureRow('order_place_200.json'), orderId: '112111182045' }, 302)],
  ['500 with a refusal in it', json(dh('DH-905'), 500)],
  ['502 with HTML', text('<html>', 502)],
  ['503 with nothing', text('', 503)],
  ['504 with an order id', json(fixture('order_place_200.json'), 504)],
  ['429 without the code', json({ message: 'slow down' }, 429)],
  ['429 with another code', json(dh('DH-905'), 429)],
  ['400 with an unknown code', json(dh('DH-999'), 400)],
  ['400 with an order id', json(fixture('order_place_200.json'), 400)],
  ['400 with HTML', text('<html>', 400)],
  ['401 with nothing', text('', 401)],
  ['the 404 of the framework', json({ timestamp: 1, status: 404, error: 'Not Found', path: '/v2/orders' }, 404)],
])('%s leaves a place, a modify and a cancel unknown', async (_what, answer) => {
  const adapter = connect(fakeHttp([answer, answer, answer]));
  expect((await adapter.placeOrder(place, call)).kind).toBe('unknown');
  expect((await adapter.modifyOrder(modify, call)).kind).toBe('unknown');
  expect((await adapter.cancelOrder(cancel, call)).kind).toBe('unknown');
});

test('a modify or cancel that names another order is unknown', async () => {
  const other = json({ orderId: '999', orderStatus: 'TRANSIT' });
  const adapter = connect(fakeHttp([other, other]));
  expect((await adapter.modifyOrder(modify, call)).kind).toBe('unknown');
  expect((await adapter.cancelOrder(cancel, call)).kind).toBe('unknown');
});

test('a refusal of the broker carries its code and its sentence', async () => {
  const adapter = connect(fakeHttp([json(dh('DH-906', 'Market is Closed! Want to place an offline order?'), 400)]));
  expect(await adapter.placeOrder(place, call)).toEqual({
    kind: 'rejected',
    reason: 'market-closed',
    brokerCode: 'DH-906',
    brokerText: 'Market is Closed! Want to place an offline order?',
  });
});

test('what cannot be sent is refused before anything is written', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  expect(await codeOf(adapter.placeOrder({ ...place, type: 'SL-M' }, call))).toBe('ALGO_NOT_SUPPORTED');
  expect(await codeOf(adapter.modifyOrder({ ...modify, brokerOrderId: '../positions' }, call))).toBe(
    'ALGO_INVALID_INPUT',
  );
  expect(await codeOf(adapter.cancelOrder({ ...cancel, brokerOrderId: '' }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.ordersByTag('A'.repeat(26), call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.placeOrder(place, callWith({ ...session, secrets: {} })))).toBe('ALGO_SESSION_EXPIRED');
  expect(http.requests).toHaveLength(0);
});

test('every account read goes to its endpoint, and its answer is mapped', async () => {
  const http = fakeHttp([
    json(fixture('orders_docs_200.json')),
    json(fixture('order_by_id_docs_object_200.json')),
    json(fixture('orders_docs_200.json')),
    json(fixture('trades_docs_200.json')),
    json(fixture('trades_by_order_docs_object_200.json')),
    json(fixture('positions_200.json')),
    json(fixture('holdings_200.json')),
    json(fixture('fundlimit_200.json')),
    json(fixture('profile_200.json')),
  ]);
  const adapter = connect(http);
  expect((await adapter.orderBook(call)).orders).toHaveLength(1);
  expect((await adapter.order('112111182198', call))?.instrument).toBe('NSE:TCS');
  expect(await adapter.ordersByTag('123abc678', call)).toHaveLength(1);
  expect(await adapter.trades(call)).toHaveLength(1);
  expect(await adapter.tradesOf('112111182045', call)).toHaveLength(1);
  expect(await adapter.positions(call)).toHaveLength(1);
  expect(await adapter.holdings(call)).toHaveLength(1);
  expect((await adapter.funds(call)).available).toBe(98440);
  expect((await adapter.profile(call)).clientId).toBe('1100003626');
  const paths = [
    '/v2/orders',
    '/v2/orders/112111182198',
    '/v2/orders/external/123abc678',
    '/v2/trades',
    '/v2/trades/112111182045',
    '/v2/positions',
    '/v2/holdings',
    '/v2/fundlimit',
    '/v2/profile',
  ];
  expect(http.requests.map(shown)).toEqual(paths.map((path) => ({ ...onReads, path })));
});

test.each([json([]), json(dh('DH-905', 'Missing required fields, bad values for parameters etc.'), 400)])(
  'a tag that Dhan does not know gives no orders: %j',
  async (answer) => {
    expect(await connect(fakeHttp([answer])).ordersByTag('ABC234', call)).toEqual([]);
  },
);

test.each<[string, Answer, string]>([
  ['an IP refusal in the same code', json(dh('DH-905', 'Invalid IP'), 400), 'ALGO_STATIC_IP_REFUSED'],
  ['the same code under 500', json(dh('DH-905'), 500), 'ALGO_BROKER_REFUSED'],
  ['another code', json(dh('DH-906'), 400), 'ALGO_BROKER_REFUSED'],
  [
    'the 404 of the framework',
    json({ timestamp: 1, status: 404, error: 'Not Found', path: 'x' }, 404),
    'ALGO_BROKER_REFUSED',
  ],
  ['HTML', text('<html>'), 'ALGO_REPLY_UNREADABLE'],
])('%s is no proof that no order has the tag', async (_what, answer, code) => {
  expect(await codeOf(connect(fakeHttp([answer])).ordersByTag('ABC234', call))).toBe(code);
});

test('an order that Dhan does not know is null', async () => {
  expect(await connect(fakeHttp([json([])])).order('1', call)).toBeNull();
});

test('an account without holdings has none, although Dhan calls it an error', async () => {
  expect(await connect(fakeHttp([json(dh('DH-1111'), 500)])).holdings(call)).toEqual([]);
});

test('an error under a good status is an error', async () => {
  const adapter = connect(fakeHttp([json({ status: 'failed', data: { '806': 'Data APIs not subscribed' } })]));
  expect(await codeOf(adapter.quotes([tcs], 'ltp', call))).toBe('ALGO_NOT_ENTITLED');
});

test('quotes are asked with the client id in the header, at most 1000 at a time', async () => {
  const many: readonly Listing[] = Array.from({ length: 2_001 }, (_, index) => ({
    ...tcs,
    token: String(index + 1),
    instrument: `NSE:S${index}`,
  }));
  const http = fakeHttp((request) => {
    const asked: unknown = JSON.parse(request.body ?? '');
    const ids =
      typeof asked === 'object' && asked !== null && 'NSE_EQ' in asked && Array.isArray(asked.NSE_EQ)
        ? asked.NSE_EQ
        : [];
    return json({
      data: { NSE_EQ: Object.fromEntries(ids.map((id) => [String(id), { last_price: Number(id) }])) },
      status: 'success',
    });
  });
  const quotes = await connect(http).quotes(many, 'ltp', call);
  expect(quotes.map(({ lastPrice }) => lastPrice)).toEqual(many.map((_, index) => index + 1));
  expect(quotes[0]?.asOfMs).toBe(NOW_MS);
  expect(http.requests).toHaveLength(3);
  expect(shown(http.requests[2])).toEqual({
    purpose: 'read',
    lane: 'data',
    family: 'quotes',
    method: 'POST',
    origin: 'https://api.dhan.co',
    path: '/v2/marketfeed/ltp',
    headers: [...HEADERS, 'client-id', '1000000003'],
    body: { NSE_EQ: [2001] },
  });
});

test('full quotes have an endpoint of their own', async () => {
  const http = fakeHttp([json(fixture('quote_full_200.json'))]);
  const option = { ...listingNamed('NFO:NIFTY:2026-09-29:FUT'), token: '49081' };
  const [quote] = await connect(http).quotes([option], 'full', call);
  expect(quote?.full?.upperCircuit).toBe(510.85);
  expect(http.requests[0]?.path).toBe('/v2/marketfeed/quote');
});

test('the sandbox has no quotes', async () => {
  const http = fakeHttp([]);
  expect(await codeOf(connect(http, { environment: 'sandbox' }).quotes([tcs], 'ltp', call))).toBe('ALGO_NOT_SUPPORTED');
});

test('sandbox orders go to the sandbox and their times are UTC', async () => {
  const http = fakeHttp([json(fixture('orders_docs_200.json'))]);
  const { orders } = await connect(http, { environment: 'sandbox' }).orderBook(call);
  expect(orders[0]?.placedAtMs).toBe(Date.UTC(2021, 10, 24, 13, 33, 3));
  expect(http.requests[0]?.origin).toBe('https://sandbox.dhan.co');
});

const DAY_MS = 86_400_000;

test('daily candles come from their endpoint, without the client id header', async () => {
  const http = fakeHttp([json(fixture('historical_daily_200.json'))]);
  const request = { instrument: 'NSE:TCS', interval: '1d', fromMs: 1326220200000, toMs: 1326565800000 } as const;
  expect(await connect(http).candles(tcs, request, call)).toHaveLength(4);
  expect(shown(http.requests[0])).toEqual({
    purpose: 'read',
    lane: 'data',
    family: 'data',
    method: 'POST',
    origin: 'https://api.dhan.co',
    path: '/v2/charts/historical',
    headers: HEADERS,
    body: {
      securityId: '11536',
      exchangeSegment: 'NSE_EQ',
      instrument: 'EQUITY',
      oi: false,
      fromDate: '2012-01-11',
      toDate: '2012-01-15',
    },
  });
});

const noData = json(
  { errorCode: 'NONE', httpStatus: 'X', internalErrorCode: 'RS-9005', internalErrorMessage: 'Data not available' },
  400,
);

test('a long intraday stretch is put together from several calls, one of which may have nothing', async () => {
  const bar = (seconds: number): unknown => ({
    open: [1],
    high: [2],
    low: [1],
    close: [2],
    volume: [3],
    timestamp: [seconds],
  });
  const fromMs = NOW_MS - 100 * DAY_MS;
  const later = json(bar((NOW_MS - DAY_MS) / 1_000));
  const http = fakeHttp([noData, later]);
  const request = { instrument: 'NSE:TCS', interval: '5m', fromMs, toMs: NOW_MS } as const;
  const candles = await connect(http).candles(tcs, request, call);
  expect(candles.map(({ startMs }) => startMs)).toEqual([NOW_MS - DAY_MS]);
  expect(http.requests.map(({ path }) => path)).toEqual(['/v2/charts/intraday', '/v2/charts/intraday']);
});

test('no candles at all is said so, and any other error ends the call', async () => {
  const request = { instrument: 'NSE:TCS', interval: '5m', fromMs: NOW_MS - 100 * DAY_MS, toMs: NOW_MS } as const;
  expect(await codeOf(connect(fakeHttp([noData, noData])).candles(tcs, request, call))).toBe('ALGO_NO_DATA');
  expect(await codeOf(connect(fakeHttp([noData, json(dh('DH-904'), 429)])).candles(tcs, request, call))).toBe(
    'ALGO_RATE_LIMITED',
  );
});

test.each([
  ['detailed', 'api-scrip-master-detailed.csv', 'instruments_detailed_trimmed.csv', 5],
  ['compact', 'api-scrip-master.csv', 'instruments_compact.csv', 21],
] as const)('the %s master comes from the public host, without a token', async (instruments, file, sample, rows) => {
  const http = fakeHttp([text(fixtureBytes(sample).toString('utf8'))]);
  const master = await connect(http, { instruments }).instruments(call);
  expect(master.source).toBe(`https://images.dhan.co/api-data/${file}`);
  expect(await listingsOf(master)).toHaveLength(rows);
  expect(master.skipped()).toBe(0);
  expect(http.requests[0]).toMatchObject({
    lane: 'data',
    family: 'instruments',
    origin: 'https://images.dhan.co',
    path: `/api-data/${file}`,
    headers: ['accept', 'text/csv', 'accept-encoding', 'gzip'],
  });
});

test('a master that is not served is an error', async () => {
  expect(await codeOf(connect(fakeHttp([text('', 503)])).instruments(call))).toBe('ALGO_BROKER_UNAVAILABLE');
  expect(await codeOf(connect(fakeHttp([text('', 404)])).instruments(call))).toBe('ALGO_REPLY_UNREADABLE');
  const page = await connect(fakeHttp([text('<html>')])).instruments(call);
  expect(await codeOf(listingsOf(page))).toBe('ALGO_INSTRUMENTS_REFUSED');
});

test('a raw request is signed and comes back as it is, errors included', async () => {
  const http = fakeHttp([json({ killSwitchStatus: 'ACTIVATE' }), json(dh('DH-905'), 400), text('plain')]);
  const adapter = connect(http);
  const path = '/killswitch?killSwitchStatus=ACTIVATE';
  expect(await adapter.raw({ purpose: 'command', method: 'POST', path }, call)).toEqual({
    status: 200,
    body: { killSwitchStatus: 'ACTIVATE' },
  });
  expect(await adapter.raw({ purpose: 'read', method: 'GET', path: '/ledger' }, call)).toEqual({
    status: 400,
    body: dh('DH-905'),
  });
  expect(
    await adapter.raw({ purpose: 'read', method: 'POST', path: '/margincalculator', body: { a: 1 } }, call),
  ).toEqual({ status: 200, body: 'plain' });
  expect(http.requests.map(shown)).toMatchObject([
    { ...onOrders, method: 'POST', path: `/v2${path}` },
    { ...onReads, path: '/v2/ledger' },
    { ...onReads, method: 'POST', path: '/v2/margincalculator', body: { a: 1 } },
  ]);
});

test.each([
  ['/marketfeed/ohlc', 'quotes', true],
  ['/optionchain/expirylist', 'option-chain', true],
  ['/charts/rollingoption', 'data', false],
])('a raw read of %s counts with %s', async (path, family, withClientId) => {
  const http = fakeHttp([json({})]);
  await connect(http).raw({ purpose: 'read', method: 'POST', path, body: {} }, call);
  expect(http.requests[0]?.family).toBe(family);
  expect(http.requests[0]?.headers?.includes('client-id')).toBe(withClientId);
});

test.each([
  { purpose: 'read', method: 'POST', path: '/orders' },
  { purpose: 'read', method: 'DELETE', path: '/positions' },
  { purpose: 'command', method: 'GET', path: 'orders' },
  { purpose: 'command', method: 'GET', path: '/../admin' },
  { purpose: 'command', method: 'GET', path: '/orders\r\nx: y' },
] as const)('the raw request %j is refused', async (request) => {
  const http = fakeHttp([]);
  expect(await codeOf(connect(http).raw(request, call))).toBe('ALGO_INVALID_INPUT');
  expect(http.requests).toHaveLength(0);
});

test('an unreadable row in the book is logged by its fault and never by its content', async () => {
  const logger = recordingLogger();
  const http = fakeHttp([json([{ ...fixtureRow('orders_docs_200.json'), quantity: 'SECRET' }])]);
  const book = await connect(http, {}, logger).orderBook(call);
  expect(book).toEqual({ orders: [], complete: false });
  expect(logger.lines).toEqual(['dhan.order-row-unreadable {"why":"quantity is not a number"}']);
});
