import { AlgoError } from '@algo/core/adapter';
import type { BrokerCall, RawReply, RawRequest } from '@algo/core/adapter';
import { ROUTES, jsonOrUndefined } from './transport.js';
import type { Route, Transport } from './transport.js';

/**
 * The escape hatch: signs and sends what the host wrote, and gives the reply as it is, errors included.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for a path that is not below the API root, and for a read that may not be one
 */
export async function sendRaw(transport: Transport, request: RawRequest, call: BrokerCall): Promise<RawReply> {
  checkRequest(request);
  const { purpose, method, path } = request;
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  const reply = await transport.raw({ purpose, route: routeOf(request), method, path, body }, call);
  return { status: reply.status, body: jsonOrUndefined(reply) ?? reply.text() };
}

function checkRequest({ purpose, method, path }: RawRequest): void {
  if (!PATH.test(path) || path.includes('..'))
    throw invalid('path', 'must be a path below the API root, such as /killswitch');
  // A request counted as a read does not stand in the proof that nothing was sent: a wrong mark could lose an order.
  if (purpose === 'read' && method !== 'GET' && !READ_BY_POST.some((root) => path.startsWith(root))) {
    throw invalid('purpose', `must be command for ${method} on this path`);
  }
}

const PATH = /^\/[\w./?&=%,:-]*$/;

/** What Dhan reads by POST. DhanHQ v2 docs, captured 2026-07-15. */
const READ_BY_POST = ['/marketfeed/', '/charts/', '/optionchain', '/margincalculator'] as const;

function routeOf({ purpose, path }: RawRequest): Route {
  if (purpose === 'command') return ROUTES.orders;
  if (path.startsWith('/marketfeed/')) return ROUTES.quotes;
  if (path.startsWith('/optionchain')) return ROUTES.optionChain;
  return path.startsWith('/charts/') ? ROUTES.charts : ROUTES.reads;
}

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });
