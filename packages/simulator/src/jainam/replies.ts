import type { Operation } from '../server/operations.js';
import { jsonReply } from '../wire.js';
import type { Reply } from '../wire.js';
import type { ResolvedJainamOptions } from './options.js';

/** What XTS has to say about one field of a request. */
export interface Problem {
  readonly field: string;
  readonly location: 'body' | 'query';
  readonly message: string;
  readonly type: string;
}

/** `{type, code, description, result}` with 200: the one envelope of all good answers. */
export function success(code: string, description: string, result: unknown): Reply {
  return jsonReply(200, { type: 'success', code, description, result });
}

/** `{type: "error", ...}`: 400 whatever the cause. */
export function failure(code: string, description: string, result: unknown = {}, status = 400): Reply {
  return jsonReply(status, { type: 'error', code, description, result });
}

/** The one error that names fields. */
export function badRequest(problems: readonly Problem[]): Reply {
  return failure('e-property-validation-failed', 'Bad Request', {
    status: 400,
    statusText: 'Bad Request',
    errors: problems.map(({ field, location, message, type }) => ({
      field: [field],
      location,
      messages: [`"${field}" ${message}`],
      types: [type],
    })),
  });
}

export const required = (field: string, location: Problem['location']): Problem => ({
  field,
  location,
  message: 'is required',
  type: 'any.required',
});

/** What an empty list is called, by the area of the call. */
const EMPTY_CODES = {
  orders: 'e-orders-0005',
  tradebook: 'e-tradebook-0005',
  portfolio: 'e-portfolio-0005',
  holdings: 'e-holdings-0005',
  balance: 'e-balance-0005',
} as const;

/** "None" is an error on this wire, never an empty list. */
export function noData(area: keyof typeof EMPTY_CODES): Reply {
  return failure(EMPTY_CODES[area], 'Data Not Available');
}

export function emptyList(operation: Operation): Reply {
  switch (operation) {
    case 'trades':
      return noData('tradebook');
    case 'positions':
      return noData('portfolio');
    case 'holdings':
      return noData('holdings');
    case 'funds':
      return noData('balance');
    case 'quote':
      return success('s-quotes-0001', 'Get quotes successfully!', { mdp: 1502, quotesList: [], listQuotes: [] });
    case 'dailyCandles':
    case 'intradayCandles':
      return success('s-instrument-0002', 'OHLC', { dataReponse: '' });
    case 'search':
      return success('s-search-0001', 'Search done', []);
    case 'instruments':
      return success('s-instrument-0010', 'Instruments', '');
    default:
      return noData('orders');
  }
}

/** The token was there and is no longer: over, ended, or taken over by another log-in. */
export function invalidToken(product: 'interactive' | 'market', options: ResolvedJainamOptions): Reply {
  const code = product === 'interactive' ? 'e-session-0005' : 'e-session-0007';
  return failure(code, 'Invalid Token', {}, options.invalidTokenStatus);
}

/** No token, or something that is none. */
export function missingToken(isPresent: boolean, options: ResolvedJainamOptions): Reply {
  const code = isPresent ? 'e-token-0002' : 'e-token-0001';
  return failure(code, 'Please Provide token to Authenticate', {}, options.invalidTokenStatus);
}

export function rateLimited({ rateLimitStatus }: ResolvedJainamOptions): Reply {
  return failure('e-apirl-0004', 'API Rate Limit Exceeded', {}, rateLimitStatus);
}

export const unknownInstrument = (): Reply => failure('e-instrument-0001', 'Instrument not found');

export const unknownOrder = (): Reply => failure('e-orders-0001', 'Order not found');

/** Refusals that no source spells: codes and words are ours. */
export const REFUSALS = {
  'not-mapped': ['e-user-0101', 'Client not mapped under dealer'],
  'dealers-only': ['e-user-0102', 'Not allowed: only for dealers'],
  'investors-only': ['e-user-0103', 'Not allowed for dealers'],
  'static-ip': ['e-user-0104', 'Request refused: IP address is not registered'],
  'segment-disabled': ['e-orders-0101', 'Client is not enabled for this segment'],
  'not-open': ['e-orders-0102', 'Order is not in open state'],
  'market-closed': ['e-orders-0103', 'Market is closed, session not open'],
  'bad-terms': ['e-orders-0104', 'Modification refused: check price, quantity and margin'],
  'other-product': ['e-orders-0105', 'Product type of an order can not be changed'],
  'special-order': ['e-orders-0106', 'Cover and bracket orders are not enabled'],
  'no-position': ['e-portfolio-0101', 'Not enough open quantity in this position'],
  conversion: ['e-portfolio-0102', 'Position conversion is not enabled'],
} as const satisfies Record<string, readonly [string, string]>;

export function refused(why: keyof typeof REFUSALS): Reply {
  const [code, description] = REFUSALS[why];
  return failure(code, description);
}

/** What a web server says to a path that nobody serves: HTML, the sign of a wrong prefix. */
export function pageNotFound(path: string): Reply {
  return html(404, 'Error', `Cannot find ${path.replace(/[<>&]/g, '')}`);
}

/** A gateway answers with a page of its own; the application itself with its envelope. */
export function serverError(status: number): Reply {
  if (status >= 502) return html(status, `${status} Bad Gateway`, `${status}`);
  return failure('e-server-0001', 'Internal Server Error', {}, status);
}

function html(status: number, title: string, text: string): Reply {
  const body = `<!DOCTYPE html><html><head><title>${title}</title></head><body><pre>${text}</pre></body></html>`;
  return { status, contentType: 'text/html; charset=utf-8', body };
}
