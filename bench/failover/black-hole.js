import { setTimeout as sleep } from 'node:timers/promises';
import { setFault } from '../stub/control.js';
import { INSTRUMENT } from './brokers.js';
import { ALPHA, BETA, openAlgo, openUser, placeOrder, readQuotes } from './ours.js';
import { openRaw } from './raw.js';

/** Callers begin one after another, so that none of them waits for another's answer. 7 shares no factor with a tick. */
const APART_MS = 7;
/** What the read router gives a broker while there is another one to ask. */
const FIRST_TRY_MS = 1_000;
const ORDER_DEADLINES_MS = [50, 250, 1_000];

/**
 * A first broker that takes requests and never answers: how long after its deadline a caller is told, in milliseconds. Of
 * quotes that includes the second broker's answer; an order is told to be unknown. Every caller is a user of their own, so
 * that nobody's breaker knows of it yet. Beside it a timer of one's own, and undici's.
 */
export async function measureBlackHole({ call, origins, control, folder, callers }) {
  const algo = openAlgo({ origins, folder });
  const users = [];
  const raws = [];
  for (let at = 0; at < callers; at += 1) {
    users.push(await openUser(algo, `u${at}`, [ALPHA, BETA]));
    raws.push(openRaw(origins));
  }
  const ours = call === 'read' ? (me) => readQuotes(me) : orderWithin;
  const limits = call === 'read' ? [FIRST_TRY_MS] : ORDER_DEADLINES_MS;
  await Promise.all(users.map((me, at) => ours(me, FIRST_TRY_MS, `WARM${at}`)));
  await Promise.all(users.map((me) => me.connection(BETA).quotes([INSTRUMENT])));
  await Promise.all(raws.flatMap((raw) => [raw.read(), raw.readSecond()]));
  await setFault(control, 'silent');
  const late = [];
  for (const limitMs of limits) {
    late.push({
      limitMs,
      ours: await latenessOf(users, limitMs, (me, at) => ours(me, limitMs, `L${limitMs}-${at}`)),
      ownTimer: await latenessOf(raws, limitMs, (raw) => raw.readWithin(limitMs)),
      undiciTimer: await latenessOf(raws, limitMs, (raw) => raw.readWithinHeaders(limitMs)),
    });
  }
  await setFault(control, 'none');
  return { late }; // not closed: what became of the unknown orders would be waited for
}

/** @returns {Promise<readonly number[]>} milliseconds beyond the limit */
function latenessOf(callers, limitMs, ask) {
  return Promise.all(
    callers.map(async (caller, at) => {
      await sleep(at * APART_MS);
      const beganMs = performance.now();
      const how = await ask(caller, at);
      const lateMs = performance.now() - beganMs - limitMs;
      if (how !== 'beta' && how !== 'unknown') throw new Error(`ended as ${how}`);
      return lateMs;
    }),
  );
}

async function orderWithin(me, deadlineMs, clientOrderId) {
  const outcome = await placeOrder(me, clientOrderId, { connection: ALPHA, deadlineMs });
  return outcome.kind === 'not-sent' ? JSON.stringify(outcome.proof) : outcome.kind;
}
