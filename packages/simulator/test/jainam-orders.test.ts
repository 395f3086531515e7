import { describe, expect, onTestFinished, test } from 'vitest';
import { XTS_LIMIT_BUY, resultOf, shapeOf, startedJainam, verdictOf, xtsError, xtsFixture } from './jainam-support.js';
import { rowOf, rowsOf, steppingClock } from './support.js';

const recordedRows = () => rowsOf(rowOf(xtsFixture('order_book_200.json'))['result']);

/** `2020-12-21T14:59:41.1535468`, with up to seven decimals. */
const FINE_TIME = /^2026-11-20T10:00:\d{2}(\.\d{1,7})?$/;

describe('placing', () => {
  test('answers exactly what was recorded, and shows rows of both recorded shapes, newest first', async () => {
    const { client } = await startedJainam(onTestFinished);
    const reply = await client.place();
    const sample = rowOf(xtsFixture('place_order_200.json'));
    expect({ ...rowOf(reply.json), result: null }).toEqual({ ...sample, result: null });
    expect(shapeOf(resultOf(reply))).toEqual(shapeOf(sample['result']));
    await client.place({ orderType: 'MARKET', limitPrice: 0, orderUniqueIdentifier: 'tag2' });

    const rows = await client.book();
    const [newer, older] = recordedRows();
    expect(rows.map((row) => row['OrderUniqueIdentifier'])).toEqual(['tag2', 'tag1']);
    expect(shapeOf(rows[0])).toEqual(shapeOf(newer));
    expect(shapeOf(rows[1])).toEqual(shapeOf(older));
    expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(newer ?? {}));
    expect(Object.keys(rows[1] ?? {})).toEqual(Object.keys(older ?? {}));
  });

  test('fills a row as the recording does', async () => {
    const { client } = await startedJainam(onTestFinished);
    const id = await client.placed({ orderType: 'MARKET', orderUniqueIdentifier: '123888' });
    const row = await client.row(id);
    expect(row).toMatchObject({
      GeneratedBy: 'TWSAPI',
      OrderCategoryType: 'NORMAL',
      ExchangeInstrumentID: 2885,
      OrderSide: 'Buy',
      OrderType: 'Market',
      OrderPrice: 0,
      OrderStatus: 'Filled',
      OrderAverageTradedPrice: '1,400.00',
      LeavesQuantity: 0,
      CumulativeQuantity: 10,
      OrderExpiryDate: '1980-01-01T00:00:00',
      OrderUniqueIdentifier: '123888',
    });
    expect(row['OrderGeneratedDateTime']).toMatch(FINE_TIME);
    expect(row['ExchangeTransactTime']).toMatch(/^2026-11-20T10:00:\d{2}\+05:30$/);
  });

  test('shows upper case and spelled dates as newer servers do', async () => {
    const { client } = await startedJainam(onTestFinished, { orderRows: 'newer' });
    const row = await client.row(await client.placed());
    expect(row).toMatchObject({ OrderSide: 'BUY', OrderType: 'LIMIT' });
    expect(row['LastUpdateDateTime']).toMatch(/^Nov 20 2026 10:00:\d{2}$/);
  });

  test('spells states as numbers and ids as text when told so', async () => {
    const { client } = await startedJainam(onTestFinished, { orderStatus: 'numbers', appOrderId: 'text' });
    const { AppOrderID: id } = rowOf(resultOf(await client.place()));
    await client.place({ orderType: 'MARKET' });
    await client.place({ limitPrice: 2000 });
    expect((await client.book()).map((row) => row['OrderStatus'])).toEqual([56, 50, 48]);
    expect((await client.book()).at(-1)).toHaveProperty('AppOrderID', id);
    expect(id).toMatch(/^\d{10}$/);
    expect((await client.call('DELETE', `/orders?appOrderID=${String(id)}`)).status).toBe(200);
    expect((await client.book()).at(-1)).toHaveProperty('OrderStatus', 52);
  });

  test('takes numbers as numbers or as text, and ignores prices that the order type does not use', async () => {
    const { client } = await startedJainam(onTestFinished);
    const example = {
      exchangeInstrumentID: 2885,
      productType: 'NRML',
      orderType: 'MARKET',
      disclosedQuantity: 0,
      orderQuantity: 20,
      limitPrice: 1500,
      stopPrice: 1600,
      apiOrderSource: '',
      clientID: 'A1000001',
    };
    const row = await client.row(await client.placed(example));
    expect(row).toMatchObject({ OrderStatus: 'Filled', OrderStopPrice: 0, OrderQuantity: 20, ProductType: 'NRML' });
  });

  test('names every wrong field as XTS does', async () => {
    const { client } = await startedJainam(onTestFinished);
    const { orderQuantity: _, ...noQuantity } = XTS_LIMIT_BUY;
    expect(await client.call('POST', '/orders', noQuantity)).toEqual({ status: 400, json: xtsError('validation') });
    const wrong = {
      exchangeSegment: 1,
      orderType: 'Limit',
      timeInForce: 'GTC',
      productType: 'MTF',
      orderUniqueIdentifier: '123456789012345678901',
    };
    const reply = await client.place(wrong);
    const fields = rowsOf(rowOf(resultOf(reply))['errors']).map(({ field }) => field);
    expect(fields).toEqual([
      ['exchangeSegment'],
      ['orderUniqueIdentifier'],
      ['productType'],
      ['orderType'],
      ['timeInForce'],
    ]);
    for (const changes of [
      { limitPrice: 0 },
      { orderQuantity: 0 },
      { orderQuantity: 1.5 },
      { orderType: 'STOPMARKET' },
      { limitPrice: -1 },
      { orderType: 'STOPLIMIT', limitPrice: 1390, stopPrice: 1395 },
    ]) {
      const { status } = await client.place(changes);
      expect([changes, status]).toEqual([changes, 400]);
    }
    expect(await client.book()).toEqual([]);
  });

  test('refuses an instrument that it does not know, or that has gone', async () => {
    const { client } = await startedJainam(onTestFinished);
    const gone = { exchangeSegment: 'NSEFO', exchangeInstrumentID: 62329, orderQuantity: 65, limitPrice: 25_000 };
    for (const changes of [{ exchangeInstrumentID: 1 }, gone, { exchangeInstrumentID: 26000 }]) {
      expect(verdictOf(await client.place(changes))).toEqual([400, 'e-instrument-0001']);
    }
  });

  test('accepts the same tag twice: nothing here is unique', async () => {
    const { simulator, client } = await startedJainam(onTestFinished);
    await client.place();
    await client.place();
    expect(simulator.ledger().map(({ tag }) => tag)).toEqual(['tag1', 'tag1']);
  });

  test('says "Request sent" to what is thrown out a moment later, with the reason in the book alone', async () => {
    const clock = steppingClock();
    const { simulator, client } = await startedJainam(onTestFinished, {}, { clock });
    const reasonOf = async (changes: Readonly<Record<string, unknown>>) => {
      const row = await client.row(await client.placed(changes));
      expect(row).toMatchObject({ OrderStatus: 'Rejected', ExchangeOrderID: '', OrderAverageTradedPrice: '' });
      return row['CancelRejectReason'];
    };
    const option = { exchangeSegment: 'NSEFO', exchangeInstrumentID: 900002, productType: 'NRML', limitPrice: 150 };
    expect(await reasonOf({ orderQuantity: 100_000 })).toContain('Margin Exceeds');
    expect(await reasonOf({ limitPrice: 1390.01 })).toContain('tick size');
    expect(await reasonOf({ limitPrice: 2000 })).toContain('circuit');
    expect(await reasonOf({ ...option, orderQuantity: 10 })).toContain('lot size');
    expect(await reasonOf({ ...option, orderQuantity: 65 * 28 })).toContain('freeze quantity');
    expect(await reasonOf({ ...option, orderQuantity: 65, productType: 'CNC' })).toContain('Product');
    expect(await reasonOf({ productType: 'CNC', orderSide: 'SELL', limitPrice: 1410 })).toContain('holdings');
    clock.setTo('2026-11-20T15:30:00+05:30');
    expect(await reasonOf({})).toContain('Market is closed');
    expect(simulator.ledger()).toEqual([]);
    clock.setTo('2026-11-20T15:35:00+05:30'); // derivatives trade on until 15:40
    expect((await client.row(await client.placed({ ...option, orderQuantity: 65 })))['OrderStatus']).toBe('Filled');
  });

  test('can throw market orders out, and refuse an address', async () => {
    const strict = await startedJainam(onTestFinished, { marketOrders: 'reject' });
    const row = await strict.client.row(await strict.client.placed({ orderType: 'MARKET' }));
    expect(row).toMatchObject({
      OrderStatus: 'Rejected',
      CancelRejectReason: expect.stringContaining('Market orders'),
    });
    const away = await startedJainam(onTestFinished, { staticIp: 'refuse' });
    const reply = await away.client.place();
    expect(rowOf(reply.json)['description']).toContain('IP');
    expect(away.simulator.ledger()).toEqual([]);
  });

  test('refuses a segment that the account has not', async () => {
    const { client } = await startedJainam(onTestFinished, { account: { clientId: 'X1', segments: ['NSE_FNO'] } });
    expect(verdictOf(await client.place())).toEqual([400, 'e-orders-0101']);
  });

  test('can leave an order PendingNew for a while', async () => {
    const clock = steppingClock();
    const { client } = await startedJainam(onTestFinished, { pendingNewMs: 2_000 }, { clock });
    const id = await client.placed({ orderType: 'MARKET' });
    expect(await client.row(id)).toMatchObject({
      OrderStatus: 'PendingNew',
      CumulativeQuantity: 0,
      LeavesQuantity: 10,
      OrderAverageTradedPrice: '',
    });
    expect(verdictOf(await client.call('GET', '/orders/trades'))).toEqual([400, 'e-tradebook-0005']);
    clock.advance(2_000);
    expect(await client.row(id)).toMatchObject({ OrderStatus: 'Filled', CumulativeQuantity: 10 });
    expect((await client.call('GET', '/orders/trades')).status).toBe(200);
  });

  test('has no cover and bracket orders, and says so in its envelope', async () => {
    const { client } = await startedJainam(onTestFinished);
    for (const [method, path] of [
      ['POST', '/orders/cover'],
      ['PUT', '/orders/bracket'],
      ['DELETE', '/orders/bracket?boEntryOrderId=1'],
    ] as const) {
      expect(verdictOf(await client.call(method, path))).toEqual([400, 'e-orders-0106']);
    }
  });
});

describe('what becomes of an order', () => {
  test('shows a stop as New until it fires, and then as the order it became', async () => {
    const { simulator, client } = await startedJainam(onTestFinished);
    const stop = { orderSide: 'SELL', stopPrice: 1380, limitPrice: 1375 };
    const market = await client.placed({ ...stop, orderType: 'STOPMARKET', limitPrice: 0 });
    const limit = await client.placed({ ...stop, orderType: 'STOPLIMIT' });
    expect(await client.row(market)).toMatchObject({ OrderStatus: 'New', OrderType: 'StopMarket' });
    expect(await client.row(limit)).toMatchObject({ OrderStatus: 'New', OrderType: 'StopLimit', OrderPrice: 1375 });
    simulator.exchange.setLastPrice('RELIANCE', 1380);
    expect(await client.row(market)).toMatchObject({
      OrderStatus: 'Filled',
      OrderType: 'Market',
      OrderStopPrice: 1380,
    });
    expect(await client.row(limit)).toMatchObject({ OrderStatus: 'Filled', OrderType: 'Limit', OrderStopPrice: 1380 });
  });

  test('keeps what is left in LeavesQuantity when an order is cancelled, and what was filled', async () => {
    const { simulator, client } = await startedJainam(onTestFinished);
    const id = await client.placed();
    simulator.exchange.fill(id, 4, 1390);
    expect(await client.row(id)).toMatchObject({ OrderStatus: 'PartiallyFilled', CumulativeQuantity: 4 });
    expect((await client.call('DELETE', `/orders?appOrderID=${id}`)).status).toBe(200);
    expect(await client.row(id)).toMatchObject({
      OrderStatus: 'Cancelled',
      LeavesQuantity: 6,
      CumulativeQuantity: 4,
      OrderAverageTradedPrice: '1,390.00',
    });
    const untouched = await client.placed();
    await client.call('DELETE', `/orders?appOrderID=${untouched}`);
    expect(await client.row(untouched)).toMatchObject({ OrderStatus: 'Cancelled', LeavesQuantity: 10 });
  });

  test('lets a day order expire, and a remainder of IOC go', async () => {
    const clock = steppingClock();
    const { client } = await startedJainam(onTestFinished, {}, { clock });
    const day = await client.placed();
    const ioc = await client.placed({ timeInForce: 'IOC' });
    expect(await client.row(ioc)).toMatchObject({ OrderStatus: 'Cancelled', TimeInForce: 'IOC' });
    clock.setTo('2026-11-20T15:30:00+05:30');
    expect(await client.row(day)).toMatchObject({ OrderStatus: 'Expired' });
  });

  test('keeps the tag of an order that has ended, or loses it when told so', async () => {
    for (const [endedOrderTag, tag] of [
      ['keeps', 'tag1'],
      ['loses', ''],
    ] as const) {
      const { client } = await startedJainam(onTestFinished, { endedOrderTag });
      const open = await client.placed();
      const filled = await client.placed({ orderType: 'MARKET' });
      expect((await client.row(open))['OrderUniqueIdentifier']).toBe('tag1');
      expect((await client.row(filled))['OrderUniqueIdentifier']).toBe(tag);
    }
  });
});

const modification = (appOrderID: unknown, changes: Readonly<Record<string, unknown>> = {}) => ({
  appOrderID,
  modifiedProductType: 'MIS',
  modifiedOrderType: 'LIMIT',
  modifiedOrderQuantity: 20,
  modifiedDisclosedQuantity: 0,
  modifiedLimitPrice: 1385,
  modifiedStopPrice: 0,
  modifiedTimeInForce: 'DAY',
  orderUniqueIdentifier: 'other',
  ...changes,
});

describe('changing', () => {
  test('modifies all terms at once, and the order stays alive as Replaced under its own tag', async () => {
    const { client } = await startedJainam(onTestFinished);
    const id = await client.placed();
    const reply = await client.call('PUT', '/orders', modification(Number(id)));
    expect(resultOf(reply)).toEqual({ AppOrderID: Number(id), OrderUniqueIdentifier: 'tag1', ClientID: 'A1000001' });
    expect(await client.row(id)).toMatchObject({
      OrderStatus: 'Replaced',
      OrderQuantity: 20,
      OrderPrice: 1385,
      OrderUniqueIdentifier: 'tag1',
    });
    await client.call('PUT', '/orders', modification(id, { modifiedOrderType: 'MARKET', modifiedLimitPrice: 300 }));
    expect(await client.row(id)).toMatchObject({ OrderStatus: 'Filled', CumulativeQuantity: 20, OrderType: 'Market' });
  });

  test('refuses what cannot be changed', async () => {
    const clock = steppingClock();
    const { client } = await startedJainam(onTestFinished, {}, { clock });
    const id = await client.placed();
    const modify = async (given: unknown, changes = {}) =>
      verdictOf(await client.call('PUT', '/orders', modification(given, changes)));
    expect(await modify(999)).toEqual([400, 'e-orders-0001']);
    expect(await modify(undefined)).toEqual([400, 'e-property-validation-failed']);
    expect(await modify(id, { modifiedProductType: 'CO' })).toEqual([400, 'e-property-validation-failed']);
    expect(await modify(id, { modifiedProductType: 'NRML' })).toEqual([400, 'e-orders-0105']);
    expect(await modify(id, { modifiedLimitPrice: 1385.01 })).toEqual([400, 'e-orders-0104']);
    const filled = await client.placed({ orderType: 'MARKET' });
    expect(await modify(filled)).toEqual([400, 'e-orders-0102']);
    clock.setTo('2026-11-20T15:29:59+05:30');
    expect(await modify(id)).toEqual([200, 's-orders-0001']);
    clock.setTo('2026-11-21T10:00:00+05:30');
    expect((await modify(id))[0]).toBe(400);
  });

  test('cancels by the id alone, whatever stands beside it', async () => {
    const { client } = await startedJainam(onTestFinished);
    const cancel = async (query: string) => verdictOf(await client.call('DELETE', `/orders${query}`));
    const id = await client.placed();
    expect(await cancel('')).toEqual([400, 'e-property-validation-failed']);
    expect(await cancel('?appOrderID=undefined')).toEqual([400, 'e-property-validation-failed']);
    expect(await cancel('?appOrderID=999')).toEqual([400, 'e-orders-0001']);
    expect(await cancel(`?appOrderID=${id}&orderUniqueIdentifier=undefined&clientID=undefined`)).toEqual([
      200,
      's-orders-0001',
    ]);
    expect(await cancel(`?appOrderID=${id}`)).toEqual([400, 'e-orders-0102']);
  });

  test('cancels all orders of an instrument or of a segment', async () => {
    const { client } = await startedJainam(onTestFinished);
    const statuses = async () => (await client.book()).map((row) => row['OrderStatus']);
    await client.place();
    await client.place({ exchangeInstrumentID: 11536, limitPrice: 3000, orderQuantity: 1 });
    await client.call('POST', '/orders/cancelall', { exchangeSegment: 'NSECM', exchangeInstrumentID: 2885 });
    expect(await statuses()).toEqual(['New', 'Cancelled']);
    await client.call('POST', '/orders/cancelall', { exchangeSegment: 'NSEFO', exchangeInstrumentID: 0 });
    expect(await statuses()).toEqual(['New', 'Cancelled']);
    await client.call('POST', '/orders/cancelall', { exchangeSegment: 'NSECM', exchangeInstrumentID: 0 });
    expect(await statuses()).toEqual(['Cancelled', 'Cancelled']);
  });

  test('a dealer’s cancel-all in his own name reaches all of his clients', async () => {
    const account = { clientId: 'D1', dealer: true, clientCodes: ['C1', 'C2'] };
    const { simulator, client } = await startedJainam(onTestFinished, { account });
    await client.place({ clientID: 'C1' });
    await client.place({ clientID: 'C2' });
    const all = { exchangeSegment: 'NSECM', exchangeInstrumentID: 0, clientID: 'D1' };
    expect((await client.call('POST', '/orders/cancelall', all)).status).toBe(200);
    expect(simulator.exchange.orders().map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('reading', () => {
  test('answers "Data Not Available" with 400 for a day without orders', async () => {
    const { client } = await startedJainam(onTestFinished);
    expect(await client.call('GET', '/orders')).toEqual({ status: 400, json: xtsError('empty_order_book') });
  });

  test('gives one order’s history, the latest row last', async () => {
    const { simulator, client } = await startedJainam(onTestFinished);
    const historyOf = async (id: string) =>
      rowsOf(resultOf(await client.call('GET', `/orders?appOrderID=${id}`))).map((row) => row['OrderStatus']);
    const id = await client.placed();
    expect(await historyOf(id)).toEqual(['PendingNew', 'New']);
    simulator.exchange.fill(id, 10, 1390);
    expect(await historyOf(id)).toEqual(['PendingNew', 'New', 'Filled']);
    expect(await historyOf(await client.placed({ limitPrice: 2000 }))).toEqual(['PendingNew', 'Rejected']);
    expect(verdictOf(await client.call('GET', '/orders?appOrderID=999'))).toEqual([400, 'e-orders-0001']);
    expect(simulator.received('orderHistory')).toHaveLength(4);
    expect(simulator.received('orderBook')).toHaveLength(0);
  });

  test('starts every day with an empty book', async () => {
    const clock = steppingClock();
    const { client } = await startedJainam(onTestFinished, {}, { clock });
    await client.place();
    clock.setTo('2026-11-21T09:00:00+05:30');
    expect(verdictOf(await client.call('GET', '/orders'))).toEqual([400, 'e-orders-0005']);
  });
});
