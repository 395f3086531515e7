import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/index.js';
import { dataOf, expectShape, jsonOf, listOf, sample, startedKotak } from './kotak-support.js';
import type { Row } from './support.js';
import { rowOf, rowsOf, send } from './support.js';

const QUOTES = '/script-details/1.0/quotes/neosymbol';

/** A client that never logged in: the access token alone. */
async function tokenClient(options: Parameters<typeof startedKotak>[1] = {}) {
  const { simulator, client, clock } = await startedKotak(onTestFinished, options);
  const base = client.session.baseUrl;
  const headers = { Authorization: simulator.kotak.credentials.accessToken };
  return { simulator, client, clock, get: (path: string) => jsonOf({ url: base + path, headers }), base };
}

test('quotes shares by token and indices by name, all numbers as texts', async () => {
  const { simulator, client, get } = await tokenClient();
  await client.placed();
  simulator.exchange.setLastPrice('RELIANCE', 1405);
  const { status, json } = await get(`${QUOTES}/nse_cm|2885/all`);
  expect(status).toBe(200);
  expectShape(json, sample('quote_all_200.json'));
  const [row = {}] = rowsOf(json);
  const [real = {}] = rowsOf(sample('quote_all_200.json'));
  expect(Object.keys(row)).toEqual(Object.keys(real));
  expect(row).toMatchObject({
    exchange_token: '2885',
    display_symbol: 'RELIANCE-EQ',
    ltp: '1405.0000',
    total_buy: '10',
    change: '5.0000',
    low_price_range: '1120.0000',
    high_price_range: '1680.0000',
    ohlc: { close: '1400.0000', high: '1405.0000' },
  });
  expect(rowOf(row['depth'])['buy']).toHaveLength(5);
  expect(rowsOf(rowOf(row['depth'])['buy'])[0]).toEqual({ price: '1390.0000', quantity: '10', orders: '1' });

  const indices = await get(`${QUOTES}/nse_cm|Nifty%2050,bse_cm|SENSEX/all`);
  expect(rowsOf(indices.json).map((index) => [index['exchange_token'], index['ltp']])).toEqual([
    ['Nifty 50', '26000.0000'],
    ['SENSEX', '85000.0000'],
  ]);
  const [documented = {}] = rowsOf(sample('quote_index_200.json'));
  expect(Object.keys(rowsOf(indices.json)[0] ?? {})).toEqual(Object.keys(documented));
});

test('takes the pipe and the comma encoded too, and no filter for all', async () => {
  const { get } = await tokenClient();
  const plain = await get(`${QUOTES}/nse_cm|2885,nse_cm|11536/all`);
  expect(await get(`${QUOTES}/nse_cm%7C2885%2Cnse_cm%7C11536`)).toEqual(plain);
  expect(rowsOf(plain.json)).toHaveLength(2);
});

test('gives each filter its part, in both spellings', async () => {
  const { simulator, get } = await tokenClient();
  const keysOf = async (filter: string) => {
    const { json } = await get(`${QUOTES}/nse_cm|2885/${filter}`);
    const names = ['exchange_token', 'display_symbol', 'exchange', 'lstup_time'];
    return Object.keys(rowsOf(json)[0] ?? {}).filter((key) => !names.includes(key));
  };
  expect(await keysOf('ltp')).toEqual(['ltp']);
  expect(await keysOf('ohlc')).toEqual(['ohlc']);
  expect(await keysOf('oi')).toEqual(['open_int']);
  expect(await keysOf('depth')).toEqual(['depth']);
  expect(await keysOf('market_depth')).toEqual(['depth']);
  expect(await keysOf('52W')).toEqual(['year_high', 'year_low']);
  expect(await keysOf('52w')).toEqual(['year_high', 'year_low']);
  expect(await keysOf('circuit_limits')).toEqual(['low_price_range', 'high_price_range']);
  expect(await keysOf('scrip_details')).toEqual([]);
  expect(simulator.received('ltp')).toHaveLength(1);
  expect(simulator.received('ohlc')).toHaveLength(1);
  expect(simulator.received('quote')).toHaveLength(7);
});

test('leaves unknown instruments out, and answers 1009 when none is left', async () => {
  const { get } = await tokenClient();
  expect(rowsOf((await get(`${QUOTES}/nse_cm|1,nse_cm|2885/ltp`)).json)).toHaveLength(1);
  for (const symbol of ['nse_cm|1', 'NSE|2885', 'nse_cm|26000', 'nse_cm|nifty%2050']) {
    expect(rowOf((await get(`${QUOTES}/${symbol}/ltp`)).json)['stCode'], symbol).toBe(1009);
  }
  const many = Array.from({ length: 51 }, () => 'nse_cm|2885').join(',');
  expect((await get(`${QUOTES}/${many}/ltp`)).status).toBe(400);
  expect((await get(`${QUOTES}/nse_cm|2885/greeks`)).status).toBe(400);
});

test('asks for the access token in quotes, and for nothing else', async () => {
  const { base, get } = await tokenClient();
  expect((await get(`${QUOTES}/nse_cm|2885/ltp`)).status).toBe(200);
  expect((await jsonOf({ url: `${base}${QUOTES}/nse_cm|2885/ltp` })).status).toBe(401);
});

const candlesOf = (json: unknown): readonly unknown[] => {
  const candles = dataOf(json)['candles'];
  return Array.isArray(candles) ? candles : [];
};

test('gives candles as rows with IST times, days without holidays', async () => {
  const { simulator, get } = await tokenClient();
  const ask = '/market-data/1.0/historical/details?neosymbol=nse_cm|2885';
  const minutes = await get(`${ask}&fromdate=2026-11-19&todate=2026-11-19&interval=15min`);
  expectShape(minutes.json, sample('historical_candles_200.json'));
  expect(candlesOf(minutes.json)).toHaveLength(25);
  expect(candlesOf(minutes.json)[0]).toEqual([
    '2026-11-19T09:15:00+0530',
    ...Array.from({ length: 6 }, () => expect.any(Number)),
  ]);

  const encoded = ask.replace('|', '%7C');
  const days = await get(`${encoded}&fromdate=2026-11-09&todate=2026-11-13&interval=D`);
  const dates = candlesOf(days.json).map((candle) => String(Array.isArray(candle) ? candle[0] : '').slice(0, 10));
  expect(dates).toEqual(['2026-11-09', '2026-11-11', '2026-11-12', '2026-11-13']); // the 10th is a holiday
  expect(rowOf(days.json)['interval']).toBe('D');
  const weeks = await get(`${ask}&fromdate=2026-11-01&todate=2026-11-20&interval=W`);
  expect(candlesOf(weeks.json)).toHaveLength(3);
  expect(simulator.received('intradayCandles')).toHaveLength(1);
  expect(simulator.received('dailyCandles')).toHaveLength(2);
});

test('knows nothing of the future', async () => {
  const { get } = await tokenClient();
  const ask = '/market-data/1.0/historical/details?neosymbol=nse_cm|2885&fromdate=2026-11-20&todate=2026-11-25';
  expect(candlesOf((await get(`${ask}&interval=60min`)).json)).toHaveLength(1);
});

test.each([
  ['an unknown interval', 'nse_cm|2885', '2026-11-19', '2026-11-19', '2min', 'Invalid interval value'],
  ['more than 30 days of minutes', 'nse_cm|2885', '2026-10-01', '2026-11-19', '1min', 'Date range exceeds the limit'],
  ['more than 180 days', 'nse_cm|2885', '2026-01-01', '2026-11-19', 'D', 'Date range exceeds the limit'],
  ['dates the wrong way round', 'nse_cm|2885', '2026-11-19', '2026-11-18', 'D', 'Invalid date value'],
  ['MCX', 'mcx_fo|900006', '2026-11-18', '2026-11-19', 'D', 'Invalid neosymbol value'],
  ['an expired contract', 'nse_fo|48704', '2026-10-01', '2026-10-19', 'D', 'Invalid neosymbol value'],
])('refuses candles for %s', async (_name, symbol, from, to, interval, message) => {
  const { get } = await tokenClient();
  const query = `neosymbol=${symbol}&fromdate=${from}&todate=${to}&interval=${interval}`;
  expect(await get(`/market-data/1.0/historical/details?${query}`)).toEqual({
    status: 400,
    json: { status: 'ERROR', fault: { code: 400, message } },
  });
});

test('gives the expiries and the chains of an underlying', async () => {
  const { get } = await tokenClient();
  const ask = 'exchange=nse_fo&underlying=NIFTY';
  const dates = await get(`/market-data/1.0/watchlist/expiries?${ask}`);
  expectShape(dates.json, sample('expiries_200.json'));
  expect(dates.json).toEqual({ exchange: 'nse_fo', underlying: 'NIFTY', expiries: ['2026-12-01'] });

  const chain = await get(`/market-data/1.0/watchlist/option-chain?${ask}`);
  const { call, put, common_data: common } = dataOf(chain.json);
  const documented = dataOf(sample('option_chain_200.json'));
  expectShape(call, documented['call']);
  expectShape(common, documented['common_data']);
  expect(rowsOf(call)[0]).toMatchObject({
    instrument: { neoSymbol: 'nse_fo|900002', symbol: 'NIFTY26D0126000CE', strikePrice: '26000', moneyness: 'ATM' },
  });
  expect(rowsOf(put)).toHaveLength(1);

  const futures = await get(`/market-data/1.0/watchlist/option-chain?${ask}&instrument_type=fut`);
  expectShape(futures.json, sample('futures_chain_200.json'));
  expect(rowsOf(dataOf(futures.json)['fut'])[0]).toMatchObject({ inst: { expiryDt: '29-DEC-2026' } });
  const unknown = await get('/market-data/1.0/watchlist/option-chain?exchange=nse_fo&underlying=NOTHING');
  expect(rowOf(unknown.json)['stCode']).toBe(1009);
  expect(rowOf((await get(`/market-data/1.0/watchlist/option-chain?${ask}&count=7`)).json)['stCode']).toBe(1009);
});

/** Read as a client must: names trimmed of spaces and the semicolon, fields by name. */
function scripsOf(csv: string): ReadonlyMap<string, Row> {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',').map((name) => name.replace(';', '').trim());
  const rows = lines.map((line): Row => Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])));
  return new Map(rows.map((row) => [String(row['pTrdSymbol']), row]));
}

async function scripFiles(options: Parameters<typeof startedKotak>[1] = {}) {
  const { get, clock } = await tokenClient(options);
  const { json } = await get('/script-details/1.0/masterscrip/file-paths');
  const paths = dataOf(json)['filesPaths'];
  const urls = Array.isArray(paths) ? paths.map(String) : [];
  const fileOf = async (segment: string) => (await send({ url: urls.find((url) => url.includes(segment)) ?? '' })).text;
  return { json, urls, fileOf, clock };
}

test('lists the scrip files of today on its own address, and gives them to anyone', async () => {
  const { json, urls } = await scripFiles();
  expectShape(json, sample('scrip_master_paths_200.json'));
  const real = dataOf(sample('scrip_master_paths_200.json'))['filesPaths'];
  const tails = (Array.isArray(real) ? real : []).map((url) => String(url).split('/2026-07-14/')[1]);
  expect(urls.map((url) => url.split('/2026-11-20/')[1])).toEqual(tails);
  for (const url of urls) {
    const { status, headers } = await send({ url });
    expect([status, headers['content-type']], url).toEqual([200, 'text/csv']);
  }
  expect((await send({ url: (urls[0] ?? '').replace('2026-11-20', '2026-11-21') })).status).toBe(404);
  expect((await send({ url: (urls[0] ?? '').replace('cde_fo', 'xyz_fo') })).status).toBe(404);
});

test('prints the published rows of NSE cash as they are, and rows of ours after them', async () => {
  const { fileOf } = await scripFiles();
  const csv = await fileOf('nse_cm');
  const published = readFileSync(new URL('./fixtures/kotak/scrip_nse_cm.csv', import.meta.url), 'utf8');
  expect(csv.startsWith(published)).toBe(true);
  const scrips = scripsOf(csv);
  expect(scrips.get('RELIANCE-EQ')).toMatchObject({ pSymbol: '2885', dTickSize: '5', lLotSize: '1' });
  expect(scrips.get('NIFTY')).toMatchObject({ pSymbol: '26000', dTickSize: '-1', pGroup: '' });
  expect(scrips.get('SBIN-EQ')).toMatchObject({ pSymbol: '3045', pGroup: 'EQ', pISIN: 'INE062A01020', dTickSize: '5' });
  expect(
    new Set(
      csv
        .trimEnd()
        .split('\n')
        .map((line) => line.split(',').length),
    ),
  ).toEqual(new Set([78]));
});

test('encodes derivatives as each exchange does: paise, two epochs, two headers', async () => {
  const { fileOf } = await scripFiles();
  const nse = scripsOf(await fileOf('nse_fo'));
  expect(nse.get('NIFTY26D0126000CE')).toMatchObject({
    pSymbol: '900002',
    pInstType: 'OPTIDX',
    pOptionType: 'CE',
    pScripRefKey: 'NIFTY01DEC2626000.00CE',
    dStrikePrice: '2.6e+06',
    dTickSize: '5',
    lLotSize: '65',
    lFreezeQty: '1756',
    lExpiryDate: String(Date.parse('2026-12-01T14:30:00+05:30') / 1_000 - 315_513_000),
  });
  expect(nse.get('NIFTY26DECFUT')).toMatchObject({ pOptionType: 'XX', dStrikePrice: '-1', pInstType: 'FUTIDX' });
  expect(nse.get('RELIANCE26DECFUT')).toMatchObject({ pInstType: 'FUTSTK', lLotSize: '500' });
  expect([...nse.keys()]).not.toContain('NIFTY26OCTFUT'); // expired

  const bse = scripsOf(await fileOf('bse_fo'));
  expect(bse.get('SENSEX26D0385000CE')).toMatchObject({
    lExpiryDate: String(Date.parse('2026-12-03T14:30:00+05:30') / 1_000),
    lFreezeQty: '1000',
  });
  const mcx = scripsOf(await fileOf('mcx_fo'));
  expect(mcx.get('CRUDEOIL26DECFUT')).toMatchObject({
    pSymbol: '900006',
    pInstType: 'FUTCOM',
    dTickSize: '100',
    lExpiryDate: String(Date.parse('2026-12-18T23:59:59+05:30') / 1_000),
  });
  expect((await fileOf('mcx_fo')).split('\n')[0]).toContain('dTickSize ,');
  expect((await fileOf('nse_fo')).split('\n')[0]).toContain('dTickSize,');
  expect(scripsOf(await fileOf('bse_cm')).get('RELIANCE')).toMatchObject({ pSymbol: '500325', pGroup: 'A' });
});

test('prints strikes in digits, and MCX expiries in UTC, when told to', async () => {
  const { fileOf } = await scripFiles({ kotak: { strikes: 'plain', mcxExpiry: 'utc' } });
  expect(scripsOf(await fileOf('nse_fo')).get('NIFTY26D0126000CE')).toMatchObject({ dStrikePrice: '2600000' });
  const expiry = String(Date.parse('2026-12-18T23:59:59Z') / 1_000);
  expect(scripsOf(await fileOf('mcx_fo')).get('CRUDEOIL26DECFUT')).toMatchObject({ lExpiryDate: expiry });
});

test('lists what it takes: every living scrip that the exchange trades can be ordered', async () => {
  const account = { clientId: 'A1000001', cash: 1e9 };
  const { simulator, client, get } = await tokenClient({ kotak: { account } });
  const { json } = await get('/script-details/1.0/masterscrip/file-paths');
  const paths = dataOf(json)['filesPaths'];
  let ordered = 0;
  for (const url of Array.isArray(paths) ? paths.map(String) : []) {
    for (const scrip of scripsOf((await send({ url })).text).values()) {
      const [es, ts, qt] = [scrip['pExchSeg'], scrip['pTrdSymbol'], scrip['lLotSize']];
      const reply = await client.place({ es, ts, qt, pc: 'NRML', pt: 'MKT', pr: '0' });
      if (rowOf(reply.json)['stCode'] === 200) ordered += 1;
      else expect(rowOf(reply.json)['stCode'], String(ts)).toBe(1009);
    }
  }
  expect(ordered).toBe(18); // 8 shares at NSE, 3 at BSE, 5 contracts at NSE, 1 at BSE, 1 at MCX; GOLDM has expired
  expect(listOf((await client.get('/quick/user/orders')).json).every((row) => row['ordSt'] === 'complete')).toBe(true);
  expect(simulator.ledger()).toHaveLength(18);
});

test('serves all brokers over one exchange, each in its own words', async () => {
  const simulator = await startSimulator({ brokers: ['dhan', 'kotak'] });
  onTestFinished(() => simulator.close());
  expect(simulator.brokers).toEqual(['dhan', 'kotak']);
  expect(simulator.kotak.loginUrl).not.toBe(simulator.dhan.authUrl);
});
