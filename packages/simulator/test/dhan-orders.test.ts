import { describe, expect, onTestFinished, test } from 'vitest';
import { clientOf, fixture, limitBuy, rowOf, rowsOf, send, started, steppingClock } from './support.js';

describe('placing', () => {
  test('answers an id and a status, and shows the order with the keys of a live recording in their order', async () => {
    const { client } = await started(onTestFinished);
    const { status, json } = await client.place({ correlationId: 'tag-1' });
    expect(status).toBe(200);
    expect(json).toEqual({ orderId: expect.stringMatching(/^\d{12,15}$/), orderStatus: 'TRANSIT' });

    const [row] = await client.book();
    const [sample] = rowsOf(fixture('orders_live_amo_200.json'));
    expect(Object.keys(row ?? {})).toEqual(Object.keys(sample ?? {}));
    expect(row).toMatchObject({
      orderId: rowOf(json)['orderId'],
      correlationId: 'tag-1',
      orderStatus: 'PENDING',
      orderType: 'LIMIT',
      tradingSymbol: 'RELIANCE',
      price: 1390,
      remainingQuantity: 10,
      omsErrorCode: '0',
    });
  });

  test('shows a waiting after-market order as the recording does, value types included', async () => {
    const clock = steppingClock(Date.parse('2025-02-16T16:04:37+05:30'));
    const { client } = await started(onTestFinished, { clock });
    await client.placed({
      exchangeSegment: 'BSE_EQ',
      securityId: '539310',
      productType: 'CNC',
      quantity: 20,
      price: 0.36,
      afterMarketOrder: true,
      amoTime: 'OPEN',
    });
    const [row] = await client.book();
    const [sample] = rowsOf(fixture('orders_live_amo_200.json'));
    expect({ ...row, orderId: '' }).toEqual({ ...sample, orderId: '' });
  });

  test('accepts the documents’ own request: strings for numbers, "" for what is unused', async () => {
    const { client } = await started(onTestFinished);
    const request = { ...rowOf(fixture('order_place_request.json')), dhanClientId: '1000000001' };
    const { status, json } = await client.post('/orders', request);
    expect(status).toBe(200);
    expect(Object.keys(rowOf(json))).toEqual(Object.keys(rowOf(fixture('order_place_200.json'))));
    expect(await client.row(String(rowOf(json)['orderId']))).toMatchObject({ correlationId: '123abc678', quantity: 5 });
  });

  test('turns a market order into a limit order near the last price', async () => {
    const { client } = await started(onTestFinished);
    const id = await client.placed({ orderType: 'MARKET', price: 0 });
    expect(await client.row(id)).toMatchObject({
      orderType: 'LIMIT',
      price: 1414,
      orderStatus: 'TRADED',
      averageTradedPrice: 1400,
    });
  });

  test('lets a market order rest when the market is thin', async () => {
    const { simulator, client } = await started(onTestFinished);
    simulator.exchange.setLiquidity('RELIANCE', 3);
    const id = await client.placed({ orderType: 'MARKET', price: 0 });
    expect(await client.row(id)).toMatchObject({ orderStatus: 'PART_TRADED', filledQty: 3, remainingQuantity: 7 });
  });

  test('does not refuse a repeated correlation id: the lookup gives both and the ledger holds both', async () => {
    const { simulator, client } = await started(onTestFinished);
    await client.placed({ correlationId: 'twice' });
    await client.placed({ correlationId: 'twice' });
    expect(rowsOf((await client.get('/orders/external/twice')).json)).toHaveLength(2);
    expect(simulator.ledger().map(({ tag }) => tag)).toEqual(['twice', 'twice']);
  });

  test('takes an order that it cannot pay and turns it REJECTED, outside the ledger', async () => {
    const { simulator, client } = await started(onTestFinished);
    const { status, json } = await client.place({ quantity: 100_000 });
    expect(status).toBe(200);
    expect(await client.row(String(rowOf(json)['orderId']))).toMatchObject({
      orderStatus: 'REJECTED',
      omsErrorDescription: expect.stringMatching(/insufficient|margin|fund/i),
    });
    expect(simulator.ledger()).toEqual([]);
  });

  test('throws a bare STOP_LOSS_MARKET out unless told otherwise', async () => {
    const stop = { orderType: 'STOP_LOSS_MARKET', price: 0, triggerPrice: 1410 };
    const strict = await started(onTestFinished);
    expect(await strict.client.row(await strict.client.placed(stop))).toMatchObject({ orderStatus: 'REJECTED' });
    const lenient = await started(onTestFinished, { dhan: { stopLossMarket: 'accept' } });
    expect(await lenient.client.row(await lenient.client.placed(stop))).toMatchObject({ orderStatus: 'PENDING' });
  });

  const bad: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['a correlation id of 26 characters', { correlationId: 'a'.repeat(26) }],
    ['a correlation id with a slash', { correlationId: 'a/b' }],
    ['another account’s client id', { dhanClientId: '1000000002' }],
    ['no client id', { dhanClientId: null }],
    ['an unknown side', { transactionType: 'HOLD' }],
    ['an unknown segment', { exchangeSegment: 'NFO' }],
    ['an index', { exchangeSegment: 'IDX_I', securityId: '13' }],
    ['delivery of a future', { exchangeSegment: 'NSE_FNO', productType: 'CNC', securityId: '900001' }],
    ['a legacy product', { productType: 'CO' }],
    ['quantity 0', { quantity: 0 }],
    ['half a share', { quantity: 1.5 }],
    ['a limit order without price', { price: '' }],
    ['a stop without trigger', { orderType: 'STOP_LOSS' }],
    ['a price in words', { price: 'cheap' }],
    ['a disclosed quantity of 30 %', { disclosedQuantity: 3 }],
    ['a security id in words', { securityId: 'RELIANCE' }],
  ];
  test.each(bad)('answers DH-905 without naming the field for %s', async (_name, changes) => {
    const { simulator, client } = await started(onTestFinished);
    const [, sample] = rowsOf(fixture('errors.json'));
    expect(await client.place(changes)).toEqual({ status: 400, json: sample?.['body'] });
    expect(simulator.exchange.orders()).toEqual([]);
  });

  test('answers DH-906 for a closed market, a stop on the wrong side and an unknown security', async () => {
    const clock = steppingClock();
    const { client } = await started(onTestFinished, { clock });
    const messageOf = async (changes: Readonly<Record<string, unknown>>) => {
      const { status, json } = await client.place(changes);
      return [status, rowOf(json)['errorCode'], rowOf(json)['errorMessage']];
    };
    expect(await messageOf({ securityId: '1' })).toEqual([400, 'DH-906', 'Transaction has Failed']);
    expect(
      await messageOf({ transactionType: 'SELL', orderType: 'STOP_LOSS', price: 1390, triggerPrice: 1380 }),
    ).toEqual([400, 'DH-906', 'Trigger Price should be greater than Price']);
    clock.setTo('2026-11-20T15:31:00+05:30');
    expect(await messageOf({})).toEqual([400, 'DH-906', 'Market is Closed! Want to place an offline order?']);
  });

  test('refuses from an unknown address when told to, for commands only', async () => {
    const { client } = await started(onTestFinished, { dhan: { staticIp: 'refuse' } });
    const { status, json } = await client.place();
    expect([status, rowOf(json)['errorCode'], rowOf(json)['errorMessage']]).toEqual([400, 'DH-905', 'Invalid IP']);
    expect((await client.get('/orders')).status).toBe(200);
  });

  test('answers DH-903 in a segment that is not enabled', async () => {
    const account = { clientId: '1000000001', segments: ['NSE_FNO'] as const };
    const { client } = await started(onTestFinished, { dhan: { account } });
    const { status, json } = await client.place();
    expect([status, rowOf(json)['errorCode']]).toEqual([400, 'DH-903']);
  });

  test('cuts a sliced order at the freeze quantity, under one correlation id', async () => {
    const account = { clientId: '1000000001', cash: 1e9 };
    const { client } = await started(onTestFinished, { dhan: { account } });
    const { status, json } = await client.post('/orders/slicing', {
      ...limitBuy('1000000001'),
      exchangeSegment: 'NSE_FNO',
      productType: 'MARGIN',
      securityId: '900001',
      quantity: 65 * 30,
      price: 25_000,
      correlationId: 'sliced',
    });
    expect(status).toBe(200);
    expect(Object.keys(rowsOf(json)[0] ?? {})).toEqual(Object.keys(rowsOf(fixture('order_slicing_200.json'))[0] ?? {}));
    const rows = rowsOf((await client.get('/orders/external/sliced')).json);
    expect(rows.map((row) => row['quantity'])).toEqual([65 * 27, 65 * 3]);
    expect(rows[0]).toMatchObject({ drvExpiryDate: '2026-12-29', drvOptionType: 'NA', drvStrikePrice: 0 });
  });
});

describe('changing', () => {
  test('modifies with the documents’ strings; the quantity is the total', async () => {
    const { client } = await started(onTestFinished);
    const orderId = await client.placed();
    const body = { ...rowOf(fixture('order_modify_request.json')), dhanClientId: '1000000001', orderId, price: '1380' };
    const { status, json } = await client.put(`/orders/${orderId}`, { ...body, disclosedQuantity: '20' });
    expect([status, json]).toEqual([200, { orderId, orderStatus: 'TRANSIT' }]);
    expect(await client.row(orderId)).toMatchObject({ quantity: 40, price: 1380, disclosedQuantity: 20 });
  });

  test('turns a resting order into a market order, protected like a new one', async () => {
    const { client } = await started(onTestFinished);
    const orderId = await client.placed();
    const change = { dhanClientId: '1000000001', orderId, orderType: 'MARKET' };
    expect((await client.put(`/orders/${orderId}`, change)).status).toBe(200);
    expect(await client.row(orderId)).toMatchObject({ orderStatus: 'TRADED', price: 1414, averageTradedPrice: 1400 });
  });

  test('refuses to make a stop without a trigger', async () => {
    const { client } = await started(onTestFinished);
    const orderId = await client.placed();
    const change = { dhanClientId: '1000000001', orderId, orderType: 'STOP_LOSS', price: 1410 };
    expect((await client.put(`/orders/${orderId}`, change)).status).toBe(400);
    expect(await client.row(orderId)).toMatchObject({ orderType: 'LIMIT', price: 1390, orderStatus: 'PENDING' });
  });

  test('cancels with 202 and keeps what was filled', async () => {
    const { simulator, client } = await started(onTestFinished);
    const orderId = await client.placed();
    simulator.exchange.fill(orderId, 4, 1390);
    const { status, json } = await client.delete(`/orders/${orderId}`);
    expect([status, json]).toEqual([202, { orderId, orderStatus: 'CANCELLED' }]);
    expect(await client.row(orderId)).toMatchObject({ orderStatus: 'CANCELLED', filledQty: 4, remainingQuantity: 6 });
    expect((await client.delete(`/orders/${orderId}`)).status).toBe(400);
  });

  test('refuses to modify after hours, and lets a waiting order be cancelled', async () => {
    const clock = steppingClock(Date.parse('2026-11-21T10:00:00+05:30'));
    const { client } = await started(onTestFinished, { clock });
    const orderId = await client.placed({ afterMarketOrder: true });
    const change = { dhanClientId: '1000000001', orderId, orderType: 'LIMIT', price: 1380 };
    const { json } = await client.put(`/orders/${orderId}`, change);
    expect(rowOf(json)['errorMessage']).toBe('Market is Closed! You cannot modify/cancel an order now.');
    expect((await client.delete(`/orders/${orderId}`)).status).toBe(202);
  });
});

describe('reading', () => {
  test('answers [] for an order and a tag that nobody knows, or as the options say', async () => {
    const { client } = await started(onTestFinished);
    expect(await client.get('/orders/123456789012')).toEqual({ status: 200, json: [] });
    expect(await client.get('/orders/external/none')).toEqual({ status: 200, json: [] });

    const other = await started(onTestFinished, { dhan: { unknownTag: 'error', orderById: 'object' } });
    expect((await other.client.get('/orders/external/none')).status).toBe(400);
    const orderId = await other.client.placed();
    expect(rowOf((await other.client.get(`/orders/${orderId}`)).json)).toMatchObject({ orderId });
  });

  test('reads a correlation id with a space from the path', async () => {
    const { client } = await started(onTestFinished);
    await client.placed({ correlationId: 'my order_1-a' });
    expect(rowsOf((await client.get('/orders/external/my%20order_1-a')).json)).toHaveLength(1);
  });

  test('shows one account nothing of another', async () => {
    const { simulator, client } = await started(onTestFinished);
    const orderId = await client.placed();
    const second = simulator.dhan.addAccount({ clientId: '1000000002' });
    const stranger = clientOf(simulator, second);
    expect(await stranger.book()).toEqual([]);
    expect((await stranger.get(`/orders/${orderId}`)).json).toEqual([]);
    expect((await stranger.delete(`/orders/${orderId}`)).status).toBe(400);
  });

  test('answers 404 in the framework’s words for a path nobody serves', async () => {
    const { client } = await started(onTestFinished);
    const { status, json } = await client.get('/invalid_endpoint');
    const sample = rowsOf(fixture('errors.json')).at(-1);
    expect(status).toBe(404);
    expect({ ...rowOf(json), timestamp: 0 }).toEqual({ ...rowOf(sample?.['body']), timestamp: 0 });
  });
});

test('a path with a broken escape names nothing', async () => {
  const { simulator } = await started(onTestFinished);
  const { accessToken } = simulator.dhan.credentials;
  const reply = await send({
    url: `${simulator.dhan.baseUrl}/orders/%E0%A4%A`,
    headers: { 'access-token': accessToken },
  });
  expect(reply.status).toBe(404);
});
