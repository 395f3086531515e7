import type { PlaceCommand } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  MARKET_TOKEN,
  TOKEN,
  callWith,
  codeOf,
  connect,
  dealerSession,
  fixture,
  listingNamed,
  orderRow,
  recordingLogger,
  session,
  shown,
} from './support/account.js';
import { failure, fakeHttp, json, success, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';

const call = callWith();
const dealing = callWith(dealerSession);
const reliance = listingNamed('NSE:RELIANCE');

const place: PlaceCommand = {
  tag: '123777',
  listing: reliance,
  side: 'BUY',
  quantity: 5,
  type: 'LIMIT',
  price: 12_885_000,
  triggerPrice: null,
  product: 'CNC',
  validity: 'DAY',
};
const modify = { ...place, tag: 'M2', brokerOrderId: '10026325', order: place, quantity: 40 };
const cancel = { brokerOrderId: '10026325', tag: 'C3', order: null };
const placed = json(fixture('place_order_200.json'));

const NONE = 'Data Not Available';
const ORIGIN = 'https://jtrade.jainam.in:5000';
const signed = ['authorization', TOKEN];
const onOrders = { purpose: 'command', lane: 'orders', family: 'orders', origin: ORIGIN };
const JSON_HEADERS = ['content-type', 'application/json', 'accept', 'application/json'];

test('a place goes out whole, as a command, and ends with the id of the broker', async () => {
  const http = fakeHttp([placed]);
  expect(await connect(http).placeOrder(place, call)).toEqual({ kind: 'acknowledged', brokerOrderId: '10026325' });
  expect(http.requests.map(shown)).toEqual([
    {
      ...onOrders,
      method: 'POST',
      path: '/interactive/orders',
      headers: [...signed, ...JSON_HEADERS],
      body: {
        exchangeSegment: 'NSECM',
        exchangeInstrumentID: 2885,
        productType: 'CNC',
        orderType: 'LIMIT',
        orderSide: 'BUY',
        timeInForce: 'DAY',
        disclosedQuantity: 0,
        orderQuantity: 5,
        limitPrice: 1288.5,
        stopPrice: 0,
        orderUniqueIdentifier: '123777',
      },
    },
  ]);
});

test('the tokens are secrets in every header list', async () => {
  const http = fakeHttp([placed, success({ listQuotes: [] })]);
  const adapter = connect(http);
  await adapter.placeOrder(place, call);
  await adapter.quotes([reliance], 'ltp', call);
  for (const token of [TOKEN, MARKET_TOKEN]) expect(JSON.stringify(http.requests)).not.toContain(token);
});

test('a modify carries the product and the total; a cancel names the order alone', async () => {
  const http = fakeHttp([placed, placed]);
  const adapter = connect(http);
  const acknowledged = { kind: 'acknowledged', brokerOrderId: '10026325' };
  expect(await adapter.modifyOrder(modify, call)).toEqual(acknowledged);
  expect(await adapter.cancelOrder(cancel, call)).toEqual(acknowledged);
  expect(http.requests.map(shown)).toMatchObject([
    {
      ...onOrders,
      method: 'PUT',
      path: '/interactive/orders',
      body: {
        appOrderID: 10026325,
        modifiedProductType: 'CNC',
        modifiedOrderQuantity: 40,
        orderUniqueIdentifier: place.tag,
      },
    },
    { ...onOrders, method: 'DELETE', path: '/interactive/orders?appOrderID=10026325' },
  ]);
  expect(http.requests[1]).not.toHaveProperty('body');
});

test('an id printed as text is the same order', async () => {
  const asText = success({ AppOrderID: '10026325' });
  expect(await connect(fakeHttp([asText])).placeOrder(place, call)).toMatchObject({ brokerOrderId: '10026325' });
  expect((await connect(fakeHttp([asText])).cancelOrder(cancel, call)).kind).toBe('acknowledged');
});

const withResult = (change: object): Answer => success({ AppOrderID: 10026325, ...change });

test.each<[string, Answer]>([
  ['HTML', text('<html>maintenance</html>')],
  ['nothing', text('')],
  ['cut JSON', text('{"type":"success","result":{"AppOrderID":100')],
  ['an empty object', json({})],
  ['no result', json({ type: 'success' })],
  ['no order id', success({ OrderUniqueIdentifier: '123777' })],
  ['an order id of 0', withResult({ AppOrderID: 0 })],
  ['an order id that is text', withResult({ AppOrderID: 'abc' })],
  ['an order id that is an object', withResult({ AppOrderID: {} })],
  ['an order id that no number can carry', withResult({ AppOrderID: '90071992547409931' })],
  ['a list', success([{ AppOrderID: 10026325 }])],
  ['no word of success', json({ result: { AppOrderID: 10026325 } })],
  ['another word', json({ type: 'info', result: { AppOrderID: 10026325 } })],
  ['an error under status 200', failure('e-session-0005', 'Invalid Token', 200)],
  ['an error code under a success', json({ type: 'success', code: 'e-x-1', result: { AppOrderID: 10026325 } })],
  ['a redirect', text('', 302)],
  ['a redirect with an order id', json(fixture('place_order_200.json'), 302)],
  ['500 with a refusal in it', failure('e-property-validation-failed', 'Bad Request', 500)],
  ['502 with HTML', text('<html>', 502)],
  ['503 with nothing', text('', 503)],
  ['504 with an order id', json(fixture('place_order_200.json'), 504)],
  ['a rate limit', failure('e-apirl-0004', 'API Rate Limit Exceeded')],
  ['429 without the code', text('slow down', 429)],
  ['400 with an unknown code', failure('e-orders-9999', 'something')],
  ['400 without a code', json({ type: 'error', description: 'Invalid Token' }, 400)],
  ['400 with an order id', json(fixture('place_order_200.json'), 400)],
  ['400 with HTML', text('<html>', 400)],
  ['401 with nothing', text('', 401)],
  ['404 with HTML', text('<html>', 404)],
  ['an order that is not found', failure('e-orders-0001', 'Order not found')],
  ['an unknown instrument', failure('e-instrument-0001', 'x')],
])('%s leaves a place, a modify and a cancel unknown', async (_what, answer) => {
  const adapter = connect(fakeHttp([answer, answer, answer]));
  expect((await adapter.placeOrder(place, call)).kind).toBe('unknown');
  expect((await adapter.modifyOrder(modify, call)).kind).toBe('unknown');
  expect((await adapter.cancelOrder(cancel, call)).kind).toBe('unknown');
});

test('a place that names another tag, and a modify or cancel that names another order, is unknown', async () => {
  const adapter = connect(
    fakeHttp([withResult({ OrderUniqueIdentifier: 'X' }), ...Array(2).fill(withResult({ AppOrderID: 9 }))]),
  );
  expect((await adapter.placeOrder(place, call)).kind).toBe('unknown');
  expect((await adapter.modifyOrder(modify, call)).kind).toBe('unknown');
  expect((await adapter.cancelOrder(cancel, call)).kind).toBe('unknown');
});

test('a refusal of the broker carries its code and its sentence', async () => {
  const adapter = connect(fakeHttp([failure('e-session-0005', 'Invalid Token')]));
  expect(await adapter.placeOrder(place, call)).toEqual({
    kind: 'rejected',
    reason: 'session',
    brokerCode: 'e-session-0005',
    brokerText: 'Invalid Token',
  });
});

test('an order that met the rate limit is refused where the host said that it is', async () => {
  const http = fakeHttp([failure('e-apirl-0004', 'slow')]);
  const adapter = connect(http, { config: { rateLimitIsRefusal: true } });
  expect(await adapter.placeOrder(place, call)).toMatchObject({ kind: 'rejected', reason: 'rate-limited' });
});

test('what cannot be sent is refused before anything is written', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  expect(await codeOf(() => adapter.placeOrder({ ...place, tag: 'A'.repeat(21) }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(() => adapter.modifyOrder({ ...modify, brokerOrderId: 'X1' }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(() => adapter.cancelOrder({ ...cancel, brokerOrderId: '1&x=2' }, call))).toBe(
    'ALGO_INVALID_INPUT',
  );
  expect(await codeOf(() => adapter.order('', call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(() => adapter.tradesOf('x', call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(() => adapter.margin(place, call))).toBe('ALGO_NOT_SUPPORTED');
  const noToken = callWith({ ...session, secrets: {} });
  expect(await codeOf(() => adapter.placeOrder(place, noToken))).toBe('ALGO_SESSION_EXPIRED');
  expect(http.requests).toHaveLength(0);
});

const trade = { ...orderRow(), LastTradedPrice: 23.9, LastTradedQuantity: 75, ExecutionID: '1' };
const balance = {
  BalanceList: [
    {
      limitObject: {
        RMSSubLimits: { cashAvailable: 5, collateral: 0, marginUtilized: 1, netMarginAvailable: 4 },
      },
    },
  ],
};
const position = { ExchangeSegment: 'NSECM', ExchangeInstrumentId: 2885, Quantity: '1' };

const READS = [
  json(fixture('order_book_200.json')),
  success([orderRow()]),
  success([trade]),
  success([trade]),
  success({ positionList: [position] }),
  success({ RMSHoldings: { Holdings: {} } }),
  success({ ClientId: 'CLIENT01' }),
];

test('every account read goes to its endpoint, and its answer is mapped', async () => {
  const http = fakeHttp([...READS, success(balance)]);
  const adapter = connect(http);
  expect(await adapter.orderBook(call)).toMatchObject({ complete: true, orders: [{}, {}] });
  expect((await adapter.order('10026335', call))?.status).toBe('FILLED');
  expect(await adapter.trades(call)).toHaveLength(1);
  expect(await adapter.tradesOf('10026335', call)).toHaveLength(1);
  expect(await adapter.positions(call)).toHaveLength(1);
  expect(await adapter.holdings(call)).toEqual([]);
  expect((await adapter.profile(call)).clientId).toBe('CLIENT01');
  expect((await adapter.funds(call)).available).toBe(4);
  expect(await adapter.ordersByTag('123777', call)).toBeNull();
  const read = { purpose: 'read', lane: 'reads', method: 'GET', origin: ORIGIN };
  const headers = [...signed, 'accept', 'application/json'];
  expect(http.requests.map(shown)).toEqual(
    [
      ['book', '/orders'],
      ['book', '/orders?appOrderID=10026335'],
      ['trades', '/orders/trades'],
      ['trades', '/orders/trades'],
      ['positions', '/portfolio/positions?dayOrNet=NetWise'],
      ['reads', '/portfolio/holdings'],
      ['reads', '/user/profile'],
      ['reads', '/user/balance'],
    ].map(([family, path]) => ({ ...read, family, path: `/interactive${path}`, headers })),
  );
});

test('a dealer’s calls name the client, and the books have paths of their own', async () => {
  const http = fakeHttp([...READS, placed, placed, placed]);
  const adapter = connect(http);
  await adapter.orderBook(dealing);
  await adapter.order('10026335', dealing);
  await adapter.trades(dealing);
  await adapter.tradesOf('10026335', dealing);
  await adapter.positions(dealing);
  await adapter.holdings(dealing);
  await adapter.profile(dealing);
  await adapter.placeOrder(place, dealing);
  await adapter.modifyOrder(modify, dealing);
  await adapter.cancelOrder(cancel, dealing);
  expect(http.requests.map(({ path }) => path.replace('/interactive', ''))).toEqual([
    '/orders/dealerorderbook?clientID=CLIENT01',
    '/orders?appOrderID=10026335&clientID=CLIENT01',
    '/orders/dealertradebook?clientID=CLIENT01',
    '/orders/dealertradebook?clientID=CLIENT01',
    '/portfolio/dealerpositions?dayOrNet=NetWise&clientID=CLIENT01',
    '/portfolio/holdings?clientID=CLIENT01',
    '/user/profile?clientID=CLIENT01',
    '/orders',
    '/orders',
    '/orders?appOrderID=10026325&clientID=CLIENT01',
  ]);
  for (const at of [7, 8]) expect(shown(http.requests[at])).toMatchObject({ body: { clientID: 'CLIENT01' } });
});

test('a dealer account has no balance', async () => {
  const http = fakeHttp([]);
  expect(await codeOf(() => connect(http).funds(dealing))).toBe('ALGO_NOT_SUPPORTED');
  expect(http.requests).toHaveLength(0);
});

test('empty books come as errors and are empty lists', async () => {
  const none = (area: string): Answer => failure(`e-${area}-0005`, NONE);
  const adapter = connect(
    fakeHttp([none('orders'), none('tradebook'), none('portfolio'), none('holdings'), none('orders')]),
  );
  expect(await adapter.orderBook(call)).toEqual({ orders: [], complete: true });
  expect(await adapter.trades(call)).toEqual([]);
  expect(await adapter.positions(call)).toEqual([]);
  expect(await adapter.holdings(call)).toEqual([]);
  expect(await adapter.order('1', call)).toBeNull();
  expect(await connect(fakeHttp([failure('e-orders-0001', 'Order not found')])).order('1', call)).toBeNull();
});

test.each<[string, Answer, string]>([
  ['the code of another book', failure('e-portfolio-0005', NONE), 'ALGO_NO_DATA'],
  ['the code without the words', failure('e-orders-0005', 'something'), 'ALGO_BROKER_REFUSED'],
  ['the code over an ended session', failure('e-orders-0005', 'Invalid Token'), 'ALGO_SESSION_EXPIRED'],
  ['the same under 500', failure('e-orders-0005', NONE, 500), 'ALGO_NO_DATA'],
  ['the same under 200', failure('e-orders-0005', NONE, 200), 'ALGO_NO_DATA'],
  ['an ended session', failure('e-session-0005', 'Invalid Token'), 'ALGO_SESSION_EXPIRED'],
  ['a rate limit', failure('e-apirl-0004', 'slow'), 'ALGO_RATE_LIMITED'],
  ['HTML', text('<html>'), 'ALGO_REPLY_UNREADABLE'],
  ['HTML under 502', text('<html>', 502), 'ALGO_BROKER_UNAVAILABLE'],
  ['no list', success({}), 'ALGO_REPLY_UNREADABLE'],
  ['no word of success', json({ result: [] }), 'ALGO_REPLY_UNREADABLE'],
  ['an order that is not found', failure('e-orders-0001', 'x'), 'ALGO_BROKER_REFUSED'],
])('%s is no empty order book', async (_what, answer, code) => {
  expect(await codeOf(() => connect(fakeHttp([answer])).orderBook(call))).toBe(code);
});

test('a raw request is signed for its product and comes back as it is, errors included', async () => {
  const http = fakeHttp([success({}), failure('e-x-1', 'no'), text('plain'), success([])]);
  const adapter = connect(http);
  const body = { exchangeSegment: 'NSECM', exchangeInstrumentID: 0 };
  const all = { purpose: 'command', method: 'POST', path: '/interactive/orders/cancelall', body } as const;
  expect(await adapter.raw(all, call)).toMatchObject({ status: 200 });
  expect(
    await adapter.raw({ purpose: 'read', method: 'GET', path: '/interactive/status/exchange?userID=X' }, call),
  ).toMatchObject({
    status: 400,
    body: { code: 'e-x-1' },
  });
  const margin = { purpose: 'read', method: 'POST', path: '/interactive/orders/margindetails', body: {} } as const;
  expect(await adapter.raw(margin, call)).toEqual({ status: 200, body: 'plain' });
  await adapter.raw(
    { purpose: 'read', method: 'GET', path: '/marketdata/instruments/indexlist?exchangeSegment=1' },
    call,
  );
  expect(http.requests.map(shown)).toMatchObject([
    { ...onOrders, method: 'POST', path: '/interactive/orders/cancelall', headers: [...signed, ...JSON_HEADERS], body },
    { purpose: 'read', lane: 'reads', family: 'reads', path: '/interactive/status/exchange?userID=X' },
    { purpose: 'read', method: 'POST', path: '/interactive/orders/margindetails' },
    { lane: 'data', family: 'quotes', path: '/apimarketdata/instruments/indexlist?exchangeSegment=1' },
  ]);
});

test.each([
  { purpose: 'read', method: 'POST', path: '/interactive/orders' },
  { purpose: 'read', method: 'DELETE', path: '/interactive/orders?appOrderID=1' },
  { purpose: 'read', method: 'POST', path: '/marketdata/instruments/subscription' },
  { purpose: 'read', method: 'PUT', path: '/marketdata/search/x' },
  { purpose: 'command', method: 'GET', path: '/orders' },
  { purpose: 'command', method: 'GET', path: 'interactive/orders' },
  { purpose: 'command', method: 'GET', path: '/interactive/../admin' },
  { purpose: 'command', method: 'GET', path: '/interactive//evil.com' },
  { purpose: 'command', method: 'GET', path: '/interactive/orders\r\nx: y' },
  { purpose: 'command', method: 'POST', path: '/interactive/user/session' },
  { purpose: 'command', method: 'POST', path: '/marketdata/auth/login' },
] as const)('the raw request %j is refused', async (request) => {
  const http = fakeHttp([]);
  expect(await codeOf(() => connect(http).raw(request, call))).toBe('ALGO_INVALID_INPUT');
  expect(http.requests).toHaveLength(0);
});

test('an unreadable row in the book is logged by its fault and never by its content', async () => {
  const logger = recordingLogger();
  const http = fakeHttp([success([{ ...orderRow(), OrderQuantity: 'SECRET' }])]);
  expect(await connect(http, { logger }).orderBook(call)).toEqual({ orders: [], complete: false });
  expect(logger.lines).toEqual(['jainam.order-row-unreadable {"why":"OrderQuantity is not a number"}']);
});
