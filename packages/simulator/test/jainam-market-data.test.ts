import { describe, expect, onTestFinished, test } from 'vitest';
import { jsonCall, resultOf, shapeOf, startedJainam, verdictOf, xtsFixture } from './jainam-support.js';
import type { XtsClient } from './jainam-support.js';
import { rowOf, rowsOf, steppingClock } from './support.js';

const RELIANCE = { exchangeSegment: 1, exchangeInstrumentID: 2885 };
const OPTION = { exchangeSegment: 2, exchangeInstrumentID: 900002 };

const textsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The messages inside a quotes answer, which are JSON once more. */
const messagesOf = (result: unknown) =>
  textsOf(rowOf(result)['listQuotes']).map((text) => rowOf(JSON.parse(String(text))));

const quote = (client: XtsClient, xtsMessageCode: unknown, instruments: unknown = [RELIANCE]) =>
  client.market('POST', '/instruments/quotes', { instruments, xtsMessageCode, publishFormat: 'JSON' });

describe('quotes', () => {
  test('gives depth as text inside a list, with the example’s keys', async () => {
    const { client } = await startedJainam(onTestFinished);
    await client.place();
    const reply = await quote(client, 1502);
    const sample = rowOf(xtsFixture('quotes_1502_200.SYNTHETIC.json'));
    expect({ ...rowOf(reply.json), result: null }).toEqual({ ...sample, result: null });
    expect(shapeOf(resultOf(reply))).toEqual(shapeOf(sample['result']));
    const [message] = messagesOf(resultOf(reply));
    const [example] = messagesOf(sample['result']);
    expect(shapeOf(message)).toEqual(shapeOf(example));
    expect(shapeOf(message?.['Touchline'])).toEqual(shapeOf(example?.['Touchline']));
    expect(rowsOf(message?.['Bids'])).toHaveLength(5);
    expect(shapeOf(rowsOf(message?.['Bids'])[0])).toEqual(shapeOf(rowsOf(example?.['Bids'])[0]));
    expect(rowOf(message?.['Touchline'])).toMatchObject({
      BidInfo: { Size: 10, Price: 1390, TotalOrders: 1 },
      LastTradedPrice: 1400,
      Close: 1400,
      TotalBuyQuantity: 10,
    });
  });

  test('counts seconds from 1980 by the Indian clock on NSE', async () => {
    const clock = steppingClock();
    const { client } = await startedJainam(onTestFinished, {}, { clock });
    await client.place({ orderType: 'MARKET' });
    const [message] = messagesOf(resultOf(await quote(client, 1502)));
    const seconds = Number(rowOf(message?.['Touchline'])['LastTradedTime']);
    expect((seconds + 315_513_000) * 1000).toBe(clock.now());
  });

  test('serves the other codes, and the touchline nested or flat', async () => {
    const nested = await startedJainam(onTestFinished);
    const flat = await startedJainam(onTestFinished, { touchline: 'flat' });
    const only = async (client: XtsClient, code: number) => messagesOf(resultOf(await quote(client, code)))[0];
    expect(await only(nested.client, 1501)).toMatchObject({ Touchline: { LastTradedPrice: 1400 } });
    expect(await only(flat.client, 1501)).toMatchObject({ LastTradedPrice: 1400 });
    expect(await only(nested.client, 1505)).toHaveProperty('BarTime');
    expect(await only(nested.client, 1510)).toMatchObject({ OpenInterest: 0, XTSMarketType: 1 });
    expect(await only(nested.client, 1512)).toMatchObject({ LastTradedPrice: 1400, ExchangeInstrumentID: 2885 });
  });

  test('quotes an index under XTS’s own number', async () => {
    const { client } = await startedJainam(onTestFinished);
    const [message] = messagesOf(
      resultOf(await quote(client, 1501, [{ exchangeSegment: 1, exchangeInstrumentID: '26000' }])),
    );
    expect(message).toMatchObject({ Touchline: { LastTradedPrice: 26_000 } });
  });

  test('wants a publish format, a known code, numbers for segments and at most 50 instruments', async () => {
    const { client } = await startedJainam(onTestFinished);
    const bare = { instruments: [RELIANCE], xtsMessageCode: 1502 };
    expect((await client.market('POST', '/instruments/quotes', bare)).status).toBe(400);
    expect((await quote(client, 1504)).status).toBe(400);
    expect((await quote(client, 1502, [{ exchangeSegment: 'NSECM', exchangeInstrumentID: 2885 }])).status).toBe(400);
    expect(
      (
        await quote(
          client,
          1502,
          Array.from({ length: 51 }, () => RELIANCE),
        )
      ).status,
    ).toBe(400);
    expect(
      (
        await quote(
          client,
          1502,
          Array.from({ length: 50 }, () => RELIANCE),
        )
      ).status,
    ).toBe(200);
  });

  test('leaves unknown instruments out, and refuses when nothing is left', async () => {
    const { client } = await startedJainam(onTestFinished);
    const unknown = { exchangeSegment: 1, exchangeInstrumentID: 1 };
    expect(messagesOf(resultOf(await quote(client, 1512, [unknown, RELIANCE])))).toHaveLength(1);
    expect(verdictOf(await quote(client, 1512, [unknown]))).toEqual([400, 'e-instrument-0001']);
  });

  test('can send derivatives as nothing after hours', async () => {
    for (const [closedQuotes, texts] of [
      ['empty', ['']],
      ['absent', []],
    ] as const) {
      const clock = steppingClock();
      const { client } = await startedJainam(onTestFinished, { closedQuotes }, { clock });
      expect(messagesOf(resultOf(await quote(client, 1512, [OPTION])))).toHaveLength(1);
      clock.setTo('2026-11-20T15:40:00+05:30');
      expect(rowOf(resultOf(await quote(client, 1512, [OPTION])))['listQuotes']).toEqual(texts);
      expect(messagesOf(resultOf(await quote(client, 1512)))).toHaveLength(1);
    }
  });
});

describe('subscriptions', () => {
  const ask = (instruments: unknown) => ({ instruments, xtsMessageCode: 1502 });

  test('the JSON product sends first values of what is new, and counts what is left', async () => {
    const { client } = await startedJainam(onTestFinished);
    const path = '/instruments/subscription';
    const first = resultOf(await client.market('POST', path, ask([RELIANCE])));
    expect(first).toMatchObject({ mdp: 1502, quotesList: [RELIANCE], Remaining_Subscription_Count: 49 });
    expect(messagesOf(first)).toHaveLength(1);
    const second = resultOf(await client.market('POST', path, ask([RELIANCE, OPTION])));
    expect(second).toMatchObject({ Remaining_Subscription_Count: 48 });
    expect(messagesOf(second).map((message) => message['ExchangeInstrumentID'])).toEqual([900002]);
    const again = await client.market('POST', path, ask([RELIANCE]));
    expect(again).toEqual({
      status: 400,
      json: {
        type: 'error',
        code: 'e-session-0002',
        description: 'Instrument Already Subscribed !',
        result: { Remaining_Subscription_Count: 48 },
      },
    });
    const listed = resultOf(await client.market('GET', `${path}?xtsMessageCode=1502`));
    expect(listed).toEqual({ quotesList: [RELIANCE, OPTION] });
    const gone = resultOf(await client.market('PUT', path, ask([RELIANCE])));
    expect(gone).toMatchObject({ Remaining_Subscription_Count: 49 });
  });

  test('the binary product answers as it was recorded: the count alone', async () => {
    const { simulator, client } = await startedJainam(onTestFinished);
    const url = `${simulator.jainam.baseUrl}/apibinarymarketdata/instruments/subscription`;
    const headers = { authorization: client.marketToken };
    const three = [1333, 2885, 11536].map((exchangeInstrumentID) => ({ exchangeSegment: 1, exchangeInstrumentID }));
    const reply = await jsonCall('POST', url, headers, ask(three));
    expect(reply.json).toEqual(xtsFixture('subscribe_200.json'));
  });

  test('ends at the limit, and with the session', async () => {
    const { simulator, client } = await startedJainam(onTestFinished, { subscriptionLimit: 1 });
    const path = '/instruments/subscription';
    expect(verdictOf(await client.market('POST', path, ask([RELIANCE, OPTION])))).toEqual([400, 'e-session-0004']);
    expect(verdictOf(await client.market('POST', path, ask([RELIANCE])))).toEqual([200, 's-session-0001']);
    expect(simulator.received('subscribe')).toHaveLength(2);
  });
});

describe('candles', () => {
  const ohlc = async (client: XtsClient, changes: Readonly<Record<string, string>>) => {
    const query = new URLSearchParams({ exchangeSegment: '1', exchangeInstrumentID: '2885', ...changes });
    return client.market('GET', `/instruments/ohlc?${query.toString()}`);
  };
  const barsOf = (result: unknown) =>
    String(rowOf(result)['dataReponse'])
      .split(',')
      .filter(Boolean)
      .map((row) => row.split('|'));

  test('gives bars in one text, stamped at their last second by the Indian clock posing as UTC', async () => {
    const { simulator, client } = await startedJainam(onTestFinished);
    const reply = await ohlc(client, {
      startTime: 'Nov 19 2026 091500',
      endTime: 'Nov 19 2026 153000',
      compressionValue: '60',
    });
    const sample = rowOf(xtsFixture('ohlc_200.SYNTHETIC.json'));
    expect({ ...rowOf(reply.json), result: null }).toEqual({ ...sample, result: null });
    expect(shapeOf(resultOf(reply))).toEqual(shapeOf(sample['result']));
    const bars = barsOf(resultOf(reply));
    expect(bars).toHaveLength(375);
    expect(bars[0]).toHaveLength(8);
    expect(bars[0]?.at(-1)).toBe('');
    const stamp = Number(bars[0]?.[0]);
    expect(new Date(stamp * 1000).toISOString()).toBe('2026-11-19T09:15:59.000Z');
    expect(simulator.received('intradayCandles')).toHaveLength(1);
  });

  test('takes epoch seconds too, and stops at the present', async () => {
    const { client } = await startedJainam(onTestFinished);
    const from = Date.parse('2026-11-20T09:15:00+05:30') / 1000;
    const times = { startTime: String(from), endTime: String(from + 86_400), compressionValue: '900' };
    expect(barsOf(resultOf(await ohlc(client, times)))).toHaveLength(4);
  });

  test('gives days, holidays left out, under a name of their own', async () => {
    const { simulator, client } = await startedJainam(onTestFinished);
    const times = { startTime: 'Nov 06 2026 000000', endTime: 'Nov 20 2026 235959', compressionValue: 'D' };
    const bars = barsOf(resultOf(await ohlc(client, { ...times, exchangeSegment: 'NSECM' })));
    expect(bars).toHaveLength(10); // the 10th was a holiday
    expect(simulator.received('dailyCandles')).toHaveLength(1);
  });

  test('answers an empty text for a time without trading, and errors for bad requests', async () => {
    const { client } = await startedJainam(onTestFinished);
    const sunday = { startTime: 'Nov 15 2026 090000', endTime: 'Nov 15 2026 160000', compressionValue: '60' };
    expect(rowOf(resultOf(await ohlc(client, sunday)))['dataReponse']).toBe('');
    expect((await ohlc(client, { ...sunday, compressionValue: '61' })).status).toBe(400);
    expect((await ohlc(client, { ...sunday, startTime: '2026-11-15' })).status).toBe(400);
    expect(verdictOf(await ohlc(client, { ...sunday, exchangeInstrumentID: '1' }))).toEqual([400, 'e-instrument-0001']);
  });
});

/** What the market data client puts on the wire, as listed in the sheet's capture of xts-marketdata-api 3.0.7. */
describe('the market data client', () => {
  test('is answered on every call it makes', async () => {
    const { simulator } = await startedJainam(onTestFinished);
    const base = `${simulator.jainam.baseUrl}/apimarketdata`;
    const { marketApiKey: appKey, marketApiSecret: secretKey } = simulator.jainam.credentials;
    const accept = { accept: 'application/json' };
    const login = await jsonCall('POST', `${base}/auth/login`, accept, { secretKey, appKey });
    const headers = { ...accept, authorization: String(rowOf(resultOf(login))['token']) };
    const call = async (method: string, path: string, body?: unknown) => {
      const reply = await jsonCall(method, base + path, headers, body);
      expect([path, reply.status, rowOf(reply.json)['type']]).toEqual([path, 200, 'success']);
      return resultOf(reply);
    };
    const config = rowOf(await call('GET', '/config/clientConfig'));
    expect(config).toMatchObject({ exchangeSegments: { NSECM: 1, MCXFO: 51 }, xtsMessageCode: { ltpEvent: 1512 } });
    expect(JSON.stringify(config)).not.toContain('null');
    expect(await call('GET', '/search/instruments?searchString=REL&source=WEBAPI')).not.toEqual([]);
    const byId = {
      source: 'WEBAPI',
      isTradeSymbol: true,
      instruments: [{ ...RELIANCE, exchangeInstrumentID: '2885' }],
    };
    expect(await call('POST', '/search/instrumentsbyid', byId)).toHaveLength(1);
    const byIsin = { source: 'WEBAPI', userID: 'A1000001', ISINList: ['INE002A01018'] };
    expect(await call('POST', '/search/instrumentsbyisin', byIsin)).toHaveLength(2); // at both exchanges
    await call('POST', '/instruments/master', { exchangeSegmentList: ['NSECM'] });
    const quotes = { instruments: [RELIANCE], xtsMessageCode: 1502, publishFormat: 'JSON', isTradeSymbol: false };
    await call('POST', '/instruments/quotes', quotes);
    const subscription = { instruments: [RELIANCE], xtsMessageCode: 1502 };
    expect(await call('POST', '/instruments/subscription', subscription)).toHaveProperty('listQuotes');
    await call('GET', '/instruments/subscription?xtsMessageCode=1502');
    await call('PUT', '/instruments/subscription', subscription);
    const times = 'startTime=1795146300&endTime=1795168800&compressionValue=60';
    await call('GET', `/instruments/ohlc?exchangeSegment=1&exchangeInstrumentID=2885&${times}`);
    await call('GET', '/instruments/indexlist?exchangeSegment=1');
    await call('DELETE', '/auth/logout');
  });
});
