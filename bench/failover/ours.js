import { join } from 'node:path';
import { createAlgo, fileKey, memoryStore } from '@algo/core';
import { benchBroker, CREDENTIALS, INSTRUMENT } from './brokers.js';

export const ALPHA = { broker: 'alpha', account: 'main' };
export const BETA = { broker: 'beta', account: 'main' };

/** Our whole road as a host has it, with both brokers and the journal in memory. */
export function openAlgo({ origins, folder }) {
  const { home, alpha, beta } = origins;
  return createAlgo({
    store: memoryStore(),
    keys: fileKey(join(folder, 'master.key')),
    brokers: [benchBroker('alpha', { home, api: alpha }), benchBroker('beta', { home, api: beta })],
    egress: { acceptShared: true },
    health: { probeIdleMs: null },
    warmUp: false,
  });
}

/** A user with one broker in front and the other behind it. */
export async function openUser(algo, id, [primary, ...backups]) {
  const me = algo.user(id);
  for (const ref of [primary, ...backups]) {
    await me.credentials.put(ref.broker, ref.account, CREDENTIALS);
    await me.establishConnection(ref);
  }
  await me.setFailover({ primary, backups, rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }] });
  return me;
}

/** @returns {Promise<string>} the broker that answered */
export async function readQuotes(me) {
  const { value, from, stale } = await me.market.quotes([INSTRUMENT]);
  if (stale || value.length !== 1) throw new Error('no quote');
  return from.broker;
}

/** @param {object} [terms] what else the request says */
export const placeOrder = (me, clientOrderId, terms = {}) =>
  me.orders.place({
    clientOrderId,
    instrument: INSTRUMENT,
    side: 'BUY',
    quantity: 10,
    type: 'LIMIT',
    price: 1430.5,
    product: 'CNC',
    ...terms,
  });

/** @returns {Promise<string>} the broker that took it */
export async function enter(me, clientOrderId, terms) {
  const outcome = await placeOrder(me, clientOrderId, terms);
  if (outcome.kind !== 'accepted') throw new Error(`an entry ended as ${JSON.stringify(outcome)}`);
  return brokerOf(outcome.brokerOrderId);
}

/** Entries return to the primary by a person's word: by itself that takes a minute of health. */
export async function leadBack(me) {
  const { serving, primary } = me.routingStatus();
  if (serving.broker === primary.broker) return;
  const { token } = await me.handleFailover({ to: primary });
  await me.handleFailover({ confirm: token });
}

/** Order ids begin with the broker's name. */
export const brokerOf = (orderId) => orderId.slice(0, orderId.indexOf('-'));
