import type { PlaceCommand } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  ACCESS_TOKEN,
  callWith,
  connect,
  fixture,
  fixtureFields,
  fixtureRow,
  listingNamed,
  recordingLogger,
  session,
  SID,
  TRADE_TOKEN,
} from './support/account.js';
import { fakeHttp, jDataOf, json, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';
import { codeOf, FORM, onOrders, onReads, shown, SIGNED } from './support/requests.js';

const call = callWith();
const tcs = listingNamed('NSE:TCS');

const place: PlaceCommand = {
  tag: 'AXQ3KZ7LMNB24CD',
  listing: tcs,
  side: 'BUY',
  quantity: 5,
  type: 'LIMIT',
  price: 33_458_000,
  triggerPrice: null,
  product: 'MIS',
  validity: 'DAY',
};
const ORDER_ID = '250720000007242';
const modify = { ...place, brokerOrderId: ORDER_ID, order: place, quantity: 40 };
const cancel = { brokerOrderId: ORDER_ID, tag: 'AXQ3KZ7LMNB25CD', order: null };

const notOk = (stCode: number, emsg = 'something'): unknown => ({ stat: 'Not_Ok', emsg, stCode });

test('a place goes out whole, as a command in a form, and ends with the number of the broker', async () => {
  const http = fakeHttp([json(fixture('place_order_200.json'))]);
  expect(await connect(http).placeOrder(place, call)).toEqual({ kind: 'acknowledged', brokerOrderId: ORDER_ID });
  expect(http.requests.map(shown)).toMatchObject([
    { ...onOrders, path: '/quick/order/rule/ms/place', jData: { ts: 'TCS-EQ', ig: 'AXQ3KZ7LMNB24CD', pr: '3345.8' } },
  ]);
  expect(http.requests[0]?.body).toMatch(/^jData=%7B%22am%22%3A%22NO%22/);
});

test('what means something in a form is encoded', async () => {
  const http = fakeHttp([json(fixture('place_order_200.json'))]);
  await connect(http).placeOrder({ ...place, listing: { ...tcs, symbol: 'M&M+=%-EQ' } }, call);
  expect(http.requests[0]?.body).not.toMatch(/[&+]/);
  expect(jDataOf(http.requests[0])).toMatchObject({ ts: 'M&M+=%-EQ' });
});

test('tokens are secrets in every header list, and nowhere else', async () => {
  const http = fakeHttp([json(fixture('place_order_200.json'))]);
  await connect(http).placeOrder(place, call);
  for (const secret of [ACCESS_TOKEN, TRADE_TOKEN, SID]) expect(JSON.stringify(http.requests)).not.toContain(secret);
});

test('a modify and a cancel name the order', async () => {
  const taken = json(fixture('place_order_200.json'));
  const http = fakeHttp([taken, taken]);
  const adapter = connect(http);
  const acknowledged = { kind: 'acknowledged', brokerOrderId: ORDER_ID };
  expect(await adapter.modifyOrder(modify, call)).toEqual(acknowledged);
  expect(await adapter.cancelOrder(cancel, call)).toEqual(acknowledged);
  expect(http.requests.map(shown)).toMatchObject([
    { ...onOrders, path: '/quick/order/vr/modify', jData: { no: ORDER_ID, qt: '40', vd: 'DAY' } },
    { ...onOrders, path: '/quick/order/cancel', jData: { on: ORDER_ID, am: 'NO' } },
  ]);
});

test('a yes is one in any case of its letters, and with its number as text', async () => {
  const adapter = connect(fakeHttp([json({ nOrdNo: '7', stat: 'ok', stCode: '200' })]));
  expect(await adapter.placeOrder(place, call)).toEqual({ kind: 'acknowledged', brokerOrderId: '7' });
});

test.each<[string, Answer]>([
  ['HTML', text('<html>maintenance</html>')],
  ['nothing', text('')],
  ['cut JSON', text('{"nOrdNo": "1')],
  ['an empty object', json({})],
  ['a list', json([fixture('place_order_200.json')])],
  ['null', json(null)],
  ['Ok without a number', json({ stat: 'Ok', stCode: 200 })],
  ['Ok with an empty number', json({ nOrdNo: '', stat: 'Ok', stCode: 200 })],
  ['Ok with the number 0', json({ nOrdNo: '0', stat: 'Ok', stCode: 200 })],
  ['Ok with a number that is an object', json({ nOrdNo: {}, stat: 'Ok', stCode: 200 })],
  ['a number without Ok', json({ nOrdNo: ORDER_ID })],
  ['a number and Ok without 200', json({ nOrdNo: ORDER_ID, stat: 'Ok' })],
  ['a number and Ok with another code', json({ nOrdNo: ORDER_ID, stat: 'Ok', stCode: 1004 })],
  ['a number and 200 without Ok', json({ nOrdNo: ORDER_ID, stCode: 200 })],
  ['Not_Ok without a code', json({ stat: 'Not_Ok', emsg: 'no' })],
  ['Not_Ok with a code nobody knows', json(notOk(1999))],
  ['an empty book', json(fixture('empty_book_5203.json'))],
  ['a redirect', text('', 302)],
  ['a redirect with a number', json(fixture('place_order_200.json'), 302)],
  ['500 with a refusal in it', json(notOk(1004), 500)],
  ['502 with HTML', text('<html>', 502)],
  ['503 with nothing', text('', 503)],
  ['504 with a number', json(fixture('place_order_200.json'), 504)],
  ['429', json({ message: 'slow down' }, 429)],
  ['429 with a refusal in it', json(notOk(1004), 429)],
  ['400 with a number', json(fixture('place_order_200.json'), 400)],
  ['400 with HTML', text('<html>', 400)],
  ['401 with nothing', text('', 401)],
  ['401 of the gateway', json({ fault: { code: 900901, message: 'Invalid Credentials' } }, 401)],
  ['403 with HTML', text('<html>', 403)],
])('%s leaves a place, a modify and a cancel unknown', async (_what, answer) => {
  const adapter = connect(fakeHttp([answer, answer, answer]));
  expect((await adapter.placeOrder(place, call)).kind).toBe('unknown');
  expect((await adapter.modifyOrder(modify, call)).kind).toBe('unknown');
  expect((await adapter.cancelOrder(cancel, call)).kind).toBe('unknown');
});

test('a refusal that carries the number of an order is none', async () => {
  const answer = json({ ...Object(notOk(1004)), nOrdNo: ORDER_ID });
  expect((await connect(fakeHttp([answer])).placeOrder(place, call)).kind).toBe('unknown');
});

test('a modify or cancel that names another order is unknown', async () => {
  const other = json({ nOrdNo: '999', stat: 'Ok', stCode: 200 });
  const adapter = connect(fakeHttp([other, other]));
  expect((await adapter.modifyOrder(modify, call)).kind).toBe('unknown');
  expect((await adapter.cancelOrder(cancel, call)).kind).toBe('unknown');
});

test('a refusal of the broker under HTTP 200 carries its code and its sentence', async () => {
  const adapter = connect(
    fakeHttp([json(fixture('place_order_error_1004.json')), json(fixture('modify_order_error_1021.json'))]),
  );
  expect(await adapter.placeOrder(place, call)).toEqual({
    kind: 'rejected',
    reason: 'margin',
    brokerCode: '1004',
    brokerText: 'Insufficient balance.',
  });
  expect(await adapter.modifyOrder(modify, call)).toEqual({
    kind: 'rejected',
    reason: 'order-not-open',
    brokerCode: '1021',
    brokerText: 'order is completed',
  });
});

test('"not found" says nothing about an order that is being placed', async () => {
  const answer = json(notOk(1006, 'Order already cancelled or not found.'));
  const adapter = connect(fakeHttp([answer, answer]));
  expect((await adapter.placeOrder(place, call)).kind).toBe('unknown');
  expect(await adapter.cancelOrder(cancel, call)).toMatchObject({ kind: 'rejected', reason: 'order-not-open' });
});

test('a machine that Kotak does not know is a matter of its address, never of the session', async () => {
  for (const body of [notOk(1037, 'session ip does not match'), notOk(100008, 'unauthorized')]) {
    for (const status of [200, 401, 403]) {
      const adapter = connect(fakeHttp([json(body, status), json(body, status)]));
      expect(await adapter.placeOrder(place, call)).toMatchObject({ kind: 'rejected', reason: 'static-ip' });
      expect(await codeOf(adapter.orderBook(call))).toBe('ALGO_STATIC_IP_REFUSED');
    }
  }
});

test('what cannot be sent is refused before anything is written', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  expect(await codeOf(adapter.placeOrder({ ...place, type: 'SL-M' }, call))).toBe('ALGO_NOT_SUPPORTED');
  expect(await codeOf(adapter.modifyOrder({ ...modify, brokerOrderId: '../x' }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.cancelOrder({ ...cancel, brokerOrderId: '' }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.order('../x', call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.tradesOf('', call))).toBe('ALGO_INVALID_INPUT');
  expect(http.requests).toHaveLength(0);
});

test('a session without its secrets or its host is over, and one with a foreign host is refused', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  const over = { ...session, secrets: {} };
  const lost = { ...session, facts: {} };
  const foreign = { ...session, facts: { baseUrl: 'https://e43.kotaksecurities.com.evil.test' } };
  expect(await codeOf(adapter.placeOrder(place, callWith(over)))).toBe('ALGO_SESSION_EXPIRED');
  expect(await codeOf(adapter.orderBook(callWith(lost)))).toBe('ALGO_SESSION_EXPIRED');
  expect(await codeOf(adapter.placeOrder(place, callWith(foreign)))).toBe('ALGO_HOST_NOT_ALLOWED');
  expect(http.requests).toHaveLength(0);
});

/** By the field list of the documentation. */
const POSITION = {
  exSeg: 'nse_cm',
  trdSym: 'TCS-EQ',
  tok: '11536',
  prod: 'MIS',
  cfBuyQty: '0',
  cfSellQty: '0',
  cfBuyAmt: '0',
  cfSellAmt: '0',
  flBuyQty: '5',
  flSellQty: '0',
  buyAmt: '16729.00',
  sellAmt: '0',
};

test('every account read goes to its endpoint, and its answer is mapped', async () => {
  const http = fakeHttp([
    json(fixture('order_book_200.json')),
    json(fixture('order_book_200.json')),
    json(fixture('trade_book_200.json')),
    json(fixture('trade_book_200.json')),
    json({ stat: 'ok', stCode: 200, data: [POSITION] }),
    json(fixture('holdings_200.json')),
    json(fixture('limits_200.json')),
    json(fixture('limits_200.json')),
    json(fixture('margin_200.json')),
  ]);
  const adapter = connect(http);
  expect((await adapter.orderBook(call)).orders).toHaveLength(1);
  expect((await adapter.order('250122000612876', call))?.instrument).toBe('NSE:IDEA');
  expect(await adapter.trades(call)).toMatchObject([{ instrument: 'NSE:IDEA' }]);
  expect(await adapter.tradesOf('1', call)).toEqual([]);
  expect(await adapter.positions(call)).toMatchObject([
    { instrument: 'NSE:TCS', quantity: 5, averageBuyPrice: 3345.8 },
  ]);
  expect(await adapter.holdings(call)).toMatchObject([{ instrument: 'NSE:IDEA', quantity: 35 }]);
  expect((await adapter.funds(call)).used).toBe(18.78);
  expect(await adapter.profile(call)).toEqual({
    clientId: 'AB1CD',
    name: null,
    sessionEndsAtMs: session.expiresAtMs,
    segments: [],
    dataPlanActive: null,
  });
  expect((await adapter.margin(place, call)).required).toBe(15.5);
  const asked = { ...onReads, method: 'POST', headers: [...SIGNED, ...FORM] };
  const everything = { seg: 'ALL', exch: 'ALL', prod: 'ALL' };
  expect(http.requests.map(shown)).toMatchObject([
    { ...onReads, path: '/quick/user/orders' },
    { ...onReads, path: '/quick/user/orders/250122000612876' },
    { ...onReads, path: '/quick/user/trades' },
    { ...onReads, path: '/quick/user/trades' },
    { ...onReads, path: '/quick/user/positions' },
    { ...onReads, path: '/portfolio/v1/holdings' },
    { ...asked, path: '/quick/user/limits', jData: everything },
    { ...asked, path: '/quick/user/limits', jData: everything },
    { ...asked, path: '/quick/user/check-margin', jData: { tok: '11536', qty: '5', brkName: 'KOTAK' } },
  ]);
});

test('Kotak finds no order by tag: core reads the book instead', async () => {
  const http = fakeHttp([]);
  expect(await connect(http).ordersByTag('AXQ3KZ7LMNB24CD', call)).toBeNull();
  expect(http.requests).toHaveLength(0);
});

test('a book, an order, trades, positions and holdings are empty by the code and sentence for it', async () => {
  const empty = json(fixture('empty_book_5203.json'));
  const adapter = connect(fakeHttp([empty, empty, empty, empty, empty]));
  expect(await adapter.orderBook(call)).toEqual({ orders: [], complete: true });
  expect(await adapter.order('1', call)).toBeNull();
  expect(await adapter.trades(call)).toEqual([]);
  expect(await adapter.positions(call)).toEqual([]);
  expect(await adapter.holdings(call)).toEqual([]);
});

test.each<[string, Answer, string]>([
  ['the code with another sentence', json(notOk(5203, 'database not reachable')), 'ALGO_NO_DATA'],
  ['the answer under 500', json(fixture('empty_book_5203.json'), 500), 'ALGO_NO_DATA'],
  ['a session that is over', json(notOk(1003)), 'ALGO_SESSION_EXPIRED'],
  ['401', json({}, 401), 'ALGO_SESSION_EXPIRED'],
  ['403 with HTML', text('<html>', 403), 'ALGO_REPLY_UNREADABLE'],
  ['HTML', text('<html>'), 'ALGO_REPLY_UNREADABLE'],
  ['HTML under 502', text('<html>', 502), 'ALGO_BROKER_UNAVAILABLE'],
  ['429', text('', 429), 'ALGO_RATE_LIMITED'],
  ['nothing', text(''), 'ALGO_REPLY_UNREADABLE'],
  ['an empty object', json({}), 'ALGO_REPLY_UNREADABLE'],
  ['a list without its envelope', json([]), 'ALGO_REPLY_UNREADABLE'],
  ['data without a yes', json({ data: [] }), 'ALGO_REPLY_UNREADABLE'],
  ['data with half a yes', json({ data: [], stat: 'Ok' }), 'ALGO_REPLY_UNREADABLE'],
  ['data with two answers', json({ data: [], stat: 'Ok', stCode: 1004 }), 'ALGO_REPLY_UNREADABLE'],
  ['a yes without data', json({ stat: 'Ok', stCode: 200 }), 'ALGO_REPLY_UNREADABLE'],
  ['a yes with data that is no list', json({ stat: 'Ok', stCode: 200, data: {} }), 'ALGO_REPLY_UNREADABLE'],
])('%s is no book', async (_what, answer, code) => {
  const adapter = connect(fakeHttp([answer, answer, answer, answer]));
  expect(await codeOf(adapter.orderBook(call))).toBe(code);
  expect(await codeOf(adapter.order('1', call))).toBe(code);
  expect(await codeOf(adapter.trades(call))).toBe(code);
  expect(await codeOf(adapter.positions(call))).toBe(code);
});

test('a row that cannot be read leaves the book incomplete and is logged', async () => {
  const logger = recordingLogger();
  const row = fixtureRow('order_book_200.json');
  const http = fakeHttp([json({ stat: 'Ok', stCode: 200, data: [row, { ...row, qty: 'many' }] })]);
  const { orders, complete } = await connect(http, {}, logger).orderBook(call);
  expect([orders.length, complete, logger.lines.length]).toEqual([1, false, 1]);
});

test('a number beyond what JSON keeps exactly does no harm: nothing is read from it', async () => {
  const body = JSON.stringify(fixture('order_book_200.json'));
  const other = body.replace(/"updRecvTm":\d+/, '"updRecvTm":1737536281933099999');
  const adapter = connect(fakeHttp([text(body), text(other)]));
  expect(await adapter.orderBook(call)).toEqual(await adapter.orderBook(call));
});

test('flat answers must say yes as well', async () => {
  const limits = fixtureFields('limits_200.json');
  const adapter = connect(fakeHttp([json({ ...limits, stCode: undefined }), json(notOk(1003)), json({})]));
  expect(await codeOf(adapter.funds(call))).toBe('ALGO_REPLY_UNREADABLE');
  expect(await codeOf(adapter.profile(call))).toBe('ALGO_SESSION_EXPIRED');
  expect(await codeOf(adapter.margin(place, call))).toBe('ALGO_REPLY_UNREADABLE');
});
