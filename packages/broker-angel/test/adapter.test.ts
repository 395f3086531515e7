import type { BrokerAdapter, BrokerCall, Clock, CommandReply, Listing, PlaceCommand } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  callWith,
  clock,
  codeOf,
  connect,
  fixture,
  fixtureBytes,
  fixtureRow,
  HEADERS,
  listingNamed,
  liveOrder,
  NOW_MS,
  recordingLogger,
  session,
  shown,
} from './support/account.js';
import { bad, barred, fakeHttp, good, json, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';

const call = callWith();
const sbin = listingNamed('NSE:SBIN');
const ROOT = '/rest/secure/angelbroking';
const onOrders = {
  purpose: 'command',
  lane: 'orders',
  family: 'orders',
  method: 'POST',
  origin: 'https://apiconnect.angelone.in',
  headers: HEADERS,
};

const place: PlaceCommand = {
  tag: 'ABCDEFGHIJKLM23',
  listing: sbin,
  side: 'BUY',
  quantity: 1,
  type: 'LIMIT',
  price: 195_000_000,
  triggerPrice: null,
  product: 'MIS',
  validity: 'DAY',
};
const ID = '201020000000080';
const modify = { ...place, brokerOrderId: ID, order: place };
const cancel = { brokerOrderId: ID, tag: place.tag, order: place };

const changed = json(fixture('order_modify_200.json'));

test('a place goes out whole, as a command, and ends with the id of the broker', async () => {
  const http = fakeHttp([json(fixture('order_place_200.json'))]);
  expect(await connect(http).placeOrder(place, call)).toEqual({
    kind: 'acknowledged',
    brokerOrderId: '200910000000111',
  });
  expect(http.requests.map(shown)).toEqual([
    {
      ...onOrders,
      path: `${ROOT}/order/v1/placeOrder`,
      body: { ...fixtureRow('order_place_request.json'), triggerprice: '0', ordertag: 'ABCDEFGHIJKLM23' },
    },
  ]);
});

test('a modify and a cancel name the order and its variety', async () => {
  const http = fakeHttp([changed, changed]);
  const adapter = connect(http);
  const acknowledged = { kind: 'acknowledged', brokerOrderId: ID };
  expect(await adapter.modifyOrder(modify, call)).toEqual(acknowledged);
  expect(await adapter.cancelOrder({ ...cancel, order: { ...place, type: 'SL' } }, call)).toEqual(acknowledged);
  expect(http.requests.map(shown)).toMatchObject([
    { ...onOrders, path: `${ROOT}/order/v1/modifyOrder`, body: { variety: 'NORMAL', orderid: ID } },
    { ...onOrders, path: `${ROOT}/order/v1/cancelOrder`, body: { variety: 'STOPLOSS', orderid: ID } },
  ]);
});

const bookWith = (...rows: readonly unknown[]): Answer => good(rows);
const varietySent = async (book: Answer, at: Clock = clock, logger = recordingLogger()): Promise<unknown> => {
  const http = fakeHttp([book, changed]);
  const reply = await connect(http, {}, logger, at).cancelOrder({ ...cancel, order: null }, call);
  expect(reply.kind).toBe('acknowledged');
  expect(http.requests[0]).toMatchObject({
    purpose: 'read',
    lane: 'reads',
    family: 'book',
    path: `${ROOT}/order/v1/getOrderBook`,
  });
  return shown(http.requests[1]);
};

test('a cancel of an order that the journal cannot read asks the book for its variety', async () => {
  const row = liveOrder({ orderid: ID, variety: 'STOPLOSS' });
  expect(await varietySent(bookWith(liveOrder(), row))).toMatchObject({ body: { variety: 'STOPLOSS', orderid: ID } });
});

test.each<[string, Answer]>([
  ['does not list it', bookWith(liveOrder())],
  ['lists it without a variety', bookWith(liveOrder({ orderid: ID, variety: '' }))],
  ['is limited', text('Access denied because of exceeding access rate', 403)],
  ['is no book', text('<html>')],
])('a cancel goes all the same where the book %s', async (_what, book) => {
  const logger = recordingLogger();
  expect(await varietySent(book, clock, logger)).toMatchObject({ body: { variety: 'NORMAL', orderid: ID } });
  expect(logger.lines).toEqual([`angel.variety-not-found {"orderId":"${ID}"}`]);
});

test('a book that does not answer takes half of the time at most: then the cancel goes', async () => {
  const waits: number[] = [];
  const impatient: Clock = {
    ...clock,
    after(ms, task) {
      waits.push(ms);
      queueMicrotask(task);
      return () => undefined;
    },
  };
  const never = new Promise<Answer>(() => undefined);
  const http = fakeHttp(({ path }) => (path.endsWith('getOrderBook') ? never : changed));
  const reply = await connect(http, {}, recordingLogger(), impatient).cancelOrder({ ...cancel, order: null }, call);
  expect(reply.kind).toBe('acknowledged');
  expect(waits).toEqual([2_500]);
});

const everyCommand = async (adapter: BrokerAdapter): Promise<readonly CommandReply[]> => [
  await adapter.placeOrder(place, call),
  await adapter.modifyOrder(modify, call),
  await adapter.cancelOrder(cancel, call),
];

test.each<[string, Answer]>([
  ['HTML', text('<html>maintenance</html>')],
  ['the firewall', text('<html>Request Rejected. Your support ID is: 1</html>')],
  ['nothing', text('')],
  ['plain text', text('Access denied because of exceeding access rate', 403)],
  ['cut JSON', text('{"status":true,"data":{"orderid":"1"')],
  ['an empty object', json({})],
  ['success without data', good(null)],
  ['success with empty data', good('')],
  ['no order id', good({ script: 'SBIN-EQ' })],
  ['an empty order id', good({ orderid: '' })],
  ['an order id of 0', good({ orderid: '0' })],
  ['an order id of null', good({ orderid: null })],
  ['an order id that is an object', good({ orderid: {} })],
  ['a list', good([{ orderid: ID }])],
  ['an order id without the word success', json({ data: { orderid: ID } })],
  ['success and a code', json({ status: true, errorcode: 'AB1004', message: 'x', data: { orderid: ID } })],
  ['failure and an order id', json({ status: false, errorcode: 'AB1012', message: 'x', data: { orderid: ID } })],
  ['a redirect with an order id', json({ status: true, errorcode: '', data: { orderid: ID } }, 302)],
  ['500 with a refusal', bad('AB1012', 'x', 500)],
  ['504 with an order id', json({ status: true, errorcode: '', data: { orderid: ID } }, 504)],
  ['400 with an order id', json({ status: true, errorcode: '', data: { orderid: ID } }, 400)],
  ['429', text('Too Many Requests', 429)],
  ['429 with a refusal', bad('AB1012', 'x', 429)],
  ['an inner error', bad('AB1004', 'Something Went Wrong, Please Try After Sometime')],
  ['a limit', bad('AB1021', 'x')],
  ['a code nobody knows', bad('AB7777')],
  ['401 with nothing', text('', 401)],
])('%s leaves a place, a modify and a cancel unknown', async (_what, answer) => {
  const replies = await everyCommand(connect(fakeHttp([answer, answer, answer])));
  expect(replies.map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'unknown']);
});

test('a modify or cancel that names another order is unknown', async () => {
  const other = good({ orderid: '999' });
  const [, modified, cancelled] = await everyCommand(connect(fakeHttp([other, other, other])));
  expect([modified?.kind, cancelled?.kind]).toEqual(['unknown', 'unknown']);
});

test('success said by the gateway, or as a word, is success', async () => {
  const answers = [
    json({ success: true, message: 'SUCCESS', errorCode: '', data: { orderid: 5 } }),
    json({ status: 'true', data: { orderid: '5' } }),
  ];
  const adapter = connect(fakeHttp(answers));
  for (let at = 0; at < answers.length; at += 1)
    expect(await adapter.placeOrder(place, call)).toEqual({ kind: 'acknowledged', brokerOrderId: '5' });
});

test('a refusal of the broker carries its code and its sentence', async () => {
  const adapter = connect(fakeHttp([barred('AG8001', 'Invalid Token'), bad('AB1013', 'Order not found')]));
  expect(await adapter.placeOrder(place, call)).toEqual({
    kind: 'rejected',
    reason: 'session',
    brokerCode: 'AG8001',
    brokerText: 'Invalid Token',
  });
  expect(await adapter.cancelOrder(cancel, call)).toMatchObject({ kind: 'rejected', reason: 'order-not-open' });
});

test('what cannot be sent is refused before anything is written', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  expect(await codeOf(adapter.placeOrder({ ...place, type: 'MARKET', price: null }, call))).toBe('ALGO_NOT_SUPPORTED');
  expect(await codeOf(adapter.placeOrder({ ...place, validity: 'IOC' }, call))).toBe('ALGO_NOT_SUPPORTED');
  expect(await codeOf(adapter.placeOrder({ ...place, tag: 'A'.repeat(16) }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.modifyOrder({ ...modify, brokerOrderId: '../x' }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.cancelOrder({ ...cancel, brokerOrderId: '' }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.order('', call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.placeOrder(place, callWith({ ...session, secrets: {} })))).toBe('ALGO_SESSION_EXPIRED');
  expect(http.requests).toHaveLength(0);
});

test('every account read goes to its endpoint, in its own family, and its answer is mapped', async () => {
  const http = fakeHttp([
    json(fixture('order_book_200.json')),
    json(fixture('order_book_200.json')),
    json(fixture('trade_book_200.json')),
    json(fixture('trade_book_200.json')),
    json(fixture('positions_200.json')),
    json(fixture('holding_200.json')),
    json(fixture('rms_200.json')),
    json(fixture('profile_200.json')),
  ]);
  const adapter = connect(http);
  expect((await adapter.orderBook(call)).orders).toHaveLength(1);
  expect((await adapter.order(ID, call))?.instrument).toBe('NSE:SBIN');
  expect(await adapter.trades(call)).toHaveLength(1);
  expect(await adapter.tradesOf('201020000000095', call)).toHaveLength(1);
  expect(await adapter.positions(call)).toHaveLength(1);
  expect(await adapter.holdings(call)).toHaveLength(1);
  expect((await adapter.funds(call)).available).toBe(9_999_999_999_999);
  expect((await adapter.profile(call)).clientId).toBe('YOUR_CLIENT_CODE');
  const asked = [
    ['book', 'order/v1/getOrderBook'],
    ['book', 'order/v1/getOrderBook'],
    ['trades', 'order/v1/getTradeBook'],
    ['trades', 'order/v1/getTradeBook'],
    ['positions', 'order/v1/getPosition'],
    ['holdings', 'portfolio/v1/getHolding'],
    ['funds', 'user/v1/getRMS'],
    ['profile', 'user/v1/getProfile'],
  ];
  expect(http.requests.map(shown)).toEqual(
    asked.map(([family, path]) => ({
      ...onOrders,
      purpose: 'read',
      lane: 'reads',
      method: 'GET',
      family,
      path: `${ROOT}/${path}`,
    })),
  );
});

test('no tag is looked up: Angel has no call for it', async () => {
  const http = fakeHttp([]);
  expect(await connect(http).ordersByTag('ABC', call)).toBeNull();
  expect(http.requests).toHaveLength(0);
});

test('an order that the book does not list is null, unless a row of it cannot be read', async () => {
  const adapter = connect(fakeHttp([good(null), bookWith(liveOrder(), 'junk')]));
  expect(await adapter.order('1', call)).toBeNull();
  expect(await codeOf(adapter.order('1', call))).toBe('ALGO_REPLY_UNREADABLE');
});

test('the fills of a derivative are joined with the book, which is asked only then', async () => {
  const fill = {
    ...fixtureRow('trade_book_200.json'),
    exchange: 'NFO',
    tradingsymbol: 'NIFTY28JUL26FUT',
    instrumenttype: 'FUTIDX',
    orderid: '42',
  };
  const http = fakeHttp([good([fill]), bookWith(liveOrder({ orderid: '42', exchange: 'NFO', symboltoken: '61093' }))]);
  expect(await connect(http).trades(call)).toMatchObject([{ instrument: 'NFO:NIFTY:2026-07-28:FUT' }]);
  expect(http.requests.map(({ family }) => family)).toEqual(['trades', 'book']);
});

test('where the book of a join cannot be had, the reading fails rather than go without', async () => {
  const fill = { ...fixtureRow('trade_book_200.json'), exchange: 'NFO', tradingsymbol: 'X', instrumenttype: 'FUTIDX' };
  expect(await codeOf(connect(fakeHttp([good([fill]), bad('AB1021')])).trades(call))).toBe('ALGO_RATE_LIMITED');
});

test('an error under a good status is an error, and an empty answer a passing one', async () => {
  const adapter = connect(fakeHttp([bad('AG8002', 'Token Expired'), text('')]));
  expect(await codeOf(adapter.orderBook(call))).toBe('ALGO_SESSION_EXPIRED');
  expect(await codeOf(adapter.orderBook(call))).toBe('ALGO_BROKER_UNAVAILABLE');
});

test('the margin of an order is asked for by itself', async () => {
  const http = fakeHttp([json(fixture('margin_batch_200.json'))]);
  expect(await connect(http).margin(place, call)).toEqual({ required: 29_612.35, available: null });
  expect(http.requests[0]).toMatchObject({
    purpose: 'read',
    lane: 'reads',
    family: 'margin',
    method: 'POST',
    path: `${ROOT}/margin/v1/batch`,
  });
});

test('quotes are asked at most 50 at a time, over all exchanges', async () => {
  const many: readonly Listing[] = Array.from({ length: 101 }, (_, at) => ({
    ...sbin,
    token: String(at + 1),
    instrument: `NSE:S${at}`,
  }));
  const http = fakeHttp(({ body }) => {
    const { exchangeTokens }: { exchangeTokens: { NSE: readonly string[] } } = JSON.parse(body ?? '');
    return good({
      fetched: exchangeTokens.NSE.map((token) => ({ exchange: 'NSE', symbolToken: token, ltp: Number(token) })),
      unfetched: [],
    });
  });
  const quotes = await connect(http).quotes(many, 'ltp', call);
  expect(quotes.map(({ lastPrice }) => lastPrice)).toEqual(many.map((_, at) => at + 1));
  expect(quotes[0]?.asOfMs).toBe(NOW_MS);
  expect(http.requests.map(shown)).toHaveLength(3);
  expect(shown(http.requests[2])).toEqual({
    purpose: 'read',
    lane: 'data',
    family: 'quotes',
    method: 'POST',
    origin: 'https://apiconnect.angelone.in',
    path: `${ROOT}/market/v1/quote`,
    headers: HEADERS,
    body: { mode: 'LTP', exchangeTokens: { NSE: ['101'] } },
  });
});

test('full quotes are asked in mode FULL', async () => {
  const http = fakeHttp([json(fixture('quote_full_200.json'))]);
  expect((await connect(http).quotes([sbin], 'full', call))[0]?.full?.upperCircuit).toBe(624.1);
  expect(shown(http.requests[0])).toMatchObject({ body: { mode: 'FULL' } });
});

const DAY_MS = 86_400_000;

test('a long stretch of candles is put together from several calls', async () => {
  const bar = (ms: number): unknown => [`${new Date(ms + 19_800_000).toISOString().slice(0, 19)}+05:30`, 1, 2, 1, 2, 3];
  const [early, late] = [NOW_MS - 150 * DAY_MS, NOW_MS - DAY_MS];
  const http = fakeHttp([good([bar(early)]), good([bar(late), bar(early)])]);
  const request = { instrument: 'NSE:SBIN', interval: '5m', fromMs: NOW_MS - 160 * DAY_MS, toMs: NOW_MS } as const;
  const candles = await connect(http).candles(sbin, request, call);
  expect(candles.map(({ startMs }) => startMs)).toEqual([early, late]);
  expect(http.requests[0]).toMatchObject({
    lane: 'data',
    family: 'candles',
    path: `${ROOT}/historical/v1/getCandleData`,
  });
});

test('a failing part fails the whole: a gap in candles would not be seen', async () => {
  const request = { instrument: 'NSE:SBIN', interval: '5m', fromMs: NOW_MS - 160 * DAY_MS, toMs: NOW_MS } as const;
  expect(await codeOf(connect(fakeHttp([good(null), text('')])).candles(sbin, request, call))).toBe(
    'ALGO_BROKER_UNAVAILABLE',
  );
  expect(await connect(fakeHttp([good(null), good(null)])).candles(sbin, request, call)).toEqual([]);
});

test('the master comes from the public host, unsigned', async () => {
  const http = fakeHttp([text(fixtureBytes('instruments.json').toString('utf8'))]);
  const noSession: BrokerCall = { ...call, session: { ...session, secrets: {} } };
  const master = await connect(http).instruments(noSession);
  expect(master.source).toBe('https://margincalculator.angelbroking.com/OpenAPI_File/files/OpenAPIScripMaster.json');
  const listings: Listing[] = [];
  for await (const listing of master.listings) listings.push(listing);
  expect(listings.length).toBeGreaterThan(11);
  expect(http.requests[0]).toMatchObject({
    purpose: 'read',
    lane: 'data',
    family: 'instruments',
    headers: ['accept', 'application/json', 'accept-encoding', 'gzip'],
  });
});

test('a master that is not served is an error', async () => {
  expect(await codeOf(connect(fakeHttp([text('', 503)])).instruments(call))).toBe('ALGO_BROKER_UNAVAILABLE');
  expect(await codeOf(connect(fakeHttp([text('', 404)])).instruments(call))).toBe('ALGO_REPLY_UNREADABLE');
  expect(await codeOf(connect(fakeHttp([text('[]', 302)])).instruments(call))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a web page in place of the master is refused when it is read', async () => {
  const master = await connect(fakeHttp([text('<html>')])).instruments(call);
  const read = async (): Promise<void> => {
    for await (const listing of master.listings) expect(listing).toBeUndefined();
  };
  expect(await codeOf(read())).toBe('ALGO_INSTRUMENTS_REFUSED');
});

test('an unreadable row in the book is logged by its fault and never by its content', async () => {
  const logger = recordingLogger();
  const http = fakeHttp([bookWith(liveOrder({ quantity: 'SECRET' }))]);
  expect(await connect(http, {}, logger).orderBook(call)).toEqual({ orders: [], complete: false });
  expect(logger.lines).toEqual(['angel.order-row-unreadable {"why":"quantity is not a number"}']);
});

test('everything goes to the root that the host set', async () => {
  const http = fakeHttp([good(null)]);
  await connect(http, { baseUrl: 'http://127.0.0.1:9/angel' }).positions(call);
  expect(http.requests[0]).toMatchObject({ origin: 'http://127.0.0.1:9', path: `/angel${ROOT}/order/v1/getPosition` });
});
