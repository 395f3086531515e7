import type { Segment } from '../exchange/instrument.js';
import { parseBody, textOf } from '../body.js';
import { isCurrentTotp } from '../totp.js';
import type { Reply, WireCall } from '../wire.js';
import type { AngelContext, AngelUserCall } from './context.js';
import { bearerOf } from './headers.js';
import { notFound, ok, rateLimited, serviceError, tokenError } from './replies.js';
import type { AngelSession, Standing } from './session-book.js';
import { wordyTime } from './times.js';
import { EXCHANGES } from './words.js';

/** `POST loginByPassword` with `{clientcode, password, totp, state?}`; the password is the MPIN. */
export function loginByPassword(context: AngelContext, call: WireCall): Reply {
  const body = parseBody(call.bodyText);
  if (body === undefined) return serviceError('AB1007');
  const clientCode = textOf(body, 'clientcode') ?? '';
  if (!context.rateLimits.admit(clientCode, 'login', call.atMs)) return rateLimited(context.options);
  const login = context.logins.get(clientCode);
  if (login !== undefined && call.headers.get('x-privatekey') !== login.apiKey) return serviceError('AB1053');
  if (login === undefined || textOf(body, 'password') !== login.mpin) return serviceError('AB1000');
  const totp = textOf(body, 'totp') ?? '';
  const isUsed = context.options.totpReuse === 'refuse' && context.usedTotps.get(clientCode) === totp;
  if (isUsed || !isCurrentTotp(login.totpSecret, totp, call.atMs)) return serviceError('AB1050');
  context.usedTotps.set(clientCode, totp);
  const state = textOf(body, 'state') ?? '';
  return tokens(startSession(context, clientCode, call.atMs), state === '' ? {} : { state });
}

/** `POST generateTokens` with `{refreshToken}` and the JWT it goes with, which may be over. */
export function generateTokens(context: AngelContext, call: WireCall): Reply {
  const { sessions, options, rateLimits, logins } = context;
  const bearer = bearerOf(call.headers.get('authorization'));
  if (bearer === '') return tokenError('AG8003', options);
  const clientId = clientOf(sessions.byJwt(bearer, call.atMs));
  if (clientId === undefined) return tokenError('AG8001', options);
  if (call.headers.get('x-privatekey') !== logins.get(clientId)?.apiKey) return serviceError('AB1053');
  if (!rateLimits.admit(clientId, 'refresh', call.atMs)) return rateLimited(options);
  const body = parseBody(call.bodyText);
  const refreshToken = body === undefined ? '' : (textOf(body, 'refreshToken') ?? '');
  const standing = sessions.byRefreshToken(refreshToken, call.atMs);
  if (standing.kind === 'unknown' || clientOf(standing) !== clientId) return serviceError('AB8050');
  if (standing.kind === 'over') return serviceError('AB8051');
  return tokens(startSession(context, clientId, call.atMs), {});
}

/**
 * `GET /publisher-login?api_key=&state=` on the login site: the page a person would log in on, here already filled in.
 */
export function publisherLogin(context: AngelContext, call: WireCall): Reply {
  const apiKey = call.query.get('api_key');
  const login = [...context.logins.values()].find((candidate) => candidate.apiKey === apiKey);
  if (login === undefined) return notFound();
  const session = startSession(context, login.clientCode, call.atMs);
  const target = new URL(context.options.redirectUrl);
  target.searchParams.set('auth_token', session.jwtToken);
  target.searchParams.set('feed_token', session.feedToken);
  target.searchParams.set('refresh_token', session.refreshToken);
  const state = call.query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  return { status: 302, contentType: 'text/plain', body: '', location: target.href };
}

/** `POST logout` with `{clientcode}`: every token of the client is dead. */
export function logout({ sessions }: AngelContext, { account, bodyText, atMs }: AngelUserCall): Reply {
  const { clientId } = account.terms;
  const body = parseBody(bodyText);
  if (body === undefined || textOf(body, 'clientcode') !== clientId) return serviceError('AB1007');
  sessions.end(clientId, atMs);
  return ok(null);
}

/** `GET getProfile`. Exchanges and products are usually one text that holds a JSON list. */
export function profile({ sessions, options }: AngelContext, { account, atMs }: AngelUserCall): Reply {
  const { clientId, segments } = account.terms;
  const listed = options.profileLists === 'text' ? listText : (words: readonly string[]) => words;
  return ok({
    clientcode: clientId,
    name: 'JOHN DOE',
    email: 'john.doe@example.com',
    mobileno: '9999999999',
    exchanges: listed(exchangesOf(segments)),
    products: listed(['DELIVERY', 'INTRADAY', 'MARGIN', 'CARRYFORWARD']),
    lastlogintime: wordyTime(sessions.lastStartMs(clientId) ?? atMs),
    brokerid: 'B2C',
  });
}

function startSession({ sessions, options }: AngelContext, clientId: string, atMs: number): AngelSession {
  if (options.secondLogin === 'kills') sessions.end(clientId, atMs);
  return sessions.start(clientId, atMs);
}

function tokens(session: AngelSession, more: Readonly<Record<string, string>>): Reply {
  const { jwtToken, refreshToken, feedToken } = session;
  return ok({ jwtToken, refreshToken, feedToken, ...more });
}

function clientOf(standing: Standing): string | undefined {
  return standing.kind === 'unknown' ? undefined : standing.session.clientId;
}

function exchangesOf(segments: readonly Segment[]): readonly string[] {
  return segments.flatMap((segment) => EXCHANGES[segment] ?? []);
}

/** `[ "NSE", "BSE" ]`, blanks as recorded. */
function listText(words: readonly string[]): string {
  return `[ ${words.map((word) => `"${word}"`).join(', ')} ]`;
}
