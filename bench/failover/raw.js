import { Pool } from 'undici';
import { brokerOf } from './ours.js';

const HEADERS = ['content-type', 'application/json', 'authorization', 'bench-token'];
const SOCKETS = 4;

/**
 * The floor: the two steps by hand on pools of keep-alive sockets. The first broker is asked, and if it fails the second
 * one. Nothing is limited, checked, timed or remembered, but for the journal of orders, which is a `Map`.
 *
 * @param {{ readonly alpha: string, readonly beta: string }} origins
 */
export function openRaw({ alpha, beta }) {
  const pools = [alpha, beta].map((origin) => new Pool(origin, { connections: SOCKETS, pipelining: 1 }));
  const [, second] = pools;
  const journal = new Map();

  const quotesOf = async (pool, options) => {
    const [{ price }] = await answerOf(pool, { method: 'GET', path: '/quotes', headers: HEADERS, ...options });
    if (typeof price !== 'number') throw new Error('no quote');
  };
  const quotes = async (pool, name) => {
    await quotesOf(pool);
    return name;
  };
  const placeAt = async (pool, tag) => {
    const body = JSON.stringify({ tag, token: '2885', side: 'BUY', quantity: 10, price: 1430.5 });
    journal.set(tag, 'INTENT');
    try {
      const { orderId } = await answerOf(pool, { method: 'POST', path: '/orders', headers: HEADERS, body });
      journal.set(tag, orderId);
      return orderId;
    } catch (error) {
      journal.set(tag, error.code === 'ECONNREFUSED' ? 'NOT_SENT' : 'UNKNOWN');
      throw error;
    }
  };

  return {
    read: async () => quotes(pools[0], 'alpha').catch(() => quotes(second, 'beta')),
    readSecond: () => quotes(second, 'beta'),
    async enter(tag) {
      try {
        return brokerOf(await placeAt(pools[0], `${tag}1`));
      } catch (error) {
        if (error.code !== 'ECONNREFUSED') throw error; // it may be there: it is not sent again
        return brokerOf(await placeAt(second, `${tag}2`));
      }
    },
    enterSecond: async (tag) => brokerOf(await placeAt(second, tag)),
    /** Gives the first broker so long, by a timer of its own. */
    readWithin: async (limitMs) => {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), limitMs);
      return quotesOf(pools[0], { signal: stop.signal })
        .then(() => 'alpha')
        .catch(() => quotes(second, 'beta'))
        .finally(() => clearTimeout(timer));
    },
    /** Gives the first broker so long, by undici's own limits. */
    readWithinHeaders: (limitMs) =>
      quotesOf(pools[0], { headersTimeout: limitMs, bodyTimeout: limitMs })
        .then(() => 'alpha')
        .catch(() => quotes(second, 'beta')),
    close: () => Promise.all(pools.map((pool) => pool.destroy())),
  };
}

async function answerOf(pool, options) {
  const { statusCode, body } = await pool.request(options);
  const reply = await body.json();
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
  return reply;
}
