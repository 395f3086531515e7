import { expect, onTestFinished, test } from 'vitest';
import { angelFixture, loggedIn, refusalOf, sampleRow, shapeOf, startedAngel } from './angel-support.js';
import { rowOf, rowsOf, steppingClock } from './support.js';

test('gives one trade row per fill, all texts, without a date or a token', async () => {
  const { simulator, client } = await startedAngel(onTestFinished, {}, { clock: steppingClock() });
  expect(await client.data('order/v1/getTradeBook')).toBeNull();
  const { orderid } = await client.placed();
  simulator.exchange.fill(String(orderid), 4, 1390);
  simulator.exchange.fill(String(orderid), 6, 1389);
  const rows = rowsOf(await client.data('order/v1/getTradeBook'));
  expect(rows.map((row) => [row['fillsize'], row['fillprice'], row['tradevalue']])).toEqual([
    ['4', '1390.00', '5560.00'],
    ['6', '1389.00', '8334.00'],
  ]);
  expect(shapeOf(rows[0])).toEqual(shapeOf(sampleRow('trade_book_200.json')));
  expect(rows[0]).toMatchObject({ orderid, symbolgroup: 'EQ', strikeprice: '-1', filltime: '10:00:00' });
});

test('gives positions as texts, with a blank behind the minus of what was paid', async () => {
  const { client } = await startedAngel(onTestFinished);
  expect(await client.data('order/v1/getPosition')).toBeNull();
  await client.placed({ price: '1400', producttype: 'DELIVERY', quantity: '1' });
  const [open] = rowsOf(await client.data('order/v1/getPosition'));
  const sample = sampleRow('positions_200.json');
  expect(shapeOf(open)).toEqual(shapeOf(sample));
  // The documents' own position, at another price.
  const priced = JSON.stringify(sample).replaceAll('2235.80', '1400.00');
  expect(open).toEqual(JSON.parse(priced));

  await client.placed({ transactiontype: 'SELL', price: '1400', producttype: 'DELIVERY', quantity: '1' });
  const [closed] = rowsOf(await client.data('order/v1/getPosition'));
  expect(closed).toMatchObject({ netqty: '0', netvalue: '0', netprice: '0', buyqty: '1', sellqty: '1' });
});

test('carries an open futures position into the next day', async () => {
  const clock = steppingClock();
  const { client, simulator } = await startedAngel(onTestFinished, {}, { clock });
  const future = { exchange: 'NFO', tradingsymbol: 'NIFTY29DEC26FUT', symboltoken: '900001', quantity: '65' };
  await client.placed({ ...future, producttype: 'CARRYFORWARD', price: '26000' });
  expect(rowsOf(await client.data('order/v1/getPosition'))[0]).toMatchObject({ buyqty: '65', cfbuyqty: '0' });
  clock.setTo('2026-11-23T09:20:00+05:30');
  const next = await loggedIn(simulator);
  expect(rowsOf(await next.data('order/v1/getPosition'))[0]).toMatchObject({
    buyqty: '0',
    cfbuyqty: '65',
    cfbuyamount: '1690000.00',
    cfbuyavgprice: '26000.00',
    buyavgprice: '0',
    totalbuyavgprice: '26000.00',
    netqty: '65',
    expirydate: '29DEC2026',
    instrumenttype: 'FUTIDX',
  });
});

test('gives holdings as a list of numbers, null without any, and sums beside them', async () => {
  const holdings = [{ instrument: 'TCS', quantity: 50, averagePrice: 3000 }];
  const { simulator, client } = await startedAngel(onTestFinished);
  expect(await client.data('portfolio/v1/getHolding')).toBeNull();
  expect(await client.data('portfolio/v1/getAllHolding')).toBeNull();

  const owner = await loggedIn(simulator, simulator.angel.addAccount({ clientId: 'B2000002', holdings }));
  const [row] = rowsOf(await owner.data('portfolio/v1/getHolding'));
  expect(shapeOf(row)).toEqual(shapeOf(sampleRow('holding_200.json')));
  expect(row).toMatchObject({
    tradingsymbol: 'TCS-EQ',
    isin: 'INE467B01029',
    quantity: 50,
    averageprice: 3000,
    ltp: 3100,
    profitandloss: 5000,
    pnlpercentage: 3.33,
  });
  expect(await owner.data('portfolio/v1/getAllHolding')).toEqual({
    holdings: [row],
    totalholding: {
      totalholdingvalue: 155_000,
      totalinvvalue: 150_000,
      totalprofitandloss: 5_000,
      totalpnlpercentage: 3.33,
    },
  });
});

test('gives funds as texts, less what orders hold back', async () => {
  const { client } = await startedAngel(onTestFinished);
  await client.placed();
  const funds = await client.data('user/v1/getRMS');
  expect(shapeOf(funds)).toEqual(shapeOf(sampleRow('rms_200.json')));
  expect(funds).toMatchObject({ net: '997220', availablecash: '997220', utiliseddebits: '2780' });
});

test('tells the margin of a batch, premiums apart', async () => {
  const { client } = await startedAngel(onTestFinished);
  const [request] = rowsOf(rowOf(angelFixture('margin_batch_request.json'))['positions']);
  const legs = [
    { ...request, token: '900002', qty: 65, price: 100 },
    {
      exchange: 'NSE',
      qty: 10,
      price: '1400',
      productType: 'DELIVERY',
      token: '2885',
      tradeType: 'BUY',
      orderType: 'LIMIT',
    },
    { exchange: 'NSE', qty: 10, price: 1400, productType: 'INTRADAY', token: '2885', tradeType: 'SELL' },
  ];
  const data = rowOf(await client.data('margin/v1/batch', { positions: legs }));
  const sample = sampleRow('margin_batch_200.json');
  expect(shapeOf(data)).toEqual(shapeOf(sample));
  expect(shapeOf(data['marginComponents'])).toEqual(shapeOf(sample['marginComponents']));
  expect(shapeOf(rowsOf(data['marginBreakup'])[0])).toEqual(shapeOf(rowsOf(sample['marginBreakup'])[0]));
  const [optionOfSample] = rowsOf(rowOf(sample['optionsBuy'])['optionDetails']);
  expect(shapeOf(rowsOf(rowOf(data['optionsBuy'])['optionDetails'])[0])).toEqual(shapeOf(optionOfSample));
  expect(data).toMatchObject({
    totalMarginRequired: 6_500 + 14_000 + 2_800,
    marginComponents: { totOptionsPremium: 6_500, deliveryMargin: 14_000, nonNFOMargin: 2_800 },
    marginBreakup: [
      { exchange: 'NFO', productType: 'INTRADAY', totalMarginRequired: 6_500 },
      { exchange: 'NSE', productType: 'DELIVERY', totalMarginRequired: 14_000 },
      { exchange: 'NSE', productType: 'INTRADAY', totalMarginRequired: 2_800 },
    ],
    optionsBuy: { optionDetails: [{ token: '900002', lotMultiplier: 65 }] },
  });
});

test('refuses a margin batch that is empty, too long or not to be read', async () => {
  const { client } = await startedAngel(onTestFinished);
  const leg = { exchange: 'NSE', qty: 1, price: 1, productType: 'DELIVERY', token: '2885', tradeType: 'BUY' };
  const codeOf = async (positions: unknown) => refusalOf(await client.post('margin/v1/batch', { positions }))[1];
  expect(await codeOf([])).toBe('AB1007');
  expect(await codeOf('none')).toBe('AB1007');
  expect(await codeOf([1])).toBe('AB1007');
  expect(await codeOf([{ ...leg, token: '1' }])).toBe('AB1007');
  expect(await codeOf([{ ...leg, qty: 0 }])).toBe('AB1007');
  expect(await codeOf(Array.from({ length: 51 }, () => leg))).toBe('AB1007');
  expect(await codeOf(Array.from({ length: 50 }, () => leg))).toBe('');
});

test('adds up the value of orders for their charges', async () => {
  const { client } = await startedAngel(onTestFinished);
  const order = {
    product_type: 'DELIVERY',
    transaction_type: 'BUY',
    exchange: 'NSE',
    symbol_name: 'RELIANCE',
    token: '2885',
  };
  const orders = [{ ...order, quantity: '10', price: '800' }];
  expect(await client.data('brokerage/v1/estimateCharges', { orders })).toMatchObject({
    summary: { trade_value: 8_000 },
  });
  expect(refusalOf(await client.post('brokerage/v1/estimateCharges', {}))[1]).toBe('AB1007');
});
