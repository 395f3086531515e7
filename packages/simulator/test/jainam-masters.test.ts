import { expect, onTestFinished, test } from 'vitest';
import { jsonCall, resultOf, shapeOf, startedJainam, verdictOf, xtsFixture, xtsText } from './jainam-support.js';
import type { XtsClient } from './jainam-support.js';
import { rowOf, rowsOf } from './support.js';

const masterOf = async (client: XtsClient, ...exchangeSegmentList: readonly string[]) => {
  const text = resultOf(await client.market('POST', '/instruments/master', { exchangeSegmentList }));
  return String(text).split('\n');
};

const sampleRows = (name: string) => xtsText(name).trim().split('\n');

test('serves the recorded rows unchanged, as one text without a header', async () => {
  const { client } = await startedJainam(onTestFinished);
  const reply = await client.market('POST', '/instruments/master', { exchangeSegmentList: ['NSECM'] });
  expect(shapeOf(reply.json)).toEqual(shapeOf(xtsFixture('master_envelope_200.json')));
  expect(await masterOf(client, 'NSECM')).toEqual(expect.arrayContaining(sampleRows('master_nsecm.txt')));
  const derivatives = await masterOf(client, 'NSEFO', 'BSEFO');
  expect(derivatives).toEqual(expect.arrayContaining(sampleRows('master_fo.txt')));
});

test('keeps the number of fields that each kind of row has', async () => {
  const { client } = await startedJainam(onTestFinished);
  const rows = await masterOf(client, 'NSECM', 'BSECM', 'NSEFO', 'BSEFO', 'MCXFO', 'NSECD');
  const counts: Record<string, Set<number>> = {};
  for (const row of rows) {
    const fields = row.split('|');
    (counts[fields[2] ?? ''] ??= new Set()).add(fields.length);
  }
  expect(counts).toEqual({
    1: new Set([21]),
    2: new Set([23]),
    8: new Set([22]),
    16: new Set([23, 22]), // the third party's NIFTY 50 row has one more
  });
});

test('writes what is alive in the broker’s layout, rupees and all', async () => {
  const { client } = await startedJainam(onTestFinished);
  const rows = await masterOf(client, 'NSECM', 'NSEFO', 'BSEFO', 'MCXFO', 'BSECM');
  const rowWith = (token: string) => rows.find((row) => row.split('|')[1] === token);
  expect(rowWith('900002')).toBe(
    'NSEFO|900002|2|NIFTY|NIFTY26D0126000CE|OPTIDX|NIFTY-OPTIDX|2900002|0|0|1756|0.05|65|1|-1|Nifty 50|' +
      '2026-12-01T14:30:00|26000|3|NIFTY 01DEC2026 CE 26000|1|1|NIFTY26D0126000CE',
  );
  expect(rowWith('900001')).toBe(
    'NSEFO|900001|1|NIFTY|NIFTY26DECFUT|FUTIDX|NIFTY-FUTIDX|2900001|28600|23400|1756|0.1|65|1|-1|Nifty 50|' +
      '2026-12-29T14:30:00|NIFTY 29DEC2026|1|1|NIFTY26DECFUT',
  );
  expect(rowWith('900005')).toContain('|IO|SENSEX-IO|');
  expect(rowWith('900005')).toContain('|2026-12-03T00:00:00|');
  expect(rowWith('900006')).toMatch(/^MCXFO\|900006\|1\|CRUDEOIL\|CRUDEOIL26DECFUT\|FUTCOM\|.*\|1\|1\|100\|-1\|/);
  expect(rowWith('500325')).toMatch(/^BSECM\|500325\|8\|RELIANCE\|RELIANCE\|A\|/);
  expect(rowWith('26000')).toBeDefined();
});

test('gives the master without a token, and nothing for a segment that is none', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  const url = `${simulator.jainam.baseUrl}/apibinarymarketdata/instruments/master`;
  expect((await jsonCall('POST', url, {}, { exchangeSegmentList: ['NSEFO'] })).status).toBe(200);
  expect((await jsonCall('POST', url, {}, { exchangeSegmentList: ['NFO'] })).status).toBe(400);
  expect((await jsonCall('POST', url, {}, {})).status).toBe(400);
  expect(await masterOf(client, 'MSEICM')).toEqual(['']);
  expect(simulator.received('instruments')).toHaveLength(4);
});

test('lists indices with their numbers after the last underscore', async () => {
  const { client } = await startedJainam(onTestFinished);
  const reply = await client.market('GET', '/instruments/indexlist?exchangeSegment=1');
  const sample = rowOf(xtsFixture('indexlist_200.json'));
  expect({ ...rowOf(reply.json), result: null }).toEqual({ ...sample, result: null });
  expect(resultOf(reply)).toEqual({ exchangeSegment: '1', indexList: ['NIFTY 50_26000', 'NIFTY BANK_26001'] });
  const bse = await client.market('GET', '/instruments/indexlist?exchangeSegment=11');
  expect(resultOf(bse)).toMatchObject({ indexList: ['SENSEX_26065'] });
  expect((await client.market('GET', '/instruments/indexlist?exchangeSegment=2')).status).toBe(400);
});

test('finds contracts by their parts', async () => {
  const { client } = await startedJainam(onTestFinished);
  const find = async (part: string, query: string) =>
    resultOf(await client.market('GET', `/instruments/instrument/${part}?exchangeSegment=2&${query}`));
  expect(await find('series', '')).toEqual(['FUTIDX', 'FUTSTK', 'OPTIDX', 'OPTSTK']);
  expect(await find('expiryDate', 'series=OPTIDX&symbol=NIFTY')).toContain('2026-12-01T14:30:00');
  const parts = 'series=OPTIDX&symbol=NIFTY&expiryDate=01Dec2026';
  expect(await find('optionType', parts)).toEqual(['CE', 'PE']);
  expect(await find('strikePrice', parts)).toEqual(['26000']);
  const [option] = rowsOf(await find('optionsymbol', `${parts}&optionType=CE&strikePrice=26000`));
  expect(option).toMatchObject({ ExchangeInstrumentID: 900002, OptionType: 3, StrikePrice: 26_000, LotSize: 65 });
  const [future] = rowsOf(await find('futureSymbol', 'series=FUTIDX&symbol=NIFTY&expiryDate=29Dec2026'));
  expect(future).toMatchObject({ ExchangeInstrumentID: 900001, InstrumentType: 1 });
  expect(future).not.toHaveProperty('StrikePrice');
  const shares = resultOf(
    await client.market('GET', '/instruments/instrument/symbol?exchangeSegment=1&series=EQ&symbol=TCS'),
  );
  expect(rowsOf(shares)[0]).toMatchObject({ ExchangeInstrumentID: 11536, DisplayName: 'TCS' });
});

test('trades the crude oil future of MCX', async () => {
  const { client } = await startedJainam(onTestFinished);
  const order = { exchangeSegment: 'MCXFO', exchangeInstrumentID: 900006, productType: 'NRML', orderQuantity: 1 };
  const row = await client.row(await client.placed({ ...order, limitPrice: 5400 }));
  expect(row).toMatchObject({ ExchangeSegment: 'MCXFO', OrderStatus: 'Filled' });
  expect(verdictOf(await client.place({ ...order, exchangeInstrumentID: 900007 }))).toEqual([400, 'e-instrument-0001']);
});
