import { startSimulator } from '@algo/simulator';
import type { BrokerSubject, CannedReply, ConformanceOptions, ErrorCase, SubjectSetup } from '@algo/testkit';
import { dhan } from '../../src/index.js';
import { fixture, fixtureRow } from './account.js';

async function subject({ clock, holdings = [] }: SubjectSetup): Promise<BrokerSubject> {
  const account = {
    clientId: '1000000001',
    holdings: holdings.map(({ instrument, ...held }) => ({ instrument: instrument.replace('NSE:', ''), ...held })),
  };
  const simulator = await startSimulator({ clock, dhan: { rateLimits: 'off', account } });
  const { baseUrl, authUrl, detailedInstrumentsUrl, credentials } = simulator.dhan;
  const { clientId, accessToken, pin, totpSecret, apiKey, apiSecret } = credentials;
  return {
    definition: dhan({ baseUrl, authUrl, instrumentsUrl: detailedInstrumentsUrl }),
    logins: {
      totp: { clientId, pin, totpSecret },
      token: { clientId, accessToken },
      consent: { clientId, apiKey, apiSecret },
    },
    venue: simulator,
    async followRedirect(url) {
      const page = await fetch(url, { redirect: 'manual' });
      return Object.fromEntries(new URL(page.headers.get('location') ?? '').searchParams);
    },
    close: () => simulator.close(),
  };
}

const reply = (status: number, body: unknown): CannedReply => ({ status, body: JSON.stringify(body) });
const trading = (status: number, errorCode: string, errorMessage = 'something'): CannedReply =>
  reply(status, { errorType: 'Some_Error', errorCode, errorMessage });
const data = (status: number, code: string): CannedReply =>
  reply(status, { status: 'failed', data: { [code]: 'something' } });

/** DhanHQ v2 docs, "Annexure", captured 2026-07-15, and recorded replies. */
const ERRORS: readonly ErrorCase[] = [
  { what: 'DH-901', reply: trading(401, 'DH-901'), command: 'session', read: 'ALGO_SESSION_EXPIRED' },
  { what: 'DH-902', reply: trading(400, 'DH-902'), command: 'not-enabled', read: 'ALGO_NOT_ENTITLED' },
  { what: 'DH-903', reply: trading(400, 'DH-903'), command: 'not-enabled', read: 'ALGO_NOT_ENTITLED' },
  { what: 'DH-904', reply: trading(429, 'DH-904'), command: 'rate-limited', read: 'ALGO_RATE_LIMITED' },
  { what: 'DH-905', reply: trading(400, 'DH-905'), command: 'invalid-request', read: 'ALGO_BROKER_REFUSED' },
  {
    what: 'DH-905 Invalid IP',
    reply: trading(400, 'DH-905', 'Invalid IP'),
    command: 'static-ip',
    read: 'ALGO_STATIC_IP_REFUSED',
  },
  { what: 'DH-906', reply: trading(400, 'DH-906'), command: 'other', read: 'ALGO_BROKER_REFUSED' },
  {
    what: 'DH-906 Invalid Token',
    reply: trading(400, 'DH-906', 'Invalid Token'),
    command: 'session',
    read: 'ALGO_SESSION_EXPIRED',
  },
  {
    what: 'DH-906 closed',
    reply: trading(400, 'DH-906', 'Market is Closed! Want to place an offline order?'),
    command: 'market-closed',
    read: 'ALGO_BROKER_REFUSED',
  },
  { what: 'DH-907', reply: trading(400, 'DH-907'), command: 'unknown', read: 'ALGO_NO_DATA' },
  { what: 'DH-908', reply: trading(500, 'DH-908'), command: 'unknown', read: 'ALGO_BROKER_UNAVAILABLE' },
  { what: 'DH-909', reply: trading(500, 'DH-909'), command: 'unknown', read: 'ALGO_BROKER_UNAVAILABLE' },
  { what: 'DH-910', reply: trading(400, 'DH-910'), command: 'unknown', read: 'ALGO_BROKER_REFUSED' },
  { what: 'DH-911', reply: trading(400, 'DH-911'), command: 'static-ip', read: 'ALGO_STATIC_IP_REFUSED' },
  { what: 'DH-1111', reply: trading(400, 'DH-1111'), command: 'unknown', read: 'ALGO_NO_DATA' },
  { what: 'a code nobody knows', reply: trading(400, 'DH-999'), command: 'unknown', read: 'ALGO_BROKER_REFUSED' },
  { what: '800', reply: data(400, '800'), command: 'unknown', read: 'ALGO_BROKER_UNAVAILABLE' },
  { what: '804', reply: data(400, '804'), command: 'unknown', read: 'ALGO_BROKER_REFUSED' },
  { what: '805', reply: data(429, '805'), command: 'unknown', read: 'ALGO_RATE_LIMITED' },
  { what: '806', reply: data(200, '806'), command: 'unknown', read: 'ALGO_NOT_ENTITLED' },
  ...['807', '808', '809', '810'].map((what): ErrorCase => ({
    what,
    reply: data(401, what),
    command: 'unknown',
    read: 'ALGO_SESSION_EXPIRED',
  })),
  ...['811', '812', '813', '814'].map((what): ErrorCase => ({
    what,
    reply: data(400, what),
    command: 'unknown',
    read: 'ALGO_BROKER_REFUSED',
  })),
];

const row = { ...fixtureRow('orders_docs_200.json'), filledQty: 0, orderType: 'LIMIT' };

function withBadRow(name: string): CannedReply {
  const rows = fixture(name);
  if (!Array.isArray(rows) || rows.length === 0) throw new Error(`${name} holds no rows`);
  return reply(200, [rows[0], {}]);
}

/** Dhan in front of the simulator, for the suite that every broker has to pass. */
export const DHAN: ConformanceOptions = {
  name: 'Dhan',
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
      { word: 'TRANSIT', status: 'PENDING' },
      { word: 'PENDING', status: 'OPEN' },
      { word: 'TRIGGERED', status: 'OPEN' },
      { word: 'CONFIRM', status: 'TRIGGER_PENDING' },
      { word: 'PART_TRADED', status: 'PARTIALLY_FILLED' },
      { word: 'TRADED', status: 'FILLED' },
      { word: 'CANCELLED', status: 'CANCELLED' },
      { word: 'REJECTED', status: 'REJECTED' },
      { word: 'EXPIRED', status: 'EXPIRED' },
    ],
    book: (orderStatus) => reply(200, [{ ...row, orderStatus }]),
    bookWithBadRow: reply(200, [row, { orderId: '1' }]),
    errors: ERRORS,
    acknowledged: (orderId) => reply(200, { ...fixtureRow('order_place_200.json'), orderId }),
    tradesWithBadRow: withBadRow('trades_docs_200.json'),
    positionsWithBadRow: withBadRow('positions_200.json'),
    holdingsWithBadRow: withBadRow('holdings_200.json'),
  },
};
