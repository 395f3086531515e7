import type { BrokerRequest, Listing } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  MARKET_TOKEN,
  NOW_MS,
  callWith,
  codeOf,
  connect,
  fixture,
  fixtureText,
  listingNamed,
  shown,
  tradingSession,
} from './support/account.js';
import { fakeHttp, json, success, text } from './support/fake-http.js';
import type { Answer } from './support/fake-http.js';

const call = callWith();
const reliance = listingNamed('NSE:RELIANCE');
const ORIGIN = 'https://jtrade.jainam.in:5000';
const JSON_HEADERS = ['content-type', 'application/json', 'accept', 'application/json'];

test('quotes are asked with the other token, at most 50 at a time, in the order asked', async () => {
  const many: readonly Listing[] = Array.from({ length: 101 }, (_, index) => ({
    ...reliance,
    token: String(index + 1),
    instrument: `NSE:S${index}`,
  }));
  const http = fakeHttp((request: BrokerRequest) => {
    const ids = [...(request.body ?? '').matchAll(/"exchangeInstrumentID":(\d+)/g)].map(([, id]) => Number(id));
    const rows = ids.map((id) => ({ ExchangeSegment: 1, ExchangeInstrumentID: id, LastTradedPrice: id }));
    return success({ listQuotes: rows.toReversed().map((row) => JSON.stringify(row)) });
  });
  const quotes = await connect(http).quotes(many, 'ltp', call);
  expect(quotes.map(({ lastPrice }) => lastPrice)).toEqual(many.map((_, index) => index + 1));
  expect(quotes[0]?.asOfMs).toBe(NOW_MS);
  expect(http.requests).toHaveLength(3);
  expect(shown(http.requests[2])).toEqual({
    purpose: 'read',
    lane: 'data',
    family: 'quotes',
    method: 'POST',
    origin: ORIGIN,
    path: '/apimarketdata/instruments/quotes',
    headers: ['authorization', MARKET_TOKEN, ...JSON_HEADERS],
    body: {
      instruments: [{ exchangeSegment: 1, exchangeInstrumentID: 101 }],
      xtsMessageCode: 1501,
      publishFormat: 'JSON',
    },
  });
});

test('full quotes ask for the message with depth', async () => {
  const http = fakeHttp([json(fixture('quotes_1502_200.SYNTHETIC.json'))]);
  const [quote] = await connect(http).quotes([reliance], 'full', call);
  expect(quote?.full?.bids).toHaveLength(2);
  expect(shown(http.requests[0])).toMatchObject({ body: { xtsMessageCode: 1502 } });
});

const START = Date.UTC(2026, 5, 18, 3, 45);

test('candles of a long stretch are put together from several calls', async () => {
  const http = fakeHttp([json(fixture('ohlc_200.SYNTHETIC.json')), success({ dataReponse: '' })]);
  const request = { instrument: 'NSE:RELIANCE', interval: '1m', fromMs: START, toMs: START + 8 * 86_400_000 } as const;
  const candles = await connect(http).candles(reliance, request, call);
  expect(candles.map(({ startMs }) => startMs)).toEqual([START, START + 60_000]);
  expect(http.requests.map(({ lane, family, path }) => [lane, family, path])).toEqual([
    [
      'data',
      'candles',
      '/apimarketdata/instruments/ohlc?exchangeSegment=1&exchangeInstrumentID=2885&startTime=Jun+18+2026+091500&endTime=Jun+25+2026+091600&compressionValue=60',
    ],
    [
      'data',
      'candles',
      '/apimarketdata/instruments/ohlc?exchangeSegment=1&exchangeInstrumentID=2885&startTime=Jun+25+2026+091500&endTime=Jun+26+2026+091600&compressionValue=60',
    ],
  ]);
});

const masterOf = (request: BrokerRequest): Answer => {
  const segment = /"exchangeSegmentList":\["(\w+)"\]/.exec(request.body ?? '')?.[1] ?? '';
  const rows = `${fixtureText('master_nsecm.txt')}${fixtureText('master_fo.txt')}`.split('\n');
  return success(rows.filter((row) => row.startsWith(segment)).join('\n'));
};

test('the master is fetched segment by segment', async () => {
  const http = fakeHttp(masterOf);
  const master = await connect(http, { config: { exchanges: ['NSE', 'NFO', 'BFO'] } }).instruments(call);
  expect(master.source).toBe(`${ORIGIN}/apimarketdata/instruments/master`);
  let listings = 0;
  for await (const _listing of master.listings) listings += 1;
  expect(listings).toBe(6);
  expect(master.skipped()).toBe(0);
  expect(http.requests.map(shown)).toMatchObject(
    ['NSECM', 'NSEFO', 'BSEFO'].map((segment) => ({
      purpose: 'read',
      lane: 'data',
      family: 'instruments',
      method: 'POST',
      headers: ['authorization', MARKET_TOKEN, ...JSON_HEADERS],
      body: { exchangeSegmentList: [segment] },
    })),
  );
});

test('a master of which a part is missing is refused whole', async () => {
  const broken = (answer: Answer) => (request: BrokerRequest) =>
    request.body?.includes('BSEFO') ? answer : masterOf(request);
  const load = (answer: Answer) => () =>
    connect(fakeHttp(broken(answer)), { config: { exchanges: ['NSE', 'NFO', 'BFO'] } }).instruments(call);
  expect(await codeOf(load(success('')))).toBe('ALGO_INSTRUMENTS_REFUSED');
  expect(await codeOf(load(success({})))).toBe('ALGO_INSTRUMENTS_REFUSED');
  expect(await codeOf(load(text('{"type":"success","result":"BSEFO|110')))).toBe('ALGO_REPLY_UNREADABLE');
  expect(await codeOf(load(text('<html>', 404)))).toBe('ALGO_REPLY_UNREADABLE');
  expect(await codeOf(load(text('', 503)))).toBe('ALGO_BROKER_UNAVAILABLE');
});

const candleRequest = { instrument: 'NSE:RELIANCE', interval: '1m', fromMs: START, toMs: START + 60_000 } as const;

test('without market data keys quotes, candles and instruments say what is missing, and nothing is sent', async () => {
  const http = fakeHttp([]);
  const adapter = connect(http);
  const trading = callWith(tradingSession);
  await expect(adapter.quotes([reliance], 'ltp', trading)).rejects.toThrow(/marketApiKey and marketApiSecret/);
  expect(await codeOf(() => adapter.quotes([reliance], 'ltp', trading))).toBe('ALGO_LOGIN_NEEDED');
  expect(await codeOf(() => adapter.candles(reliance, candleRequest, trading))).toBe('ALGO_LOGIN_NEEDED');
  expect(await codeOf(() => adapter.instruments(trading))).toBe('ALGO_LOGIN_NEEDED');
  expect(http.requests).toHaveLength(0);
});

test('a session whose market data log-in failed says so', async () => {
  const half = callWith({ ...tradingSession, facts: { marketDataFailure: 'ALGO_BROKER_UNAVAILABLE' } });
  await expect(connect(fakeHttp([])).quotes([reliance], 'ltp', half)).rejects.toThrow(
    /failed \(ALGO_BROKER_UNAVAILABLE\)/,
  );
});

test('the master is asked for without a token only where the host says so', async () => {
  const http = fakeHttp(masterOf);
  const adapter = connect(http, { config: { exchanges: ['NSE'], masterWithoutToken: true } });
  await adapter.instruments(callWith(tradingSession));
  expect(http.requests[0]?.headers).toEqual(JSON_HEADERS);
  expect(await codeOf(() => adapter.quotes([reliance], 'ltp', callWith(tradingSession)))).toBe('ALGO_LOGIN_NEEDED');
});
