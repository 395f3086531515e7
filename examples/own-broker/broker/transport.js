import { AlgoError, Secret } from '@algo/core/adapter';
import { words } from './map.js';
/** @import { BrokerHttp, CommandReply, Root } from '@algo/core/adapter' */

/** How Monsoon is spoken to: headers, lanes, and what a reply means. @param {BrokerHttp} http @param {Root} root */
export function createTransport(http, root) {
  const send = (purpose, lane, method, path, body, call, token = call.session.secrets.token) => {
    const signed = token === null ? [] : ['authorization', new Secret(`Bearer ${token.reveal()}`)];
    const headers = ['content-type', 'application/json', ...signed];
    const request = { purpose, lane, family: lane, method, origin: root.origin, path: root.path + path, headers };
    return http.send(body === null ? request : { ...request, body: JSON.stringify(body) }, call);
  };
  const auth = async (method, body, call, token) =>
    dataOf(await send('command', 'auth', method, '/session', body, call, token), 'auth');
  return {
    async command(method, id, body, call) {
      const path = id === null ? '/orders' : `/orders/${id}`;
      return commandReply(await send('command', 'orders', method, path, body, call), id);
    },
    async read(path, call, none) {
      const reply = await send('read', 'reads', 'GET', path, null, call);
      return reply.status === 404 && envelopeOf(reply).code === none ? null : dataOf(reply, 'reads');
    },
    logIn: (body, call) => auth('POST', body, call, null),
    logOut: (call) => auth('DELETE', null, call),
    async master(call) {
      const reply = await send('read', 'data', 'GET', '/instruments.csv', null, call, null);
      return reply.status === 200 ? reply.text() : dataOf(reply, 'data');
    },
  };
}

/** Taken, refused by the broker's own word under a 4xx, or nothing proven. Never throws. @returns {CommandReply} */
function commandReply(reply, asked) {
  const { ok, code, text: brokerText, data } = envelopeOf(reply);
  const id = reply.status === 200 && ok === true ? data?.id : undefined;
  if (typeof id === 'string' && id !== '' && id === (asked ?? id)) return { kind: 'acknowledged', brokerOrderId: id };
  const reason = reply.status >= 400 && reply.status <= 499 ? REASONS.get(code) : undefined;
  if (reason !== undefined) return { kind: 'rejected', reason, brokerCode: code, brokerText };
  return { kind: 'unknown', why: `HTTP ${reply.status} ${code}` };
}

/** The data of a good reply to a read, or the error that it is. */
function dataOf(reply, family) {
  const { ok, code: brokerCode, text: brokerText, data } = envelopeOf(reply);
  if (reply.status === 200 && ok === true) return data;
  const reason = REASONS.get(brokerCode) ?? 'other';
  const said = { broker: 'monsoon', brokerCode, brokerText, status: reply.status, reason, why: 'no envelope' };
  if (reply.status >= 500) throw new AlgoError('ALGO_BROKER_UNAVAILABLE', said);
  if (reason === 'session') throw new AlgoError('ALGO_SESSION_EXPIRED', said);
  if (reason === 'rate-limited') throw new AlgoError('ALGO_RATE_LIMITED', { family, retryAfterMs: 1_000 });
  if (brokerCode === 'M-102') throw new AlgoError('ALGO_LOGIN_REFUSED', said);
  throw new AlgoError(brokerCode === null ? 'ALGO_REPLY_UNREADABLE' : 'ALGO_BROKER_REFUSED', said);
}

/** `{"ok":true,"data":...}` or `{"ok":false,"code":"M-201","text":"..."}`; of anything else, nothing. */
function envelopeOf(reply) {
  try {
    const { ok, code = null, text = '', data } = reply.json();
    return { ok, code, text, data };
  } catch {
    return { ok: false, code: null, text: '' };
  }
}

/** Monsoon's page "Errors". A code that is missing here proves nothing about an order. */
const REASONS = words(`M-101=session M-201=margin M-202=price M-203=quantity M-204=market-closed M-205=not-enabled
  M-206=instrument M-301=order-not-open M-429=rate-limited`);
