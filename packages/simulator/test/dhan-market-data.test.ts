import { gunzipSync } from 'node:zlib';
import http from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { clientOf, fixture, rowOf, rowsOf, send, started, steppingClock } from './support.js';

test('quotes integer ids under string keys and leaves unknown ones out', async () => {
  const { client } = await started(onTestFinished);
  const asked = { NSE_EQ: [2885, 1], IDX_I: [13], dhanClientId: '1000000001' };
  expect(await client.post('/marketfeed/ltp', asked)).toEqual({
    status: 200,
    json: {
      data: { NSE_EQ: { '2885': { last_price: 1400 } }, IDX_I: { '13': { last_price: 26_000 } } },
      status: 'success',
    },
  });
});

test('gives ohlc and full quotes with the keys of the documents', async () => {
  const { simulator, client } = await started(onTestFinished);
  await client.placed();
  simulator.exchange.setLastPrice('RELIANCE', 1405);
  const rowAt = (json: unknown, segment: string, id: string) => rowOf(rowOf(rowOf(rowOf(json)['data'])[segment])[id]);
  const ohlc = await client.post('/marketfeed/ohlc', { NSE_EQ: [2885] });
  const quote = await client.post('/marketfeed/quote', { NSE_EQ: [2885] });
  expect(Object.keys(rowAt(ohlc.json, 'NSE_EQ', '2885'))).toEqual(
    Object.keys(rowAt(fixture('quote_ohlc_200.json'), 'NSE_EQ', '11536')),
  );
  const full = rowAt(quote.json, 'NSE_EQ', '2885');
  expect(Object.keys(full)).toEqual(Object.keys(rowAt(fixture('quote_full_200.json'), 'NSE_FNO', '49081')));
  expect(full).toMatchObject({
    last_price: 1405,
    buy_quantity: 10,
    upper_circuit_limit: 1680,
    lower_circuit_limit: 1120,
    ohlc: { close: 1400, high: 1405 },
  });
  expect(rowOf(full['depth'])['buy']).toHaveLength(5);
});

test('says never traded with the year 1980', async () => {
  const { client } = await started(onTestFinished);
  const { json } = await client.post('/marketfeed/quote', { NSE_EQ: [11536] });
  expect(JSON.stringify(json)).toContain('"last_trade_time":"01/01/1980 00:00:00"');
});

test('refuses string ids, more than 1000 instruments, a missing client-id header and a missing data plan', async () => {
  const { simulator, client } = await started(onTestFinished);
  const invalid = rowsOf(fixture('errors.json'))[3];
  expect(await client.post('/marketfeed/ltp', { NSE_EQ: ['2885'] })).toEqual({ status: 400, json: invalid?.['body'] });
  const many = Array.from({ length: 1001 }, (_, id) => id + 1);
  expect(JSON.stringify((await client.post('/marketfeed/ltp', { NSE_EQ: many })).json)).toContain('"804"');

  const { accessToken } = simulator.dhan.credentials;
  const url = `${simulator.dhan.baseUrl}/marketfeed/ltp`;
  const bare = await send({ method: 'POST', url, headers: { 'access-token': accessToken }, body: '{"NSE_EQ":[2885]}' });
  expect([bare.status, JSON.parse(bare.text)]).toEqual([
    401,
    { data: { '810': 'Client ID is invalid' }, status: 'failed' },
  ]);

  const poor = clientOf(simulator, simulator.dhan.addAccount({ clientId: '1000000002', dataPlan: false }));
  const unpaid = rowsOf(fixture('errors.json'))[2];
  expect(await poor.post('/marketfeed/ltp', { NSE_EQ: [2885] })).toEqual({ status: 200, json: unpaid?.['body'] });
});

test('gives one quote call a second', async () => {
  const { client } = await started(onTestFinished, { clock: steppingClock(), dhan: { rateLimits: 'on' } });
  expect((await client.post('/marketfeed/ltp', { NSE_EQ: [2885] })).status).toBe(200);
  const second = await client.post('/marketfeed/ltp', { NSE_EQ: [2885] });
  expect([second.status, JSON.stringify(second.json).includes('"805"')]).toEqual([429, true]);
});

const daily = { securityId: '2885', exchangeSegment: 'NSE_EQ', instrument: 'EQUITY', expiryCode: 0, oi: false };

test('gives daily bars stamped midnight IST for trading days, the last day not included', async () => {
  const { client } = await started(onTestFinished);
  const ask = { ...daily, fromDate: '2026-11-09', toDate: '2026-11-16' };
  const { status, json } = await client.post('/charts/historical', ask);
  expect(status).toBe(200);
  expect(Object.keys(rowOf(json))).toEqual(Object.keys(rowOf(fixture('historical_daily_200.json'))));
  const days = rowOf(json)['timestamp'];
  const expected = ['09', '11', '12', '13'].map((day) => Date.parse(`2026-11-${day}T00:00:00+05:30`) / 1000);
  expect(days).toEqual(expected); // the 10th is a holiday
  expect((await client.post('/charts/historical', ask)).json).toEqual(json);
});

test('leaves the bar stamped exactly fromDate out', async () => {
  const { client } = await started(onTestFinished);
  const ask = { ...daily, interval: 5, fromDate: '2026-11-19 09:15:00', toDate: '2026-11-19 09:30:00' };
  const { json } = await client.post('/charts/intraday', ask);
  const minutes = ['09:20', '09:25', '09:30'].map((time) => Date.parse(`2026-11-19T${time}:00+05:30`) / 1000);
  expect(rowOf(json)['timestamp']).toEqual(minutes);
});

test('knows nothing of the future and says so with DH-907', async () => {
  const { client } = await started(onTestFinished);
  const { status, json } = await client.post('/charts/historical', {
    ...daily,
    fromDate: '2026-12-01',
    toDate: '2026-12-05',
  });
  expect([status, rowOf(json)['errorCode']]).toEqual([400, 'DH-907']);
  const words = await client.post('/charts/historical', {
    ...daily,
    securityId: 'X',
    fromDate: '2026-11-09',
    toDate: '2026-11-10',
  });
  expect(rowOf(words.json)).toMatchObject({ internalErrorCode: 'RS-9005' });
});

test('serves both masters, with the published rows first and ours after them when asked for', async () => {
  const { simulator } = await started(onTestFinished);
  const compact = await send({ url: simulator.dhan.instrumentsUrl });
  expect(compact.headers['content-type']).toBe('text/csv');
  expect(compact.text.split('\n')[1]).toBe(
    'NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,10.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD',
  );
  expect(compact.text).toContain('NIFTY-Dec2026-FUT');
  const detailed = await send({ url: simulator.dhan.detailedInstrumentsUrl });
  expect(detailed.text).toContain('NSE,D,68407,NA,FUTIDX,26000,NIFTY,NIFTY-Sep2026-FUT');

  const plain = await started(onTestFinished, { dhan: { syntheticContracts: false } });
  expect((await send({ url: plain.simulator.dhan.instrumentsUrl })).text).not.toContain('Dec2026');
});

test('compresses for clients that ask, when told to', async () => {
  const { simulator } = await started(onTestFinished, { dhan: { gzip: true } });
  const body = await new Promise<Buffer>((resolve, reject) => {
    http
      .get(simulator.dhan.instrumentsUrl, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (response) => {
        expect(response.headers['content-encoding']).toBe('gzip');
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      })
      .on('error', reject);
  });
  expect(gunzipSync(body).toString()).toContain('SEM_TRADING_SYMBOL');
});
