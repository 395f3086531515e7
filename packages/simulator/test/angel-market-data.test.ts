import { expect, onTestFinished, test } from 'vitest';
import { angelFixture, refusalOf, sampleRow, shapeOf, startedAngel } from './angel-support.js';
import { rowOf, rowsOf, send, steppingClock } from './support.js';

const fetchedOf = (data: unknown) => rowsOf(rowOf(data)['fetched']);

test.each([
  ['LTP', 'quote_ltp_200.json', 'ltp'],
  ['OHLC', 'quote_ohlc_200.json', 'ohlc'],
  ['FULL', 'quote_full_200.json', 'quote'],
])('quotes in mode %s with the fields and types of the documents', async (mode, file, operation) => {
  const { simulator, client } = await startedAngel(onTestFinished, {}, { clock: steppingClock() });
  simulator.exchange.setLastPrice('SBIN', 905);
  const data = await client.data('market/v1/quote', { mode, exchangeTokens: { NSE: ['3045'] } });
  const [sample] = fetchedOf(sampleRow(file));
  const [row] = fetchedOf(data);
  expect(shapeOf(row)).toEqual(shapeOf(sample));
  expect(row).toMatchObject({ exchange: 'NSE', tradingSymbol: 'SBIN-EQ', symbolToken: '3045', ltp: 905 });
  expect(simulator.received(operation)).toHaveLength(1);
});

test('shows depth, circuits and times in a full quote', async () => {
  const { simulator, client } = await startedAngel(onTestFinished, {}, { clock: steppingClock() });
  await client.placed();
  await client.placed({ price: '1389' });
  simulator.exchange.setLastPrice('RELIANCE', 1405);
  const [row] = fetchedOf(await client.data('market/v1/quote', { mode: 'FULL', exchangeTokens: { NSE: ['2885'] } }));
  const [sample] = fetchedOf(sampleRow('quote_full_200.json'));
  expect(row).toMatchObject({
    close: 1400,
    high: 1405,
    netChange: 5,
    percentChange: 0.36,
    lowerCircuit: 1120,
    upperCircuit: 1680,
    totBuyQuan: 20,
    exchTradeTime: '20-Nov-2026 10:00:00',
  });
  const { buy, sell } = rowOf(row?.['depth']);
  expect(shapeOf(rowsOf(buy)[0])).toEqual(shapeOf(rowsOf(rowOf(sample?.['depth'])['buy'])[0]));
  expect(rowsOf(buy).slice(0, 3)).toEqual([
    { price: 1390, quantity: 10, orders: 1 },
    { price: 1389, quantity: 10, orders: 1 },
    { price: 0, quantity: 0, orders: 0 },
  ]);
  expect([rowsOf(buy).length, rowsOf(sell).length]).toEqual([5, 5]);
});

test('tells apart what it could not fetch, and refuses more than fifty tokens', async () => {
  const { client } = await startedAngel(onTestFinished);
  const exchangeTokens = { NSE: ['2885', '1', '', '99926000'], MCX: ['900006'], NFO: ['35191'] };
  const data = rowOf(await client.data('market/v1/quote', { mode: 'LTP', exchangeTokens }));
  expect(fetchedOf(data).map((row) => row['tradingSymbol'])).toEqual(['RELIANCE-EQ', 'Nifty 50', 'CRUDEOIL18DEC26FUT']);
  expect(rowsOf(data['unfetched'])).toEqual([
    { exchange: 'NSE', symbolToken: '1', message: 'Symbol Not Found', errorCode: 'AB1009' },
    { exchange: 'NSE', symbolToken: '', message: 'Symbol token cannot be empty', errorCode: 'AB4018' },
    { exchange: 'NFO', symbolToken: '35191', message: 'Symbol Not Found', errorCode: 'AB1009' },
  ]);
  const codeOf = async (body: unknown) => refusalOf(await client.post('market/v1/quote', body))[1];
  const tokens = Array.from({ length: 51 }, (_, token) => String(token));
  expect(await codeOf({ mode: 'LTP', exchangeTokens: { NSE: tokens } })).toBe('AB1007');
  expect(await codeOf({ mode: 'LTP', exchangeTokens: { NSE: tokens.slice(1) } })).toBe('');
  expect(await codeOf({ mode: 'DEPTH', exchangeTokens: { NSE: ['2885'] } })).toBe('AB1007');
  expect(await codeOf({ mode: 'LTP' })).toBe('AB1007');
});

test('gives one last price, in numbers as live or in texts as documented, behind either path', async () => {
  const ask = { exchange: 'NSE', tradingsymbol: 'SBIN-EQ', symboltoken: '3045' };
  const { simulator, client } = await startedAngel(onTestFinished);
  const path = 'order/v1/getLtpData';
  expect(await client.data(path, ask)).toEqual({ ...ask, open: 0, high: 0, low: 0, close: 900, ltp: 900 });
  const url = `${simulator.angel.baseUrl}/order-service/rest/secure/angelbroking/${path}`;
  expect((await send({ method: 'POST', url, body: JSON.stringify(ask) })).text).toContain('header x-usertype');
  expect(refusalOf(await client.post(path, { ...ask, symboltoken: '' }))[1]).toBe('AB4018');
  expect(refusalOf(await client.post(path, { ...ask, symboltoken: '1' }))[1]).toBe('AB1009');

  const documented = await startedAngel(onTestFinished, { ltpData: 'texts' });
  const data = await documented.client.data(path, ask);
  expect(shapeOf(data)).toEqual(shapeOf(sampleRow('ltp_data_200.json')));
  expect(data).toMatchObject({ ltp: '900.00', open: '0' });
});

test('searches what begins with a text on one exchange; no match is an empty list', async () => {
  const { client } = await startedAngel(onTestFinished);
  const search = (exchange: string, searchscrip: string) =>
    client.data('order/v1/searchScrip', { exchange, searchscrip });
  const found = rowsOf(await search('BSE', 'reli'));
  expect(found).toEqual([{ exchange: 'BSE', tradingsymbol: 'RELIANCE', symboltoken: '500325' }]);
  expect(shapeOf(found[0])).toEqual(shapeOf(sampleRow('search_scrip_200.json')));
  expect(await search('NSE', 'TITAN')).toEqual([]);
  expect(rowsOf(await search('NFO', 'NIFTY')).map((row) => row['tradingsymbol'])).toEqual([
    'NIFTY29DEC26FUT',
    'NIFTY01DEC2626000CE',
    'NIFTY01DEC2626000PE',
  ]);
});

const bars = { exchange: 'NSE', symboltoken: '2885' };

test('gives candles stamped in IST, both ends included, and the same ones each time', async () => {
  const { simulator, client } = await startedAngel(onTestFinished);
  const ask = { ...bars, interval: 'FIVE_MINUTE', fromdate: '2026-11-19 09:15', todate: '2026-11-19 09:25' };
  const { json } = await client.post('historical/v1/getCandleData', ask);
  expect(shapeOf(json)).toEqual(shapeOf(angelFixture('candles_200.json')));
  const rows = rowOf(json)['data'] as readonly (readonly unknown[])[];
  const sample = rowOf(angelFixture('candles_200.json'))['data'] as readonly (readonly unknown[])[];
  expect(rows.map(([time]) => time)).toEqual([
    '2026-11-19T09:15:00+05:30',
    '2026-11-19T09:20:00+05:30',
    '2026-11-19T09:25:00+05:30',
  ]);
  expect(rows[0]?.map((value) => typeof value)).toEqual(sample[0]?.map((value) => typeof value));
  expect((await client.post('historical/v1/getCandleData', ask)).json).toEqual(json);
  const interest = await client.data('historical/v1/getOIData', ask);
  expect(rowsOf(interest)[0]).toEqual({ time: '2026-11-19T09:15:00+05:30', oi: 0 });
  expect(simulator.received('intradayCandles')).toHaveLength(2);
});

test('gives daily candles for trading days only, and null where there are none', async () => {
  const { simulator, client } = await startedAngel(onTestFinished);
  const ask = { ...bars, interval: 'ONE_DAY', fromdate: '2026-11-09 00:00', todate: '2026-11-13 15:30' };
  const rows = (await client.data('historical/v1/getCandleData', ask)) as readonly (readonly unknown[])[];
  const days = ['09', '11', '12', '13'].map((day) => `2026-11-${day}T00:00:00+05:30`); // the 10th is a holiday
  expect(rows.map(([time]) => time)).toEqual(days);
  const ahead = { ...ask, fromdate: '2026-12-01 00:00', todate: '2026-12-05 00:00' };
  expect(await client.data('historical/v1/getCandleData', ahead)).toBeNull();
  expect(simulator.received('dailyCandles')).toHaveLength(2);
});

test('answers AB1004 for candle parameters that it does not like, as if it had stumbled', async () => {
  const { client } = await startedAngel(onTestFinished);
  const good = { ...bars, interval: 'ONE_MINUTE', fromdate: '2026-10-20 09:15', todate: '2026-11-19 09:15' };
  const sample = rowsOf(angelFixture('errors.json')).find((row) => JSON.stringify(row).includes('AB1004'));
  const ask = (changes: object) => client.post('historical/v1/getCandleData', { ...good, ...changes });
  expect((await ask({})).json).toMatchObject({ status: true });
  expect(await ask({ fromdate: '2026-10-20 09:14' })).toEqual({ status: 200, json: sample?.['body'] });
  expect(refusalOf(await ask({ interval: '1m' }))[1]).toBe('AB1004');
  expect(refusalOf(await ask({ fromdate: '2026-10-20' }))[1]).toBe('AB1004');
  expect(refusalOf(await ask({ symboltoken: '1' }))[1]).toBe('AB1004');
  expect(refusalOf(await ask({ fromdate: '2026-11-20 09:15' }))[1]).toBe('AB1004');
});
