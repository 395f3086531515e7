import { AlgoError } from '@algo/core/adapter';
import type { BrokerCall, RawReply, RawRequest } from '@algo/core/adapter';
import { ROUTES, jsonOrUndefined } from './transport.js';
import type { Route, Transport } from './transport.js';

/**
 * The escape hatch: signs and sends what the host wrote, a body as `jData`, and gives the reply as it is, errors included.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for a path that is not below the base URL, and for a read that may not be one
 */
export async function sendRaw(transport: Transport, request: RawRequest, call: BrokerCall): Promise<RawReply> {
  checkRequest(request);
  const { purpose, method, path } = request;
  const jData = request.body ?? null;
  const reply = await transport.raw({ purpose, route: routeOf(request), method, path, jData }, call);
  return { status: reply.status, body: jsonOrUndefined(reply) ?? reply.text() };
}

function checkRequest({ purpose, method, path }: RawRequest): void {
  if (!PATH.test(path) || path.includes('..'))
    throw invalid('path', 'must be a path below the base URL, such as /quick/order/history');
  // A request counted as a read does not stand in the proof that nothing was sent: a wrong mark could lose an order.
  if (purpose === 'read' && method !== 'GET' && !(method === 'POST' && READ_BY_POST.has(path))) {
    throw invalid('purpose', `must be command for ${method} on this path`);
  }
}

const PATH = /^\/[\w./?&=%,:|-]*$/;

/** What Kotak reads by POST. Kotak Neo Trade API docs, as of 2026-09. */
const READ_BY_POST: ReadonlySet<string> = new Set([
  '/quick/order/history',
  '/quick/user/limits',
  '/quick/user/check-margin',
]);

function routeOf({ purpose, path }: RawRequest): Route {
  if (purpose === 'command') return ROUTES.orders;
  if (path.startsWith('/script-details/1.0/masterscrip/')) return ROUTES.instruments;
  if (path.startsWith('/script-details/')) return ROUTES.quotes;
  return path.startsWith('/market-data/') ? ROUTES.candles : ROUTES.reads;
}

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });
