import { HttpResponse, http } from 'msw';
import type { HttpHandler } from 'msw';
import type { DhanCall, DhanContext } from './context.js';
import type { Reply } from './replies.js';
import { dataError, tradingError } from './replies.js';
import type { Route, UserRoute } from './routes.js';

/** Carries the test's steering from the server to the handler; stripped from what clients send. */
export const HIDDEN_FOR_HEADER = 'x-simulator-hidden-for-ms';

/** One msw handler per route, with token check and rate limit in front. */
export function createHandler(context: DhanContext, route: Route): HttpHandler {
  return http[route.method](route.url, async ({ request, params }) => {
    const call: DhanCall = {
      params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
      query: new URL(request.url).searchParams,
      headers: request.headers,
      bodyText: await request.text(),
      atMs: context.exchange.now(),
      hiddenForMs: Number(request.headers.get(HIDDEN_FOR_HEADER) ?? 0),
    };
    return toResponse('open' in route ? route.open(context, call) : answerUser(context, route, call));
  });
}

function answerUser(context: DhanContext, route: UserRoute, call: DhanCall): Reply {
  const token = call.headers.get('access-token') ?? '';
  const clientId = context.tokens.check(token, call.atMs)?.clientId;
  const account = clientId === undefined ? undefined : context.exchange.account('dhan', clientId);
  if (clientId === undefined || account === undefined) return tradingError('DH-901');
  if (!context.rateLimits.admit(clientId, route.family, call.atMs)) {
    return route.family === 'quote' ? dataError('805') : tradingError('DH-904');
  }
  return route.user(context, { ...call, token, account });
}

function toResponse({ status, contentType, body }: Reply): HttpResponse<string> {
  return new HttpResponse(body, { status, headers: { 'content-type': contentType } });
}
