import { startSimulator } from '@algo/simulator';
import type { BrokerSubject, CannedReply, ConformanceOptions, ErrorCase, SubjectSetup } from '@algo/testkit';
import { angel } from '../../src/index.js';
import { fixture } from './account.js';

async function subject({ clock, holdings = [] }: SubjectSetup): Promise<BrokerSubject> {
  const account = {
    clientId: 'A100001',
    holdings: holdings.map(({ instrument, ...held }) => ({ instrument: instrument.replace('NSE:', ''), ...held })),
  };
  const simulator = await startSimulator({ clock, brokers: ['angel'], angel: { rateLimits: 'off', account } });
  const { baseUrl, instrumentsUrl, publisherLoginUrl, credentials } = simulator.angel;
  const { clientCode, apiKey, mpin, totpSecret } = credentials;
  return {
    definition: angel({ baseUrl, instrumentsUrl, publisherUrl: publisherLoginUrl }),
    logins: { totp: { clientCode, apiKey, mpin, totpSecret }, publisher: { clientCode, apiKey } },
    venue: simulator,
    async followRedirect(url) {
      const page = await fetch(url, { redirect: 'manual' });
      return Object.fromEntries(new URL(page.headers.get('location') ?? '').searchParams);
    },
    close: () => simulator.close(),
  };
}

const reply = (status: number, body: unknown): CannedReply => ({ status, body: JSON.stringify(body) });
const service = (errorcode: string, message: string, status = 200): CannedReply =>
  reply(status, { status: false, message, errorcode, data: null });
const plain = (status: number, body: string): CannedReply => ({ status, body });

/** SmartAPI docs, "Exceptions", copies of 2024, and what forum and clients reported since. */
const ERRORS: readonly ErrorCase[] = [
  ...['AG8001', 'AG8002', 'AG8003', 'AB1010', 'AB1011'].map((code): ErrorCase => ({
    what: code,
    reply: service(code, 'x'),
    command: 'session',
    read: 'ALGO_SESSION_EXPIRED',
  })),
  ...['AB8050', 'AB8051'].map((code): ErrorCase => ({
    what: code,
    reply: service(code, 'x'),
    command: 'unknown',
    read: 'ALGO_SESSION_EXPIRED',
  })),
  ...['AB1000', 'AB1050'].map((code): ErrorCase => ({
    what: code,
    reply: service(code, 'x'),
    command: 'unknown',
    read: 'ALGO_NOT_ENTITLED',
  })),
  ...['AB1053', 'AB1005', 'AB1006'].map((code): ErrorCase => ({
    what: code,
    reply: service(code, 'x'),
    command: 'not-enabled',
    read: 'ALGO_NOT_ENTITLED',
  })),
  ...['AB1004', 'AB2000', 'AB2001', 'AB9000'].map((code): ErrorCase => ({
    what: code,
    reply: service(code, 'x'),
    command: 'unknown',
    read: 'ALGO_BROKER_UNAVAILABLE',
  })),
  {
    what: 'AB1007 Invalid parameters',
    reply: service('AB1007', 'Invalid parameters'),
    command: 'invalid-request',
    read: 'ALGO_BROKER_REFUSED',
  },
  {
    what: 'AB1007 AMX Error',
    reply: service('AB1007', 'AMX Error'),
    command: 'unknown',
    read: 'ALGO_BROKER_UNAVAILABLE',
  },
  { what: 'AB1007 of no kind', reply: service('AB1007', 'hm'), command: 'unknown', read: 'ALGO_BROKER_REFUSED' },
  { what: 'AB1021', reply: service('AB1021', 'x'), command: 'unknown', read: 'ALGO_RATE_LIMITED' },
  ...['AB1008', 'AB1012', 'AB4008', 'AB4018'].map((code): ErrorCase => ({
    what: code,
    reply: service(code, 'x'),
    command: 'invalid-request',
    read: 'ALGO_BROKER_REFUSED',
  })),
  ...['AB1009', 'AB4036'].map((code): ErrorCase => ({
    what: code,
    reply: service(code, 'x'),
    command: 'instrument',
    read: 'ALGO_BROKER_REFUSED',
  })),
  { what: 'AB2002', reply: service('AB2002', 'x'), command: 'not-enabled', read: 'ALGO_BROKER_REFUSED' },
  ...['AB1013', 'AB1014', 'AB1015', 'AB1016', 'AB1017', 'AB1018', 'AB1031', 'AB1032', 'AB7777'].map(
    (code): ErrorCase => ({ what: code, reply: service(code, 'x'), command: 'unknown', read: 'ALGO_BROKER_REFUSED' }),
  ),
  {
    what: 'the gateway on rates',
    reply: plain(403, 'Access denied because of exceeding access rate'),
    command: 'unknown',
    read: 'ALGO_RATE_LIMITED',
  },
  { what: '429', reply: plain(429, 'Too Many Requests'), command: 'unknown', read: 'ALGO_RATE_LIMITED' },
  {
    what: 'an empty list',
    reply: reply(200, { status: true, message: 'SUCCESS', errorcode: '', data: null }),
    command: 'unknown',
    read: 'none',
  },
];

const row = firstRow(fixture('order_book_200.json'));
const list = (...rows: readonly unknown[]): CannedReply =>
  reply(200, { status: true, message: 'SUCCESS', errorcode: '', data: rows });

function firstRow(body: unknown): Readonly<Record<string, unknown>> {
  const data = typeof body === 'object' && body !== null && 'data' in body ? body.data : null;
  const first: unknown = Array.isArray(data) ? data[0] : null;
  if (typeof first !== 'object' || first === null) throw new Error('the sample book holds no row');
  return { ...first };
}

/** Angel One in front of the simulator, for the suite that every broker has to pass. */
export const ANGEL: ConformanceOptions = {
  name: 'Angel One',
  subject,
  instruments: {
    share: { instrument: 'NSE:RELIANCE', venue: 'NSE_EQ:2885' },
    otherShare: { instrument: 'NSE:TCS', venue: 'NSE_EQ:11536' },
    derivatives: [
      { instrument: 'NFO:NIFTY:2026-12-01:26000:CE', venue: 'NSE_FNO:900002' },
      { instrument: 'NFO:RELIANCE:2026-12-29:FUT', venue: 'NSE_FNO:900004' },
    ],
    index: { instrument: 'NSE:INDEX:NIFTY', venue: 'INDEX:13' },
  },
  samples: {
    statuses: [
      { word: 'put order req received', status: 'PENDING' },
      { word: 'validation pending', status: 'PENDING' },
      { word: 'open pending', status: 'PENDING' },
      { word: 'after market order req received', status: 'PENDING' },
      { word: 'modify after market order req received', status: 'PENDING' },
      { word: 'AMO SUBMITTED', status: 'PENDING' },
      { word: 'open', status: 'OPEN' },
      { word: 'modified', status: 'OPEN' },
      { word: 'modify pending', status: 'OPEN' },
      { word: 'modify validation pending', status: 'OPEN' },
      { word: 'not modified', status: 'OPEN' },
      { word: 'cancel pending', status: 'OPEN' },
      { word: 'not cancelled', status: 'OPEN' },
      { word: 'trigger pending', status: 'TRIGGER_PENDING' },
      { word: 'complete', status: 'FILLED' },
      { word: 'cancelled', status: 'CANCELLED' },
      { word: 'cancelled after market order', status: 'CANCELLED' },
      { word: 'rejected', status: 'REJECTED' },
    ],
    book: (word) => list({ ...row, status: word, orderstatus: word, filledshares: '0' }),
    bookWithBadRow: list(row, { orderid: '1' }),
    errors: ERRORS,
    acknowledged: (orderid) =>
      reply(200, { status: true, message: 'SUCCESS', errorcode: '', data: { script: 'SBIN-EQ', orderid } }),
    tradesWithBadRow: list(firstRow(fixture('trade_book_200.json')), {}),
    positionsWithBadRow: list(firstRow(fixture('positions_200.json')), {}),
    holdingsWithBadRow: list(firstRow(fixture('holding_200.json')), {}),
  },
};
