import type { AnyMaster, Listing } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import { callWith, connect, fixture, fixtureBytes, listingNamed, NOW_MS, recordingLogger } from './support/account.js';
import { fakeHttp, json, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';
import { codeOf, FORM, onData, onOrders, onReads, shown, SIGNED } from './support/requests.js';

const call = callWith();
const tcs = listingNamed('NSE:TCS');

const notOk = (stCode: number, emsg: string): unknown => ({ stat: 'Not_Ok', emsg, stCode });

test('quotes are asked by the access token alone, at most 50 at a time', async () => {
  const many: readonly Listing[] = Array.from({ length: 101 }, (_, index) => ({
    ...tcs,
    token: String(index + 1),
    instrument: `NSE:S${index}`,
  }));
  const http = fakeHttp(({ path }) => {
    const asked = (path.split('/').at(-2) ?? '').split(',').map((key) => key.split('|')[1]);
    return json(asked.map((token) => ({ exchange: 'nse_cm', exchange_token: token, ltp: token })));
  });
  const quotes = await connect(http).quotes(many, 'ltp', call);
  expect(quotes.map(({ lastPrice }) => lastPrice)).toEqual(many.map((_, index) => index + 1));
  expect(quotes[0]?.asOfMs).toBe(NOW_MS);
  expect(http.requests).toHaveLength(3);
  expect(http.requests.map(shown).at(-1)).toEqual({
    ...onData,
    family: 'quotes',
    path: '/script-details/1.0/quotes/neosymbol/nse_cm|101/ltp',
  });
});

test('a full quote asks for everything', async () => {
  const http = fakeHttp([json(fixture('quotes_docs_200.json'))]);
  const sensex: Listing = {
    ...tcs,
    contract: { kind: 'index', exchange: 'BSE', symbol: 'SENSEX' },
    segment: 'bse_cm',
    token: '1',
  };
  expect((await connect(http).quotes([sensex], 'full', call))[0]?.lastPrice).toBe(81809.34);
  expect(http.requests[0]?.path).toBe('/script-details/1.0/quotes/neosymbol/bse_cm|SENSEX/all');
});

test('no quotes asked is nothing asked', async () => {
  const http = fakeHttp([]);
  expect(await connect(http).quotes([], 'ltp', call)).toEqual([]);
});

const FIRST_MS = Date.UTC(2026, 7, 20, 3, 45);
const minutes = { instrument: 'NSE:TCS', interval: '1m', fromMs: FIRST_MS, toMs: FIRST_MS + 3_600_000 } as const;

test('candles are asked by the access token alone', async () => {
  const http = fakeHttp([json(fixture('historical_candles_200.json'))]);
  expect(await connect(http).candles(tcs, minutes, call)).toHaveLength(2);
  expect(http.requests.map(shown)).toEqual([
    {
      ...onData,
      family: 'candles',
      path: '/market-data/1.0/historical/details?neosymbol=nse_cm|11536&fromdate=2026-08-20&todate=2026-08-20&interval=1min',
    },
  ]);
});

test('a part of a long stretch may have no data, the whole may not', async () => {
  const none = json(notOk(5203, 'No Data'));
  const long = { ...minutes, toMs: FIRST_MS + 40 * 86_400_000 };
  const adapter = connect(fakeHttp([none, json(fixture('historical_candles_200.json')), none, none]));
  expect(await adapter.candles(tcs, long, call)).toHaveLength(2);
  expect(await codeOf(adapter.candles(tcs, long, call))).toBe('ALGO_NO_DATA');
  const fault = json({ status: 'ERROR', fault: { code: 'X', message: 'no' } }, 400);
  expect(await codeOf(connect(fakeHttp([fault])).candles(tcs, minutes, call))).toBe('ALGO_BROKER_REFUSED');
});

async function namesOf(master: AnyMaster): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { instrument } of master.listings) names.push(instrument);
  return names;
}

const csv = (name: string): Answer => text(fixtureBytes(name).toString('utf8'));

test('the masters are those that Kotak lists for today, fetched one after the other without a secret', async () => {
  const http = fakeHttp(({ path }) => {
    if (path.endsWith('/file-paths')) return json(fixture('scrip_master_paths_200.json'));
    return csv(path.endsWith('/nse_cm-v1.csv') ? 'scrip_nse_cm.csv' : 'scrip_fo.SYNTHETIC.csv');
  });
  const master = await connect(http, { segments: ['nse_cm', 'nse_fo', 'bse_fo'] }).instruments(call);
  expect(http.requests.map(shown)).toEqual([
    { ...onData, family: 'instruments', path: '/script-details/1.0/masterscrip/file-paths' },
  ]);
  const names = await namesOf(master);
  expect([names.length, master.skipped()]).toEqual([17, 4]); // the file of two segments gives each its own rows
  expect(names).toEqual(expect.arrayContaining(['NSE:TCS', 'NFO:NIFTY:2026-12-29:FUT', 'BFO:SENSEX:2026-12-31:FUT']));
  expect(http.requests.slice(1).map(shown)).toMatchObject(
    ['transformed-v1/nse_cm-v1', 'transformed/nse_fo', 'transformed/bse_fo'].map((file) => ({
      purpose: 'read',
      lane: 'data',
      family: 'instruments',
      method: 'GET',
      origin: 'https://lapi.kotaksecurities.com',
      path: `/wso2-scripmaster/v1/prod/2026-07-14/${file}.csv`,
      headers: ['accept', 'text/csv'],
    })),
  );
  expect(master.source).toContain('nse_cm-v1.csv and 2 more');
});

const pathsWith = (...filesPaths: readonly unknown[]): Answer => json({ data: { filesPaths } });
const AT = 'https://lapi.kotaksecurities.com/x';

test('a segment that is not listed is logged and left out, the newest version of a file is taken', async () => {
  const logger = recordingLogger();
  const http = fakeHttp([
    pathsWith(`${AT}/nse_cm.csv`, `${AT}/nse_cm-v2.csv`, `${AT}/nse_cm-v1.csv`, `${AT}/nse_com.csv`),
    csv('scrip_nse_cm.csv'),
  ]);
  const master = await connect(http, { segments: ['nse_cm', 'nse_fo'] }, logger).instruments(call);
  expect(await namesOf(master)).toHaveLength(13);
  expect(http.requests[1]?.path).toBe('/x/nse_cm-v2.csv');
  expect(logger.lines).toEqual(['kotak.master-missing {"segment":"nse_fo"}']);
});

test.each<[string, readonly Answer[], string]>([
  ['nothing is listed', [pathsWith()], 'ALGO_INSTRUMENTS_REFUSED'],
  ['what is listed is no text', [pathsWith(1)], 'ALGO_REPLY_UNREADABLE'],
  ['the list has no data', [json({ filesPaths: [] })], 'ALGO_REPLY_UNREADABLE'],
  ['the list is an error', [json({ fault: { code: 900901 } }, 401)], 'ALGO_NOT_ENTITLED'],
  ['a file is elsewhere', [pathsWith('https://evil.test/nse_cm.csv')], 'ALGO_HOST_NOT_ALLOWED'],
  ['a file is not over https', [pathsWith('http://lapi.kotaksecurities.com/nse_cm.csv')], 'ALGO_HOST_NOT_ALLOWED'],
  ['a file is gone', [pathsWith(`${AT}/nse_cm.csv`), text('<Error/>', 403)], 'ALGO_INSTRUMENTS_REFUSED'],
  ['the files are down', [pathsWith(`${AT}/nse_cm.csv`), text('', 503)], 'ALGO_BROKER_UNAVAILABLE'],
  ['a file is a web page', [pathsWith(`${AT}/nse_cm.csv`), text('<html>')], 'ALGO_INSTRUMENTS_REFUSED'],
  ['a file is empty', [pathsWith(`${AT}/nse_cm.csv`), text('')], 'ALGO_INSTRUMENTS_REFUSED'],
])('no master when %s', async (_what, answers, code) => {
  const adapter = connect(fakeHttp(answers), { segments: ['nse_cm'] });
  expect(await codeOf(adapter.instruments(call).then(namesOf))).toBe(code);
});

test('a raw call is signed by what its path needs, and its reply comes as it is', async () => {
  const history = { stat: 'Ok', stCode: 200, data: [] };
  const http = fakeHttp([json(history), json({ expiries: [] }), json([]), json({}), text('gone', 410)]);
  const adapter = connect(http);
  const asked = { purpose: 'read', method: 'POST', path: '/quick/order/history', body: { nOrdNo: '1' } } as const;
  expect(await adapter.raw(asked, call)).toEqual({ status: 200, body: history });
  const read = { purpose: 'read', method: 'GET' } as const;
  await adapter.raw({ ...read, path: '/market-data/1.0/watchlist/expiries?underlying=NIFTY&exchange=nse_fo' }, call);
  await adapter.raw({ ...read, path: '/script-details/1.0/quotes/neosymbol/nse_cm|Nifty%2050/oi' }, call);
  await adapter.raw({ ...read, path: '/script-details/1.0/masterscrip/file-paths' }, call);
  const order = { purpose: 'command', method: 'POST', path: '/quick/order/x', body: { a: 'b' } } as const;
  expect(await adapter.raw(order, call)).toEqual({ status: 410, body: 'gone' });
  expect(http.requests.map(shown)).toMatchObject([
    { ...onReads, method: 'POST', headers: [...SIGNED, ...FORM], jData: { nOrdNo: '1' } },
    { ...onData, family: 'candles' },
    { ...onData, family: 'quotes' },
    { ...onData, family: 'instruments' },
    { ...onOrders, path: '/quick/order/x', jData: { a: 'b' } },
  ]);
});

test('a raw call cannot leave the base URL, nor call a change a read', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  const read = { purpose: 'read', method: 'GET' } as const;
  for (const path of ['quick', '/a/../b', '/a b', 'https://evil.test/', '/a#b', '/a\r\nb'])
    expect(await codeOf(adapter.raw({ ...read, path }, call))).toBe('ALGO_INVALID_INPUT');
  for (const path of ['/quick/order/cancel', '/quick/user/limits/x'])
    expect(await codeOf(adapter.raw({ purpose: 'read', method: 'POST', path }, call))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(adapter.raw({ purpose: 'read', method: 'DELETE', path: '/quick/order/history' }, call))).toBe(
    'ALGO_INVALID_INPUT',
  );
  expect(http.requests).toHaveLength(0);
});
