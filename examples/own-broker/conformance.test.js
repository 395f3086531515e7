import { describe, test } from 'node:test';
import { brokerConformance } from '@algo/testkit';
import { monsoon } from './broker/index.js';
import { startFakeMonsoon } from './fake-broker.js';

/** Monsoon in front of its fake, fresh for every test. */
async function subject({ clock, holdings }) {
  const venue = await startFakeMonsoon({ now: () => clock.now(), holdings });
  const definition = monsoon({ baseUrl: venue.baseUrl });
  return { definition, logins: { key: venue.credentials }, venue, close: () => venue.close() };
}

const reply = (status, body) => ({ status, body: JSON.stringify(body) });
const good = (data) => reply(200, { ok: true, data });
const list = (...rows) => good(rows);
const error = (status, code, command, read) => ({
  what: code,
  reply: reply(status, { ok: false, code, text: 'something' }),
  command,
  read,
});

const terms = { side: 'B', type: 'LMT', product: 'DAYTRADE', validity: 'DAY', quantity: 10, price: 138_600 };
const times = { placed: '2026-11-20 10:00:00', changed: '2026-11-20 10:00:00' };
/** The least that a row of Monsoon's order book says; what has no value yet is left out. */
const row = {
  id: '2611200001',
  segment: 'CASH',
  token: '101',
  symbol: 'RELIANCE',
  ...terms,
  filledQuantity: 0,
  ...times,
};

const contract = { segment: 'CASH', token: '101', symbol: 'RELIANCE', product: 'DAYTRADE' };
const trade = { id: 'T1', order: row.id, ...contract, side: 'B', quantity: 10, price: 138_600, at: times.placed };
const prices = { averageBuyPrice: 138_600, averageSellPrice: 0, realizedProfit: 0, unrealizedProfit: 0 };
const position = { ...contract, quantity: 10, boughtQuantity: 10, soldQuantity: 0, ...prices };
const held = { quantity: 25, availableQuantity: 25, pledgedQuantity: 0, averagePrice: 120_050 };

brokerConformance(
  { describe, test },
  {
    name: 'Monsoon',
    subject,
    instruments: {
      share: { instrument: 'NSE:RELIANCE', venue: 'CASH:101' },
      otherShare: { instrument: 'NSE:TCS', venue: 'CASH:102' },
      derivatives: [
        { instrument: 'NFO:NIFTY:2026-12-01:26000:CE', venue: 'DERIV:201' },
        { instrument: 'NFO:RELIANCE:2026-12-29:FUT', venue: 'DERIV:202' },
      ],
      index: { instrument: 'NSE:INDEX:NIFTY', venue: 'INDEX:1' },
    },
    lacks: {
      margin: 'Monsoon tells what an order blocks only after it was placed',
      quotes: 'Monsoon sells market data as a product of its own',
      candles: 'the same',
      redirect: 'its key and secret need no page',
    },
    samples: {
      statuses: [
        { word: 'RECEIVED', status: 'PENDING' },
        { word: 'LIVE', status: 'OPEN' },
        { word: 'WAITING', status: 'TRIGGER_PENDING' },
        { word: 'PARTLY', status: 'PARTIALLY_FILLED' },
        { word: 'DONE', status: 'FILLED' },
        { word: 'WITHDRAWN', status: 'CANCELLED' },
        { word: 'REFUSED', status: 'REJECTED' },
        { word: 'LAPSED', status: 'EXPIRED' },
      ],
      book: (state) => list({ ...row, state }),
      bookWithBadRow: list({ ...row, state: 'LIVE' }, { id: '2611200002' }),
      errors: [
        error(401, 'M-101', 'session', 'ALGO_SESSION_EXPIRED'),
        error(400, 'M-201', 'margin', 'ALGO_BROKER_REFUSED'),
        error(400, 'M-202', 'price', 'ALGO_BROKER_REFUSED'),
        error(400, 'M-203', 'quantity', 'ALGO_BROKER_REFUSED'),
        error(400, 'M-204', 'market-closed', 'ALGO_BROKER_REFUSED'),
        error(400, 'M-205', 'not-enabled', 'ALGO_BROKER_REFUSED'),
        error(400, 'M-206', 'instrument', 'ALGO_BROKER_REFUSED'),
        error(400, 'M-301', 'order-not-open', 'ALGO_BROKER_REFUSED'),
        error(404, 'M-302', 'unknown', 'ALGO_BROKER_REFUSED'),
        error(429, 'M-429', 'rate-limited', 'ALGO_RATE_LIMITED'),
        error(503, 'M-900', 'unknown', 'ALGO_BROKER_UNAVAILABLE'),
        error(400, 'M-999', 'unknown', 'ALGO_BROKER_REFUSED'),
      ],
      acknowledged: (id) => good({ id }),
      tradesWithBadRow: list(trade, {}),
      positionsWithBadRow: list(position, {}),
      holdingsWithBadRow: list({ ...contract, ...held }, {}),
    },
  },
);
