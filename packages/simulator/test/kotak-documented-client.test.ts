import { describe, expect, onTestFinished, test } from 'vitest';
import { totpAt } from '../src/totp.js';
import { startSimulator } from '../src/index.js';
import type { Simulator } from '../src/index.js';
import { dataOf, jsonOf, listOf } from './kotak-support.js';
import type { JsonReply } from './support.js';
import { rowOf, rowsOf, send, steppingClock } from './support.js';

/** There is no official JavaScript client: this is what others put on the wire, as listed in their sources. */

type Headers = Readonly<Record<string, string>>;

/** JSON as Python prints it: a space after every colon and comma. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${pythonJson(part)}`)
    .join(', ')}}`;
}

/** `urlencode` of Python: spaces become plus signs. */
const pythonForm = (value: unknown): string => new URLSearchParams({ jData: pythonJson(value) }).toString();

async function served(): Promise<{ simulator: Simulator; clock: ReturnType<typeof steppingClock> }> {
  const clock = steppingClock();
  const simulator = await startSimulator({ brokers: ['kotak'], clock });
  onTestFinished(() => simulator.close());
  return { simulator, clock };
}

describe('the Python client, version 3', () => {
  /** Set on every call. */
  const COMMON: Headers = {
    'User-Agent': 'NeoSDK-Python/3.0.1',
    'Accept-Encoding': 'gzip, deflate',
    'X-Request-ID': '00000000-0000-4000-8000-000000000000',
    'X-Client-ID': '01234567***',
  };
  const JSON_TYPE: Headers = { 'Content-Type': 'application/json' };
  const FORM_TYPE: Headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const post = (url: string, headers: Headers, body: string): Promise<JsonReply> =>
    jsonOf({ method: 'POST', url, headers: { ...COMMON, ...headers }, body });
  const get = (url: string, headers: Headers): Promise<JsonReply> =>
    jsonOf({ url, headers: { ...COMMON, ...headers } });

  async function session() {
    const { simulator } = await served();
    const { loginUrl, credentials } = simulator.kotak;
    const app: Headers = { Authorization: credentials.accessToken, 'neo-fin-key': 'neotradeapi', ...JSON_TYPE };
    const totp = totpAt(credentials.totpSecret, simulator.clock.now());
    const step1 = { mobileNumber: credentials.mobileNumber, ucc: credentials.ucc, totp };
    const first = dataOf((await post(`${loginUrl}/login/1.0/tradeApiLogin`, app, pythonJson(step1))).json);
    const viewed: Headers = { ...app, sid: String(first['sid']), Auth: String(first['token']) };
    const step2 = pythonJson({ mpin: credentials.mpin });
    const second = dataOf((await post(`${loginUrl}/login/1.0/tradeApiValidate`, viewed, step2)).json);
    const config = '5config/config?appVersion=1&platform=api&environment=prod';
    expect((await get(`${loginUrl}/${config}`, JSON_TYPE)).status).toBe(200);
    const own: Headers = { Sid: String(second['sid']), Auth: String(second['token']) };
    return { simulator, loginUrl, base: String(second['baseUrl']), own, token: credentials.accessToken };
  }

  test('logs in, places, modifies and cancels with an access token and no neo-fin-key', async () => {
    const { simulator, base, own, token } = await session();
    const headers = { ...own, Authorization: token, ...FORM_TYPE };
    const order = {
      am: 'NO',
      dq: '0',
      es: 'nse_cm',
      mp: '0',
      pc: 'MIS',
      pr: '1390',
      pt: 'L',
      qt: '10',
      rt: 'DAY',
      tp: '0',
      ts: 'RELIANCE-EQ',
      tt: 'B',
      ig: null,
      os: 'NEOTRADEAPI',
    };
    const placed = await post(`${base}/quick/order/rule/ms/place`, headers, pythonForm(order));
    const no = String(rowOf(placed.json)['nOrdNo']);
    const change = {
      mp: '0',
      dq: '0',
      vd: 'DAY',
      pr: '1380',
      pt: 'L',
      am: 'NO',
      tp: '0',
      qt: '20',
      no,
      os: 'NEOTRADEAPI',
    };
    const modified = await post(`${base}/quick/order/vr/modify`, headers, pythonForm(change));
    expect(modified.json).toEqual({ nOrdNo: no, stat: 'Ok', stCode: 200 });
    const cancelled = await post(`${base}/quick/order/cancel`, headers, pythonForm({ on: no, am: 'NO' }));
    expect(cancelled.json).toEqual({ nOrdNo: no, stat: 'Ok', stCode: 200 });
    expect(simulator.ledger()).toHaveLength(1);
    expect(simulator.received('placeOrder')[0]?.body).toContain('%22am%22%3A+%22NO%22%2C+');
  });

  test('sends its tag and reads it back', async () => {
    const { base, own, token } = await session();
    const headers = { ...own, Authorization: token, ...FORM_TYPE };
    const order = { am: 'NO', dq: '0', es: 'nse_cm', mp: '0', pc: 'CNC', pr: '0', pt: 'MKT', qt: '1', rt: 'DAY' };
    const rest = { tp: '0', ts: 'RELIANCE-EQ', tt: 'B', ig: 'mytag1', os: 'NEOTRADEAPI' };
    await post(`${base}/quick/order/rule/ms/place`, headers, pythonForm({ ...order, ...rest }));
    const book = await get(`${base}/quick/user/orders`, { ...own, accept: 'application/json', ...JSON_TYPE });
    expect(listOf(book.json)).toMatchObject([{ GuiOrdId: 'mytag1', prcTp: 'L', ordSt: 'complete' }]);
  });

  test('reads books with the two session headers, and a content type on GET', async () => {
    const { base, own } = await session();
    const headers = { ...own, accept: 'application/json', ...JSON_TYPE };
    for (const path of ['orders', 'orders/261120000000001', 'trades', 'positions']) {
      expect(rowOf((await get(`${base}/quick/user/${path}`, headers)).json)['stCode'], path).toBe(5203);
    }
    expect(rowOf((await get(`${base}/portfolio/v2/positions`, headers)).json)['stCode']).toBe(5203);
    const holdings = await get(`${base}/portfolio/v1/holdings`, { ...own, accept: '*/*', ...FORM_TYPE });
    expect(holdings.json).toEqual({ data: [] });
    const form = { ...own, ...FORM_TYPE };
    const history = await post(`${base}/quick/order/history`, form, pythonForm({ nOrdNo: '261120000000001' }));
    expect(rowOf(history.json)['stCode']).toBe(5203);
    const limits = await post(`${base}/quick/user/limits`, form, pythonForm({ seg: 'ALL', exch: 'ALL', prod: 'ALL' }));
    expect(rowOf(limits.json)).toMatchObject({ stat: 'Ok', Net: '1000000' });
    const margin = {
      exSeg: 'nse_cm',
      prc: '1400',
      prcTp: 'L',
      prod: 'CNC',
      qty: '1',
      tok: '2885',
      trnsTp: 'B',
      trgPrc: null,
      brkName: 'KOTAK',
      brnchId: 'ONLINE',
      slAbsOrTks: null,
      slVal: null,
      sqrOffAbsOrTks: null,
      sqrOffVal: null,
      trailSL: null,
      tSLTks: null,
    };
    const checked = await post(`${base}/quick/user/check-margin`, form, pythonForm(margin));
    expect(rowOf(checked.json)).toMatchObject({ stat: 'Ok', ordMrgn: '1400.000000' });
  });

  test('asks for quotes, scrip paths and its own address', async () => {
    const { loginUrl, base, own, token } = await session();
    const headers = { Authorization: token, ...FORM_TYPE };
    const quotes = `${base}/script-details/1.0/quotes/neosymbol`;
    expect(rowsOf((await get(`${quotes}/nse_cm|2885,nse_cm|Nifty%2050/all`, headers)).json)).toHaveLength(2);
    expect(rowsOf((await get(`${quotes}/nse_cm|2885/market_depth`, headers)).json)).toHaveLength(1);
    const paths = await get(`${base}/script-details/1.0/masterscrip/file-paths`, headers);
    expect(dataOf(paths.json)['filesPaths']).toHaveLength(7);
    const ipHeaders = { ...own, Authorization: token, accept: 'application/json', ...JSON_TYPE };
    const ip = await get(`${loginUrl}/login/1.0/get-client-ip`, ipHeaders);
    expect(rowOf(ip.json)['status']).toBe('success');
  });
});

describe('the documents and OpenAlgo', () => {
  async function session() {
    const { simulator } = await served();
    const { loginUrl, credentials } = simulator.kotak;
    const app: Headers = {
      Authorization: credentials.accessToken,
      'neo-fin-key': 'neotradeapi',
      'Content-Type': 'application/json',
    };
    const totp = totpAt(credentials.totpSecret, simulator.clock.now());
    const body = JSON.stringify({ mobileNumber: credentials.mobileNumber, ucc: credentials.ucc, totp });
    const first = await jsonOf({ method: 'POST', url: `${loginUrl}/login/1.0/tradeApiLogin`, headers: app, body });
    const { sid, token } = dataOf(first.json);
    const second = await jsonOf({
      method: 'POST',
      url: `${loginUrl}/login/1.0/tradeApiValidate`,
      headers: { ...app, sid: String(sid), Auth: String(token) },
      body: JSON.stringify({ mpin: credentials.mpin }),
    });
    const trade = dataOf(second.json);
    const own: Headers = {
      accept: 'application/json',
      Auth: String(trade['token']),
      Sid: String(trade['sid']),
      'neo-fin-key': 'neotradeapi',
      'Content-Type': 'application/x-www-form-urlencoded',
    };
    return { simulator, base: String(trade['baseUrl']), own };
  }

  /** Percent-encoded in place of plus signs. */
  const percentForm = (value: unknown): string => `jData=${encodeURIComponent(pythonJson(value))}`;

  const PLACE = {
    am: 'NO',
    dq: '0',
    es: 'nse_cm',
    mp: '0',
    pc: 'CNC',
    pf: 'N',
    pr: '0',
    pt: 'MKT',
    qt: '1',
    rt: 'DAY',
    tp: '0',
    ts: 'RELIANCE-EQ',
    tt: 'B',
  };

  test('place without tag and source, with neo-fin-key and no access token', async () => {
    const { simulator, base, own } = await session();
    const place = `${base}/quick/order/rule/ms/place`;
    const reply = await jsonOf({ method: 'POST', url: place, headers: own, body: percentForm(PLACE) });
    expect(rowOf(reply.json)['stat']).toBe('Ok');
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('modify with the documents’ field list, and with the place fields and a number', async () => {
    const { base, own } = await session();
    const call = (path: string, value: unknown): Promise<JsonReply> =>
      jsonOf({ method: 'POST', url: base + path, headers: own, body: percentForm(value) });
    const placed = await call('/quick/order/rule/ms/place', { ...PLACE, pt: 'L', pr: '1390' });
    const no = String(rowOf(placed.json)['nOrdNo']);
    const listed = { tk: '2885', mp: '0', pc: 'CNC', dd: 'NA', dq: '0', vd: 'DAY', ts: 'RELIANCE-EQ', tt: 'B' };
    const first = await call('/quick/order/vr/modify', {
      ...listed,
      pr: '1385',
      tp: '0',
      qt: '2',
      no,
      es: 'nse_cm',
      pt: 'L',
    });
    expect(rowOf(first.json)['stat']).toBe('Ok');
    const second = await call('/quick/order/vr/modify', { ...PLACE, pt: 'L', pr: '1380', qt: '3', no });
    expect(rowOf(second.json)['stat']).toBe('Ok');
    const { json } = await jsonOf({ url: `${base}/quick/user/orders/${no}`, headers: own });
    expect(listOf(json)[0]).toMatchObject({ prc: '1380.00', qty: 3 });
    const cancelled = await call('/quick/order/cancel', { am: 'NO', on: no, ts: '' });
    expect(rowOf(cancelled.json)['stat']).toBe('Ok');
  });

  test('fetch the scrip files without any header', async () => {
    const { simulator, base } = await session();
    const headers = { Authorization: simulator.kotak.credentials.accessToken, 'Content-Type': 'application/json' };
    const { json } = await jsonOf({ url: `${base}/script-details/1.0/masterscrip/file-paths`, headers });
    const paths = dataOf(json)['filesPaths'];
    const [first] = Array.isArray(paths) ? paths : [];
    expect((await send({ url: String(first) })).status).toBe(200);
  });
});
