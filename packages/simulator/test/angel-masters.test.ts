import { expect, onTestFinished, test } from 'vitest';
import { angelFixture, shapeOf, startedAngel } from './angel-support.js';
import type { Row } from './support.js';
import { rowsOf, send, steppingClock } from './support.js';

async function masterOf(url: string): Promise<readonly Row[]> {
  return rowsOf(JSON.parse((await send({ url })).text));
}

test('serves one plain list without a login, every row with the fields of the published file and all of them texts', async () => {
  const { simulator } = await startedAngel(onTestFinished);
  const reply = await send({ url: simulator.angel.instrumentsUrl });
  expect(reply.headers['content-type']).toBe('application/json');
  const [sample] = rowsOf(angelFixture('instruments.json'));
  const rows = rowsOf(JSON.parse(reply.text));
  for (const row of rows) expect(shapeOf(row)).toEqual(shapeOf(sample));
  const keys = rows.map((row) => `${String(row['exch_seg'])}/${String(row['token'])}`);
  expect(new Set(keys).size).toBe(keys.length);
  const symbols = rows.map((row) => `${String(row['exch_seg'])}/${String(row['symbol'])}`);
  expect(new Set(symbols).size).toBe(symbols.length);
});

test('serves published rows untouched where the exchange has their instrument', async () => {
  const { simulator } = await startedAngel(onTestFinished);
  const rows = await masterOf(simulator.angel.instrumentsUrl);
  const published = rowsOf(angelFixture('instruments.json'));
  for (const token of ['3045', '2885', '99926000', '99926009']) {
    const sample = published.find((row) => row['token'] === token);
    expect(rows.filter((row) => row['token'] === token)).toEqual([sample]);
  }
});

test('writes the other rows in the same spelling: paise, strikes times a hundred, capitals in dates', async () => {
  const { simulator } = await startedAngel(onTestFinished);
  const rows = await masterOf(simulator.angel.instrumentsUrl);
  const rowOfSymbol = (symbol: string) => rows.find((row) => row['symbol'] === symbol);
  expect(rowOfSymbol('NIFTY01DEC2626000CE')).toEqual({
    token: '900002',
    symbol: 'NIFTY01DEC2626000CE',
    name: 'NIFTY',
    expiry: '01DEC2026',
    strike: '2600000.000000',
    lotsize: '65',
    instrumenttype: 'OPTIDX',
    exch_seg: 'NFO',
    tick_size: '5.000000',
  });
  expect(rowOfSymbol('RELIANCE29DEC26FUT')).toMatchObject({
    instrumenttype: 'FUTSTK',
    strike: '-1.000000',
    lotsize: '500',
  });
  expect(rowOfSymbol('CRUDEOIL18DEC26FUT')).toMatchObject({
    exch_seg: 'MCX',
    instrumenttype: 'FUTCOM',
    tick_size: '100.000000',
  });
  expect(rowOfSymbol('SENSEX26DEC85000CE')).toMatchObject({
    exch_seg: 'BFO',
    instrumenttype: 'OPTIDX',
    strike: '8500000.000000',
  });
  expect(rowOfSymbol('SENSEX')).toMatchObject({ exch_seg: 'BSE', token: '99919000', instrumenttype: 'AMXIDX' });
  expect(rowOfSymbol('M&M-EQ')).toMatchObject({ name: 'M&M', token: '2031', tick_size: '10.000000' });
  expect(rowOfSymbol('RELIANCE')).toMatchObject({ exch_seg: 'BSE', token: '500325', tick_size: '5.000000' });
});

test('leaves contracts out from the day after their last', async () => {
  const clock = steppingClock();
  const { simulator } = await startedAngel(onTestFinished, {}, { clock });
  const has = async (symbol: string) =>
    (await masterOf(simulator.angel.instrumentsUrl)).some((row) => row['symbol'] === symbol);
  expect(await has('NIFTY30JUN2627650CE')).toBe(false);
  clock.setTo('2026-12-01T23:59:59+05:30');
  expect(await has('NIFTY01DEC2626000CE')).toBe(true);
  clock.setTo('2026-12-02T00:00:00+05:30');
  expect(await has('NIFTY01DEC2626000CE')).toBe(false);
});

test('lists currency with its own scale of strikes', async () => {
  const clock = steppingClock(Date.parse('2025-07-31T10:00:00+05:30'));
  const { simulator } = await startedAngel(onTestFinished, {}, { clock });
  const [row] = (await masterOf(simulator.angel.instrumentsUrl)).filter((candidate) => candidate['exch_seg'] === 'CDS');
  expect(row).toEqual({
    token: '2885',
    symbol: 'EURINR01AUG25102.75CE',
    name: 'EURINR',
    expiry: '01AUG2025',
    strike: '1027500000.000000',
    lotsize: '1',
    instrumenttype: 'OPTCUR',
    exch_seg: 'CDS',
    tick_size: '0.250000',
  });
});
