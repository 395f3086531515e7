import { AlgoError } from '@algo/core/adapter';
import type { BrokerCall, RawReply, RawRequest } from '@algo/core/adapter';
import { ROUTES, jsonOrUndefined } from './transport.js';
import type { Route, Transport } from './transport.js';

/**
 * The escape hatch: signs and sends what the host wrote, and gives the reply as it is, errors included. XTS is two
 * products, so that a path begins with `/interactive/` or `/marketdata/`, whatever the real prefixes are.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for another path, for one of a log-in, and for a read that may not be one
 */
export async function sendRaw(transport: Transport, request: RawRequest, call: BrokerCall): Promise<RawReply> {
  const [, product = '', path = ''] = PATH.exec(request.path) ?? [];
  checkRequest(request, product, path);
  const { purpose, method } = request;
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  const reply = await transport.raw({ purpose, route: routeOf(request, product), method, path, body }, call);
  return { status: reply.status, body: jsonOrUndefined(reply) ?? reply.text() };
}

const PATH = /^\/(interactive|marketdata)(\/[\w./?&=%+,:-]*)$/;

function checkRequest({ purpose, method, path: whole }: RawRequest, product: string, path: string): void {
  if (product === '' || whole.includes('..') || whole.includes('//'))
    throw invalid('path', 'must begin with /interactive/ or /marketdata/, such as /interactive/orders/cancelall');
  if (/^\/(?:user\/session|auth\/)/i.test(path))
    throw invalid('path', 'must not be one of a log-in: its reply is a token');
  // A request counted as a read does not stand in the proof that nothing was sent: a wrong mark could lose an order.
  const mayRead =
    method === 'GET' || READ_BY_POST.some((read) => method === 'POST' && `${product}${path}`.startsWith(read));
  if (purpose === 'read' && !mayRead) throw invalid('purpose', `must be command for ${method} on this path`);
}

/** What XTS reads by POST. Symphony XTS docs as collected 2026-11-20. */
const READ_BY_POST = [
  'interactive/orders/margindetails',
  'marketdata/instruments/quotes',
  'marketdata/instruments/master',
  'marketdata/search/',
] as const;

function routeOf({ purpose }: RawRequest, product: string): Route {
  if (product === 'marketdata') return ROUTES.quotes;
  return purpose === 'command' ? ROUTES.orders : ROUTES.reads;
}

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });
