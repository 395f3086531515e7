import { istText } from '../ist.js';
import { isCurrentTotp } from '../totp.js';
import type { Reply, WireCall } from '../wire.js';
import type { DhanContext, DhanUserCall } from './context.js';
import { json, tradingError } from './replies.js';
import type { IssuedToken } from './tokens.js';

/** At most one token by PIN and TOTP in this time. */
const LOGIN_GAP_MS = 120_000;

/** `POST /app/generateAccessToken?dhanClientId&pin&totp` on the token service. Refusals come with HTTP 200. */
export function generateAccessToken({ tokens, logins, options }: DhanContext, call: WireCall): Reply {
  const clientId = call.query.get('dhanClientId') ?? '';
  const login = logins.get(clientId);
  if (login === undefined) return loginRefused('Invalid Client ID');
  if (call.query.get('pin') !== login.pin) return loginRefused('Invalid Pin');
  if (!isCurrentTotp(login.totpSecret, call.query.get('totp') ?? '', call.atMs)) return loginRefused('Invalid TOTP');
  const lastAtMs = tokens.lastTotpAtMs(clientId);
  if (lastAtMs !== undefined && call.atMs - lastAtMs < LOGIN_GAP_MS) {
    return loginRefused('Token can be generated once every 2 minutes.');
  }
  if (options.secondLogin === 'kills') tokens.killAll(clientId);
  return tokenReply(tokens.issue(clientId, 'totp', call.atMs));
}

/** `GET /RenewToken`, for tokens made on Dhan Web only. The old token dies. */
export function renewToken({ tokens }: DhanContext, call: DhanUserCall): Reply {
  const { clientId } = call.account.terms;
  const origin = tokens.check(call.token, call.atMs)?.origin;
  if (call.headers.get('dhanclientid') !== clientId || origin !== 'web') return tradingError('DH-905');
  tokens.killAll(clientId);
  return tokenReply(tokens.issue(clientId, 'web', call.atMs));
}

/** `POST /RenewToken`: a route that exists only to refuse, as the live API does. */
export function renewTokenByPost(): Reply {
  return tradingError('DH-905');
}

/** `GET /profile`. The validity is `DD/MM/YYYY HH:MM` IST. */
export function profile({ tokens }: DhanContext, { account, token, atMs }: DhanUserCall): Reply {
  const validity = istText(tokens.check(token, atMs)?.expiresAtMs ?? atMs);
  const [year = '', month = '', day = ''] = validity.slice(0, 10).split('-');
  const { clientId, segments, dataPlan } = account.terms;
  const active = SEGMENT_NAMES.filter(([, members]) => members.some((member) => segments.includes(member)));
  return json(200, {
    dhanClientId: clientId,
    tokenValidity: `${day}/${month}/${year} ${validity.slice(11, 16)}`,
    activeSegment: active.map(([name]) => name).join(', '),
    ddpi: 'Active',
    mtf: 'Active',
    dataPlan: dataPlan ? 'Active' : 'Deactive',
    dataValidity: dataPlan ? `${validity}.0` : 'NA',
  });
}

/** `GET /ip/getIP`. The addresses are of the range kept for documentation. */
export function staticIp(): Reply {
  return json(200, {
    modifyDateSecondary: '2026-04-01',
    secondaryIP: '192.0.2.11',
    modifyDatePrimary: '2026-04-01',
    primaryIP: '192.0.2.10',
  });
}

const SEGMENT_NAMES = [
  ['Equity', ['NSE_EQ', 'BSE_EQ']],
  ['Derivative', ['NSE_FNO', 'BSE_FNO']],
  ['Currency', ['NSE_CURRENCY', 'BSE_CURRENCY']],
  ['Commodity', ['MCX_COMM']],
] as const;

export function tokenReply({ clientId, token, expiresAtMs }: IssuedToken): Reply {
  return json(200, {
    dhanClientId: clientId,
    dhanClientName: 'JOHN DOE',
    dhanClientUcc: 'ABCD12345E',
    givenPowerOfAttorney: false,
    accessToken: token,
    expiryTime: `${istText(expiresAtMs).replace(' ', 'T')}.000`,
  });
}

/** As seen live in 2026-08: an ordinary 200 whose body carries the error. */
export function loginRefused(message: string): Reply {
  return json(200, { message, status: 'error' });
}
