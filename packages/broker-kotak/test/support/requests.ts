import { isAlgoError, isSecret } from '@algo/core/adapter';
import type { BrokerRequest } from '@algo/core/adapter';
import { ACCESS_TOKEN, SID, TRADE_TOKEN } from './account.js';
import { jDataOf } from './fake-http.js';

export const codeOf = async (task: Promise<unknown>): Promise<string> => {
  try {
    await task;
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

/** A request with its secrets shown and its form opened, to compare it whole. */
export function shown(request: BrokerRequest): unknown {
  const { headers = [], body, ...rest } = request;
  const sent = headers.map((value) => (isSecret(value) ? value.reveal() : value));
  return body === undefined ? { ...rest, headers: sent } : { ...rest, headers: sent, jData: jDataOf(request) };
}

const ORIGIN = { origin: 'https://e43.kotaksecurities.com' };
const APPLICATION = ['neo-fin-key', 'neotradeapi', 'accept', 'application/json'];
export const SIGNED = ['authorization', ACCESS_TOKEN, 'auth', TRADE_TOKEN, 'sid', SID, ...APPLICATION];
export const FORM = ['content-type', 'application/x-www-form-urlencoded'];
export const onOrders = {
  ...ORIGIN,
  purpose: 'command',
  lane: 'orders',
  family: 'orders',
  method: 'POST',
  headers: [...SIGNED, ...FORM],
};
export const onReads = { ...ORIGIN, purpose: 'read', lane: 'reads', family: 'reads', method: 'GET', headers: SIGNED };
export const onData = {
  ...ORIGIN,
  purpose: 'read',
  lane: 'data',
  method: 'GET',
  headers: ['authorization', ACCESS_TOKEN, 'accept', 'application/json'],
};
