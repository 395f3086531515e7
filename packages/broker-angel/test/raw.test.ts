import { expect, test } from 'vitest';
import { callWith, codeOf, connect, HEADERS, shown } from './support/account.js';
import { bad, fakeHttp, good, text } from './support/fake-http.js';

const call = callWith();
const ROOT = '/rest/secure/angelbroking';
const onOrders = {
  purpose: 'command',
  lane: 'orders',
  family: 'orders',
  method: 'POST',
  origin: 'https://apiconnect.angelone.in',
  headers: HEADERS,
};

test('a raw request is signed and comes back as it is, errors included', async () => {
  const http = fakeHttp([good({ id: '1' }), bad('AB9013', 'x', 400), text('plain')]);
  const adapter = connect(http);
  expect(
    await adapter.raw({ purpose: 'command', method: 'POST', path: '/gtt/v1/createRule', body: { a: 1 } }, call),
  ).toMatchObject({ status: 200, body: { data: { id: '1' } } });
  expect(
    await adapter.raw({ purpose: 'read', method: 'POST', path: '/gtt/v1/ruleDetails', body: {} }, call),
  ).toMatchObject({ status: 400, body: { errorcode: 'AB9013' } });
  expect(await adapter.raw({ purpose: 'read', method: 'GET', path: '/securities/v1/cautionaryScrips' }, call)).toEqual({
    status: 200,
    body: 'plain',
  });
  expect(http.requests.map(shown)).toMatchObject([
    { ...onOrders, path: `${ROOT}/gtt/v1/createRule`, body: { a: 1 } },
    { purpose: 'read', family: 'reads', lane: 'reads', method: 'POST', path: `${ROOT}/gtt/v1/ruleDetails` },
    { purpose: 'read', family: 'reads', lane: 'reads', method: 'GET', path: `${ROOT}/securities/v1/cautionaryScrips` },
  ]);
});

test.each([
  ['/order/v1/getOrderBook', 'GET', 'book'],
  ['/order/v1/getTradeBook', 'GET', 'trades'],
  ['/order/v1/getPosition', 'GET', 'positions'],
  ['/portfolio/v1/getAllHolding', 'GET', 'holdings'],
  ['/user/v1/getRMS', 'GET', 'funds'],
  ['/user/v1/getProfile', 'GET', 'profile'],
  ['/order/v1/details/34reqfachdfih', 'GET', 'margin'],
  ['/order/v1/getLtpData', 'POST', 'margin'],
  ['/market/v1/quote', 'POST', 'quotes'],
  ['/historical/v1/getOIData', 'POST', 'candles'],
  ['/order/v1/searchScrip', 'POST', 'reads'],
] as const)('a raw read of %s counts with %s %s', async (path, method, family) => {
  const http = fakeHttp([good(null)]);
  await connect(http).raw({ purpose: 'read', method, path }, call);
  expect(http.requests[0]).toMatchObject({ family, purpose: 'read' });
});

test.each([
  { purpose: 'read', method: 'POST', path: '/order/v1/placeOrder' },
  { purpose: 'read', method: 'GET', path: '/order/v1/cancelOrder' },
  { purpose: 'read', method: 'POST', path: '/edis/v1/generateTPIN' },
  { purpose: 'read', method: 'PUT', path: '/market/v1/quote' },
  { purpose: 'command', method: 'POST', path: 'order' },
  { purpose: 'command', method: 'POST', path: '/../admin' },
  { purpose: 'command', method: 'POST', path: '/order\r\nx: y' },
] as const)('the raw request %j is refused', async (request) => {
  const http = fakeHttp([]);
  expect(await codeOf(connect(http).raw(request, call))).toBe('ALGO_INVALID_INPUT');
  expect(http.requests).toHaveLength(0);
});
