import { parseBody, textOf } from '../body.js';
import { istText } from '../ist.js';
import { isCurrentTotp } from '../totp.js';
import type { Reply, WireCall } from '../wire.js';
import type { KotakContext, KotakLogin, KotakUserCall } from './context.js';
import { badBody, json, loginRefused, missingField, unknownAccessToken } from './replies.js';
import type { KotakSession } from './sessions.js';

/** `POST /login/1.0/tradeApiLogin`, step 1: opens a View session, which cannot trade. */
export function beginLogin(context: KotakContext, call: WireCall): Reply {
  if (!isFromTheApp(call)) return loginRefused(403, 'Forbidden');
  const body = parseBody(call.bodyText);
  if (body === undefined) return badBody();
  for (const [key, name] of STEP_1_FIELDS) if (textOf(body, key) === '') return missingField(name);
  const login = context.logins.get(textOf(body, 'ucc') ?? '');
  const totp = textOf(body, 'totp') ?? '';
  const isKnown =
    login !== undefined &&
    call.headers.get('authorization') === login.accessToken &&
    textOf(body, 'mobileNumber') === login.mobileNumber;
  if (!isKnown || !isCurrentTotp(login.totpSecret, totp, call.atMs)) return wrongCredentials();
  const isSpent = context.options.totpReuse === 'refuse' && context.sessions.isUsed(login.ucc, totp, call.atMs);
  if (isSpent) return wrongCredentials();
  const session = context.sessions.open(login.ucc, 'View', totp, call.atMs);
  return json(200, { data: sessionRow(session, login, {}) });
}

/** `POST /login/1.0/tradeApiValidate`, step 2: opens a Trade session and says where it calls. */
export function validateLogin(context: KotakContext, call: WireCall): Reply {
  if (!isFromTheApp(call)) return loginRefused(403, 'Forbidden');
  const body = parseBody(call.bodyText);
  if (body === undefined) return badBody();
  if (textOf(body, 'mpin') === '') return missingField('Mpin');
  const { token, sid } = sessionHeaders(call);
  const view = context.sessions.check('View', token, sid, call.atMs);
  const login = context.logins.get(view?.ucc ?? '');
  if (login === undefined || call.headers.get('authorization') !== login.accessToken) return wrongCredentials();
  if (textOf(body, 'mpin') !== login.mpin) return loginRefused(401, 'Invalid MPIN.');
  const session = context.sessions.open(login.ucc, 'Trade', null, call.atMs);
  return json(200, { data: sessionRow(session, login, { baseUrl: baseUrlOf(context, login) }) });
}

/** `GET /login/1.0/get-client-ip`: the address of the caller, of the range kept for documentation. */
export function clientIp({ logins }: KotakContext, call: KotakUserCall): Reply {
  const login = logins.get(call.account.terms.clientId);
  if (call.headers.get('authorization') !== login?.accessToken) return unknownAccessToken();
  const time = istText(call.atMs).replace(' ', 'T'); // IST without a zone
  return json(200, { data: [{ ip: '203.0.113.10', time }], stCode: 1000, status: 'success' });
}

/** `GET /5config/config`: feeds are not served here, so it names none; clients go on without. */
export function feedConfig(): Reply {
  return json(200, { data: { configs: {} } });
}

export function sessionHeaders({ headers }: Pick<WireCall, 'headers'>): {
  readonly token: string;
  readonly sid: string;
} {
  return { token: headers.get('auth') ?? '', sid: headers.get('sid') ?? '' };
}

/** A path of its own on the one origin, so that a client which does not use it goes wrong. */
export function baseUrlOf({ origin }: KotakContext, { dataCenter }: KotakLogin): string {
  return `${origin()}/${dataCenter.toLowerCase()}`;
}

const STEP_1_FIELDS = [
  ['mobileNumber', 'MobileNumber'],
  ['ucc', 'Ucc'],
  ['totp', 'Totp'],
] as const;

function isFromTheApp({ headers }: WireCall): boolean {
  return headers.get('neo-fin-key') === 'neotradeapi';
}

function wrongCredentials(): Reply {
  return loginRefused(401, 'Invalid credentials or TOTP.');
}

/** Keys in the order of the recordings; step 2 has the base URL among them. */
function sessionRow(
  session: KotakSession,
  login: KotakLogin,
  place: { readonly baseUrl?: string },
): Readonly<Record<string, unknown>> {
  return {
    token: session.token,
    sid: session.sid,
    rid: session.rid,
    ...place,
    isUserPwdExpired: false,
    ucc: session.ucc,
    greetingName: 'JOHN DOE',
    isTrialAccount: false,
    dataCenter: login.dataCenter,
    derivativesRiskDisclosure: 'Risk Disclosure on Derivatives\n\nNo money is at risk at a pretend exchange.',
    mfAccess: 1,
    dataCenterMap: null,
    dormancyStatus: 'A',
    asbaStatus: '',
    clientType: 'RI',
    isNRI: false,
    kId: KID,
    kType: session.kind,
    status: 'success',
    incRange: 0,
    incUpdFlag: '',
    clientGroup: '',
    kraStatus: '',
    rcFlag: 0,
  };
}

/** In the form of a PAN: what must not be written to any log. */
export const KID = 'AAAPD0000K';
