import { readFileSync } from 'node:fs';
import { startSimulator } from '@algo/simulator';
import type { BrokerSubject, CannedReply, ConformanceOptions, ErrorCase, SubjectSetup } from '@algo/testkit';
import { jainam } from '../../src/index.js';

async function subject({ clock, holdings = [] }: SubjectSetup): Promise<BrokerSubject> {
  const account = {
    clientId: 'JN1001',
    holdings: holdings.map(({ instrument, ...held }) => ({ instrument: instrument.replace('NSE:', ''), ...held })),
  };
  const simulator = await startSimulator({ clock, brokers: ['jainam'], jainam: { rateLimits: 'off', account } });
  const { baseUrl, credentials } = simulator.jainam;
  const { clientId, interactiveApiKey, interactiveApiSecret, marketApiKey, marketApiSecret } = credentials;
  return {
    definition: jainam({ baseUrl, marketDataPath: '/apimarketdata' }),
    logins: { keys: { clientId, interactiveApiKey, interactiveApiSecret, marketApiKey, marketApiSecret } },
    venue: simulator,
    close: () => simulator.close(),
  };
}

const reply = (status: number, body: unknown): CannedReply => ({ status, body: JSON.stringify(body) });
const refusal = (code: string, description = 'something', status = 400): CannedReply =>
  reply(status, { type: 'error', code, description, result: {} });

/** XTS documentation excerpts and public adapters as of 2026-11-20. */
const ERRORS: readonly ErrorCase[] = [
  ...['e-session-0005', 'e-session-0007', 'e-token-0001', 'e-token-0002'].map((what): ErrorCase => ({
    what,
    reply: refusal(what),
    command: 'session',
    read: 'ALGO_SESSION_EXPIRED',
  })),
  ...['e-session-0002', 'e-session-0004', 'e-orders-0001', 'e-instrument-0001', 'e-orders-9999'].map(
    (what): ErrorCase => ({ what, reply: refusal(what), command: 'unknown', read: 'ALGO_BROKER_REFUSED' }),
  ),
  { what: 'e-apirl-0004', reply: refusal('e-apirl-0004'), command: 'unknown', read: 'ALGO_RATE_LIMITED' },
  {
    what: 'e-property-validation-failed',
    reply: refusal('e-property-validation-failed', 'Bad Request'),
    command: 'invalid-request',
    read: 'ALGO_BROKER_REFUSED',
  },
  {
    what: 'wrong keys',
    reply: refusal('e-user-0001', 'Entered invalid credentials'),
    command: 'unknown',
    read: 'ALGO_BROKER_REFUSED',
  },
  { what: 'an empty book', reply: refusal('e-orders-0005', 'Data Not Available'), command: 'unknown', read: 'none' },
  {
    what: 'an empty list of something else',
    reply: refusal('e-portfolio-0005', 'Data Not Available'),
    command: 'unknown',
    read: 'ALGO_NO_DATA',
  },
  { what: '429', reply: { status: 429, body: '' }, command: 'unknown', read: 'ALGO_RATE_LIMITED' },
];

const success = (result: unknown): CannedReply =>
  reply(200, { type: 'success', code: 's-orders-0001', description: 'Success', result });
const row = {
  ...fixtureRow(),
  OrderType: 'Limit',
  CumulativeQuantity: 0,
  LeavesQuantity: 75,
  OrderAverageTradedPrice: '',
};
const fill = { ...fixtureRow(), ExecutionID: '1', LastTradedQuantity: 75, LastTradedPrice: 23.9 };

function fixtureRow(): Readonly<Record<string, unknown>> {
  const text = readFileSync(new URL('../../../xts/test/fixtures/order_book_200.json', import.meta.url), 'utf8');
  const body: unknown = JSON.parse(text);
  const rows = typeof body === 'object' && body !== null && 'result' in body ? body.result : null;
  const first: unknown = Array.isArray(rows) ? rows[0] : null;
  if (typeof first !== 'object' || first === null) throw new Error('the sample book holds no row');
  return { ...first };
}

/** The parts that are read: Symphony XTS docs, "Positions" and "Holdings", as collected 2026-11-20. */
const POSITION = { ExchangeSegment: 'NSECM', ExchangeInstrumentId: '2885', ProductType: 'MIS', Quantity: '10' };
const HOLDING = { ExchangeNSEInstrumentId: 2885, HoldingQuantity: 25, BuyAvgPrice: 1_200.5 };

/** Jainam in front of the simulator, for the suite that every broker has to pass. */
export const JAINAM: ConformanceOptions = {
  name: 'Jainam',
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
  lacks: {
    margin: 'its margin call was seen at one other XTS house only, and public adapters treat Jainam as having none',
    redirect: 'every log-in is made by a program, with key and secret',
  },
  samples: {
    statuses: [
      { word: 'PendingNew', status: 'PENDING' },
      { word: 'New', status: 'OPEN' },
      { word: 'Open', status: 'OPEN' },
      { word: 'Trigger Pending', status: 'TRIGGER_PENDING' },
      { word: 'TriggerPending', status: 'TRIGGER_PENDING' },
      { word: 'PartiallyFilled', status: 'PARTIALLY_FILLED' },
      { word: 'Partially Filled', status: 'PARTIALLY_FILLED' },
      { word: 'Filled', status: 'FILLED' },
      { word: 'PendingReplace', status: 'OPEN' },
      { word: 'Replaced', status: 'OPEN' },
      { word: 'PendingCancel', status: 'OPEN' },
      { word: 'Cancelled', status: 'CANCELLED' },
      { word: 'Canceled', status: 'CANCELLED' },
      { word: 'Rejected', status: 'REJECTED' },
      { word: 'Expired', status: 'EXPIRED' },
    ],
    book: (word) => success([{ ...row, OrderStatus: word }]),
    bookWithBadRow: success([row, { AppOrderID: 1 }]),
    errors: ERRORS,
    acknowledged: (id, tag) => success({ AppOrderID: Number(id), OrderUniqueIdentifier: tag, ClientID: 'JN1001' }),
    tradesWithBadRow: success([fill, { AppOrderID: 1 }]),
    positionsWithBadRow: success({ positionList: [POSITION, {}] }),
    holdingsWithBadRow: success({ RMSHoldings: { Holdings: { INE002A01018: HOLDING, INE467B01029: {} } } }),
  },
};
