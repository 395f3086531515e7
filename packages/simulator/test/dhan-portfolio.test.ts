import { expect, onTestFinished, test } from 'vitest';
import { clientOf, fixture, rowOf, rowsOf, started, steppingClock } from './support.js';

const keysOf = (value: unknown): readonly string[] => Object.keys(rowOf(value));
const firstOf = (value: unknown): unknown => rowsOf(value)[0];

test('gives one trade row per fill, with the keys of the documents', async () => {
  const { simulator, client } = await started(onTestFinished);
  const orderId = await client.placed();
  simulator.exchange.fill(orderId, 4, 1390);
  simulator.exchange.fill(orderId, 6, 1389);
  const rows = rowsOf((await client.get('/trades')).json);
  expect(rows.map((row) => [row['tradedQuantity'], row['tradedPrice']])).toEqual([
    [4, 1390],
    [6, 1389],
  ]);
  expect(keysOf(rows[0])).toEqual(keysOf(firstOf(fixture('trades_docs_200.json'))));
  expect((await client.get('/trades/')).json).toEqual(rows);
  expect((await client.get(`/trades/${orderId}`)).json).toEqual(rows);
  expect((await client.get('/trades/999999999999')).json).toEqual([]);
});

test('gives the trades of past days by page, createTime "NA"', async () => {
  const { client } = await started(onTestFinished);
  await client.placed({ price: 1400 });
  const [row] = rowsOf((await client.get('/trades/2026-11-20/2026-11-20/0')).json);
  expect(new Set(keysOf(row))).toEqual(new Set(keysOf(firstOf(fixture('trade_history_200.json')))));
  expect(row).toMatchObject({ createTime: 'NA', customSymbol: 'Reliance Industries' });
  expect((await client.get('/trades/2026-11-20/2026-11-20/1')).json).toEqual([]);
  expect((await client.get('/trades/2026-11-21/2026-11-22/0')).json).toEqual([]);
});

test('gives positions with the keys of the documents, closed ones too', async () => {
  const { simulator, client } = await started(onTestFinished);
  await client.placed({ price: 1400 });
  simulator.exchange.setLastPrice('RELIANCE', 1405);
  const [open] = rowsOf((await client.get('/positions')).json);
  expect(keysOf(open)).toEqual(keysOf(firstOf(fixture('positions_200.json'))));
  expect(open).toMatchObject({ positionType: 'LONG', netQty: 10, buyAvg: 1400, unrealizedProfit: 50 });
  await client.placed({ transactionType: 'SELL', price: 1405 });
  const [closed] = rowsOf((await client.get('/positions')).json);
  expect(closed).toMatchObject({ positionType: 'CLOSED', netQty: 0, realizedProfit: 50 });
});

test('answers DH-1111 for an account without holdings, and rows for one with', async () => {
  const { simulator, client } = await started(onTestFinished);
  const { status, json } = await client.get('/holdings');
  expect([status, rowOf(json)['errorCode']]).toEqual([500, 'DH-1111']);

  const holdings = [{ instrument: 'RELIANCE', quantity: 50, averagePrice: 1200.5 }];
  const owner = clientOf(simulator, simulator.dhan.addAccount({ clientId: '1000000002', holdings }));
  await owner.placed({ productType: 'CNC', transactionType: 'SELL', quantity: 20, price: 1500 });
  const [row] = rowsOf((await owner.get('/holdings')).json);
  const documented = keysOf(firstOf(fixture('holdings_200.json')));
  expect(keysOf(row).slice(0, documented.length)).toEqual(documented);
  expect(row).toMatchObject({ isin: 'INE002A01018', totalQty: 50, availableQty: 30, avgCostPrice: 1200.5 });
});

test('gives funds under the misspelt key, less what orders hold back', async () => {
  const { client } = await started(onTestFinished);
  await client.placed();
  const { json } = await client.get('/fundlimit');
  expect(keysOf(json)).toEqual(keysOf(fixture('fundlimit_200.json')));
  expect(json).toMatchObject({ availabelBalance: 997_220, sodLimit: 1_000_000, utilizedAmount: 2_780 });
});

test('tells the margin an order would need', async () => {
  const { client } = await started(onTestFinished);
  const order = { dhanClientId: '1000000001', exchangeSegment: 'NSE_EQ', transactionType: 'BUY', securityId: '2885' };
  const { status, json } = await client.post('/margincalculator', {
    ...order,
    quantity: 10,
    productType: 'INTRADAY',
    price: 1400,
    triggerPrice: 0,
  });
  expect(status).toBe(200);
  expect(keysOf(json)).toEqual(keysOf(fixture('margin_200.json')));
  expect(json).toMatchObject({ totalMargin: 2_800, insufficientBalance: 0, leverage: '5.00' });
});

test('carries an open futures position into the next day', async () => {
  const clock = steppingClock();
  const { client, simulator } = await started(onTestFinished, { clock });
  const future = { exchangeSegment: 'NSE_FNO', productType: 'MARGIN', securityId: '900001', quantity: 65 };
  await client.placed({ ...future, price: 26_000 });
  clock.setTo('2026-11-20T20:00:00+05:30');
  simulator.exchange.setLastPrice('NSE_FNO:900001', 26_100);
  clock.setTo('2026-11-20T23:59:00+05:30');
  expect(rowsOf((await client.get('/positions')).json)[0]).toMatchObject({ dayBuyQty: 65, carryForwardBuyQty: 0 });
  clock.advance(120_000); // the token made at 10:00 is still good at 00:01
  expect(rowsOf((await client.get('/positions')).json)[0]).toMatchObject({ dayBuyQty: 0, carryForwardBuyQty: 65 });
});
