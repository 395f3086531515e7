import { expect, onTestFinished, test } from 'vitest';
import { clientOf, expectShape, listOf, loggedIn, sample, startedKotak } from './kotak-support.js';
import { rowOf } from './support.js';

test('gives one trade row per fill, with the keys and types of the documents', async () => {
  const { simulator, client } = await startedKotak(onTestFinished);
  const orderNumber = await client.placed({ ig: 'mine' });
  simulator.exchange.fill(orderNumber, 4, 1390);
  simulator.exchange.fill(orderNumber, 6, 1389);
  const { json } = await client.get('/quick/user/trades');
  expectShape(json, sample('trade_book_200.json'));
  expect(listOf(json).map((row) => [row['fldQty'], row['avgPrc'], row['qty'], row['tok'], row['prc']])).toEqual([
    [4, '1390.00', 0, '', ''],
    [6, '1389.00', 0, '', ''],
  ]);
  const [documented] = listOf(sample('trade_book_200.json'));
  expect(Object.keys(listOf(json)[0] ?? {})).toEqual(Object.keys(documented ?? {}));
  expect(listOf(json)[0]).toMatchObject({
    nOrdNo: orderNumber,
    GuiOrdId: 'mine',
    flDt: '20-Nov-2026',
    flTm: '10:00:00',
  });
});

test('gives positions with the keys and types of the documents, closed ones too', async () => {
  const { simulator, client } = await startedKotak(onTestFinished);
  const option = { es: 'nse_fo', pc: 'NRML', ts: 'NIFTY26D0126000CE', qt: '65', pr: '150' };
  await client.placed(option);
  const reply = await client.get('/portfolio/v2/positions');
  expectShape(reply.json, sample('positions_200.json'));
  const { ltp, ...older } = listOf(reply.json)[0] ?? {};
  expect(ltp).toBe('150.00');
  const open = await client.get('/quick/user/positions');
  expect(listOf(open.json)).toEqual([older]);
  expect(listOf(open.json)[0]).toMatchObject({
    tok: '900002',
    type: 'OPTIDX',
    sym: 'NIFTY',
    optTp: 'CE',
    stkPrc: '26000.00',
    expDt: '01 Dec, 2026',
    exp: String(Date.parse('2026-12-01T00:00:00Z') / 1_000),
    flBuyQty: '65',
    buyAmt: '9750.00',
    lotSz: '65',
    brdLtQty: 65,
  });
  simulator.exchange.setLastPrice('NIFTY-Dec2026-26000-CE', 160);
  await client.placed({ ...option, tt: 'S', pr: '160' });
  const [closed] = listOf((await client.get('/quick/user/positions')).json);
  expect(closed).toMatchObject({ flBuyQty: '65', flSellQty: '65', sellAmt: '10400.00' });
});

test('carries a position into the next day, worth the previous close', async () => {
  const { simulator, client, clock } = await startedKotak(onTestFinished);
  await client.placed({ es: 'nse_fo', pc: 'NRML', ts: 'NIFTY26DECFUT', qt: '65', pr: '26000' });
  simulator.exchange.setLastPrice('NSE_FNO:900001', 26_100);
  clock.setTo('2026-11-23T09:00:00+05:30');
  const tomorrow = clientOf(await loggedIn(simulator));
  const [carried] = listOf((await tomorrow.get('/quick/user/positions')).json);
  expect(carried).toMatchObject({ cfBuyQty: '65', cfBuyAmt: '1696500.00', flBuyQty: '0', buyAmt: '0.00' });
  expect((await tomorrow.get('/quick/user/orders')).json).toEqual(sample('empty_book_5203.json'));
});

test('gives holdings as true numbers, less what is being sold, and none as an empty list', async () => {
  const { simulator, client } = await startedKotak(onTestFinished);
  expect(await client.get('/portfolio/v1/holdings')).toEqual({ status: 200, json: { data: [] } });

  const holdings = [{ instrument: 'RELIANCE', quantity: 50, averagePrice: 1200.5 }];
  const owner = clientOf(await loggedIn(simulator, simulator.kotak.addAccount({ clientId: 'B2000002', holdings })));
  await owner.placed({ pc: 'CNC', tt: 'S', qt: '20', pr: '1500' });
  const { json } = await owner.get('/portfolio/v1/holdings');
  expectShape(json, sample('holdings_200.json'));
  const [row] = listOf(json);
  expect(Object.keys(row ?? {})).toEqual(Object.keys(listOf(sample('holdings_200.json'))[0] ?? {}));
  expect(row).toMatchObject({
    symbol: 'RELIANCE',
    exchangeIdentifier: '2885',
    quantity: 50,
    sellableQuantity: 30,
    averagePrice: 1200.5,
    mktValue: 70_000,
  });
  expect(String(row?.['instrumentToken'])).not.toBe('2885');
});

test('says 5203 to an account without holdings when told to', async () => {
  const { client } = await startedKotak(onTestFinished, { kotak: { emptyHoldings: 'no-data' } });
  expect((await client.get('/portfolio/v1/holdings')).json).toEqual(sample('empty_book_5203.json'));
});

test('gives limits flat and as texts, less what orders hold back', async () => {
  const { simulator, client } = await startedKotak(onTestFinished);
  await client.placed();
  await client.placed({ pr: '1400', pc: 'NRML' });
  simulator.exchange.setLastPrice('RELIANCE', 1405);
  const { json } = await client.form('/quick/user/limits', { seg: 'ALL', exch: 'ALL', prod: 'ALL' });
  expectShape(json, sample('limits_200.json'));
  expect(json).toMatchObject({
    CollateralValue: '1000000',
    MarginUsed: '16780',
    Net: '983220',
    UnrealizedMtomPrsnt: '50',
    CashUnRlsMtomPrsnt: '50',
    FoUnRlsMtomPrsnt: '0',
    stat: 'Ok',
    stCode: 200,
  });
});

test('tells the margin an order would need, and what is missing', async () => {
  const { client } = await startedKotak(onTestFinished);
  const order = { exSeg: 'nse_cm', prc: '1400', prcTp: 'L', prod: 'MIS', qty: '10', tok: '2885', trnsTp: 'B' };
  const { json } = await client.form('/quick/user/check-margin', { ...order, trgPrc: '0' });
  expectShape(json, sample('margin_200.json'));
  expect(json).toMatchObject({ ordMrgn: '2800.000000', insufFund: '0.000000', rmsVldtd: 'OK' });
  const large = await client.form('/quick/user/check-margin', {
    ...order,
    qty: '10000',
    brkName: 'KOTAK',
    slVal: null,
  });
  expect(large.json).toMatchObject({ insufFund: '1800000.000000', rmsVldtd: 'NOT_OK' });
  const unknown = await client.form('/quick/user/check-margin', { ...order, tok: '1' });
  expect(rowOf(unknown.json)['stCode']).toBe(1009);
});
