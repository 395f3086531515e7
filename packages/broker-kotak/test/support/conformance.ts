import { startSimulator } from '@algo/simulator';
import type { BrokerSubject, CannedReply, ConformanceOptions, ErrorCase, SubjectSetup } from '@algo/testkit';
import { kotak } from '../../src/index.js';
import { fixture, fixtureFields } from './account.js';

async function subject({ clock, holdings = [] }: SubjectSetup): Promise<BrokerSubject> {
  const account = {
    clientId: 'AB1001',
    holdings: holdings.map(({ instrument, ...held }) => ({ instrument: instrument.replace('NSE:', ''), ...held })),
  };
  const simulator = await startSimulator({ clock, brokers: ['kotak'], kotak: { rateLimits: 'off', account } });
  const { loginUrl, credentials } = simulator.kotak;
  const { accessToken, ucc, mobileNumber, mpin, totpSecret } = credentials;
  return {
    definition: kotak({ loginUrl }),
    logins: { totp: { accessToken, ucc, mobileNumber, mpin, totpSecret } },
    venue: simulator,
    close: () => simulator.close(),
  };
}

const reply = (status: number, body: unknown): CannedReply => ({ status, body: JSON.stringify(body) });
const trading = (stCode: number, emsg = 'something', status = 200): CannedReply =>
  reply(status, { stat: 'Not_Ok', emsg, stCode });

/** Kotak Neo docs of 2026-08 and 2026-09, and replies that users recorded. */
const ERRORS: readonly ErrorCase[] = [
  ...[1003, 100022].map((code): ErrorCase => ({
    what: String(code),
    reply: trading(code, 'invalid session token'),
    command: 'session',
    read: 'ALGO_SESSION_EXPIRED',
  })),
  { what: '900901', reply: trading(900901), command: 'unknown', read: 'ALGO_SESSION_EXPIRED' },
  {
    what: '1037',
    reply: trading(1037, 'session ip does not match'),
    command: 'static-ip',
    read: 'ALGO_STATIC_IP_REFUSED',
  },
  {
    what: '100008',
    reply: trading(100008, 'unauthorized', 401),
    command: 'static-ip',
    read: 'ALGO_STATIC_IP_REFUSED',
  },
  { what: '1004', reply: trading(1004, 'Insufficient balance'), command: 'margin', read: 'ALGO_BROKER_REFUSED' },
  { what: '1006', reply: trading(1006), command: 'unknown', read: 'ALGO_BROKER_REFUSED' },
  { what: '1021', reply: trading(1021, 'order is completed'), command: 'unknown', read: 'ALGO_BROKER_REFUSED' },
  { what: '1009', reply: trading(1009, 'Invalid instrument/code'), command: 'instrument', read: 'ALGO_BROKER_REFUSED' },
  { what: '5203', reply: reply(200, fixture('empty_book_5203.json')), command: 'unknown', read: 'none' },
  { what: 'a code nobody knows', reply: trading(1999), command: 'unknown', read: 'ALGO_BROKER_REFUSED' },
  { what: '429', reply: { status: 429, body: '{}' }, command: 'unknown', read: 'ALGO_RATE_LIMITED' },
  { what: '401', reply: { status: 401, body: '{"message":"no"}' }, command: 'unknown', read: 'ALGO_SESSION_EXPIRED' },
];

const row = firstRow(fixture('order_book_200.json'));
const list = (...rows: readonly unknown[]): CannedReply => reply(200, { stat: 'Ok', stCode: 200, data: rows });

function firstRow(body: unknown): Readonly<Record<string, unknown>> {
  const data = typeof body === 'object' && body !== null && 'data' in body ? body.data : null;
  const first: unknown = Array.isArray(data) ? data[0] : null;
  if (typeof first !== 'object' || first === null) throw new Error('the sample book holds no row');
  return { ...first };
}

/** The part of a position that is read: Kotak Neo Trade API docs, "Positions", as of 2026-09. */
const POSITION = {
  exSeg: 'nse_cm',
  tok: '2885',
  trdSym: 'RELIANCE-EQ',
  prod: 'MIS',
  cfBuyQty: '0',
  cfSellQty: '0',
  flBuyQty: '10',
  flSellQty: '0',
  cfBuyAmt: '0.00',
  cfSellAmt: '0.00',
  buyAmt: '14000.00',
  sellAmt: '0.00',
};

/** Kotak Neo in front of the simulator, for the suite that every broker has to pass. */
export const KOTAK: ConformanceOptions = {
  name: 'Kotak Neo',
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
  lacks: { redirect: 'every log-in is made by a program, with TOTP and MPIN' },
  samples: {
    statuses: [
      { word: 'put order req received', status: 'PENDING' },
      { word: 'validation pending', status: 'PENDING' },
      { word: 'open pending', status: 'PENDING' },
      { word: 'after market order req received', status: 'PENDING' },
      { word: 'open', status: 'OPEN' },
      { word: 'modified', status: 'OPEN' },
      { word: 'modify pending', status: 'OPEN' },
      { word: 'modify validation pending', status: 'OPEN' },
      { word: 'modify after market order req received', status: 'OPEN' },
      { word: 'cancel pending', status: 'OPEN' },
      { word: 'trigger pending', status: 'TRIGGER_PENDING' },
      { word: 'partially filled', status: 'PARTIALLY_FILLED' },
      { word: 'complete', status: 'FILLED' },
      { word: 'traded', status: 'FILLED' },
      { word: 'cancelled', status: 'CANCELLED' },
      { word: 'canceled', status: 'CANCELLED' },
      { word: 'cancelled after market order', status: 'CANCELLED' },
      { word: 'rejected', status: 'REJECTED' },
      { word: 'expired', status: 'EXPIRED' },
    ],
    book: (word) => list({ ...row, stat: word, ordSt: word }),
    bookWithBadRow: list(row, { nOrdNo: '1' }),
    errors: ERRORS,
    acknowledged: (nOrdNo) => reply(200, { ...fixtureFields('place_order_200.json'), nOrdNo }),
    tradesWithBadRow: list(firstRow(fixture('trade_book_200.json')), {}),
    positionsWithBadRow: list(POSITION, {}),
    holdingsWithBadRow: list(firstRow(fixture('holdings_200.json')), {}),
  },
};
