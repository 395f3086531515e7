import { AlgoError } from '@algo/core/adapter';
import type { BrokerCall, BrokerReply, RawReply, RawRequest } from '@algo/core/adapter';
import { ROUTES } from './transport.js';
import type { Route, Transport } from './transport.js';
import { saidIn } from './wire/errors.js';

/**
 * The escape hatch: signs and sends what the host wrote, and gives the reply as it is, errors included. Paths begin
 * below `/rest/secure/angelbroking`.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for a path that is not below the API root, and for a read that may not be one
 */
export async function sendRaw(transport: Transport, request: RawRequest, call: BrokerCall): Promise<RawReply> {
  checkRequest(request);
  const { purpose, method, path } = request;
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  const reply = await transport.raw({ purpose, route: routeOf(request), method, path, body }, call);
  return { status: reply.status, body: bodyOf(reply) };
}

function checkRequest({ purpose, method, path }: RawRequest): void {
  if (!PATH.test(path) || path.includes('..'))
    throw invalid('path', 'must be a path below the API root, such as /gtt/v1/createRule');
  // A request counted as a read does not stand in the proof that nothing was sent: a wrong mark could lose an order.
  const readsByGet = method === 'GET' && !WRITES.some((root) => path.startsWith(root));
  const readsByPost = method === 'POST' && READ_BY_POST.some((root) => path.startsWith(root));
  if (purpose === 'read' && !readsByGet && !readsByPost)
    throw invalid('purpose', `must be command for ${method} on this path`);
}

const PATH = /^\/[\w./?&=%,:-]*$/;

/** What changes something, by whatever method. */
const WRITES = ['/order/v1/placeOrder', '/order/v1/modifyOrder', '/order/v1/cancelOrder', '/user/v1/logout'] as const;

/** What Angel reads by POST. SmartAPI docs, copy of 2024. */
const READ_BY_POST = [
  '/market/v1/quote',
  '/margin/v1/batch',
  '/brokerage/v1/estimateCharges',
  '/order/v1/getLtpData',
  '/order/v1/searchScrip',
  '/historical/v1/',
  '/gtt/v1/ruleDetails',
  '/gtt/v1/ruleList',
  '/marketData/v1/',
  '/edis/v1/getTranStatus',
] as const;

/** The windows a raw read counts in; what is not named goes with the slowest. */
const FAMILY_OF: readonly (readonly [string, Route])[] = [
  ['/order/v1/getOrderBook', ROUTES.book],
  ['/order/v1/getTradeBook', ROUTES.trades],
  ['/order/v1/getPosition', ROUTES.positions],
  ['/portfolio/v1/', ROUTES.holdings],
  ['/user/v1/getRMS', ROUTES.funds],
  ['/user/v1/getProfile', ROUTES.profile],
  ['/margin/v1/', ROUTES.margin],
  ['/order/v1/details/', ROUTES.margin], // the same ten a second
  ['/order/v1/getLtpData', ROUTES.margin],
  ['/market/v1/quote', ROUTES.quotes],
  ['/historical/v1/', ROUTES.candles],
];

function routeOf({ purpose, path }: RawRequest): Route {
  if (purpose === 'command') return ROUTES.orders;
  return FAMILY_OF.find(([root]) => path.startsWith(root))?.[1] ?? ROUTES.reads;
}

function bodyOf(reply: BrokerReply): unknown {
  const said = saidIn(reply);
  return said.kind === 'json' ? said.body : reply.text();
}

const invalid = (field: string, problem: string): AlgoError<'ALGO_INVALID_INPUT'> =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });
