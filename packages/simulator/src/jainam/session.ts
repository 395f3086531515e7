import type { Body } from '../body.js';
import { parseBody, textOf } from '../body.js';
import type { Segment } from '../exchange/instrument.js';
import { isOpen } from '../exchange/market-hours.js';
import type { Reply, WireCall } from '../wire.js';
import { jsonReply } from '../wire.js';
import type { JainamContext, JainamUserCall } from './context.js';
import { clientOf, isReply } from './context.js';
import type { JainamLogin } from './logins.js';
import type { Problem } from './replies.js';
import { badRequest, failure, pageNotFound, required, success } from './replies.js';
import type { XtsProduct } from './sessions.js';
import { ORDER_TYPES, SEGMENT_NAMES, SEGMENT_NUMBERS, SEGMENT_WORDS, SIDES, VALIDITIES, productsOf } from './words.js';

/** `POST /interactive/user/session {appKey, secretKey, source?, uniqueKey?}`; other fields are ignored. */
export function interactiveLogin(context: JainamContext, call: WireCall): Reply {
  const body = readLoginBody(call.bodyText);
  const login = findLogin(context, 'interactive', body);
  if (isReply(login)) return login;
  if (!hasHostKey(context, textOf(body, 'uniqueKey') ?? '')) return invalidCredentials();
  const { userId, dealer, clientCodes } = login;
  const { token } = context.sessions.open('interactive', userId, login.interactive.appKey, call.atMs);
  const enums = enumLists(context);
  const who = { token, userID: userId, isInvestorClient: !dealer, clientCodes };
  const result = dealer ? { ...who, enums } : { ...who, exchangeSegmentArray: segmentArray(context, login), enums };
  return success('s-user-0001', 'Valid User.', result);
}

/** `POST /apimarketdata/auth/login {appKey, secretKey, source?}`. */
export function marketLogin(context: JainamContext, call: WireCall): Reply {
  const login = findLogin(context, 'market', readLoginBody(call.bodyText));
  if (isReply(login)) return login;
  const { userId, market } = login;
  const { token } = context.sessions.open('market', userId, market.appKey, call.atMs);
  return success('s-user-0001', 'Valid User.', { token, userID: userId });
}

/** `DELETE /interactive/user/session`, `DELETE /apimarketdata/auth/logout`. The words are ours. */
export function logout(context: JainamContext, { session }: JainamUserCall): Reply {
  context.sessions.close(session.token);
  context.subscriptions.forget(session.token);
  return success('s-session-0001', 'Logged out successfully', {});
}

/** Published by Symphony in its own samples: not a secret. */
const LOOKUP_PASSWORD = '2021HostLookUpAccess';

/** `POST /hostlookup {accesspassword, version}`: where to log in, and a key for it. */
export function hostLookup({ hostKeys, options, origin }: JainamContext, call: WireCall): Reply {
  if (options.hostLookup === 'absent') return pageNotFound('/hostlookup');
  const body = parseBody(call.bodyText) ?? {};
  const password = textOf(body, 'accesspassword') || textOf(body, 'AccessPassword');
  if (password !== LOOKUP_PASSWORD) return failure('e-hostlookup-0001', 'Invalid access password');
  const version = textOf(body, 'version') ?? '';
  if (!/^interactive(api)?_\d/.test(version)) return badRequest([required('version', 'body')]);
  const uniqueKey = `UK${String(hostKeys.size + 1).padStart(8, '0')}`;
  hostKeys.add(uniqueKey);
  const connectionString = `${origin()}/interactive`;
  const isText = options.hostLookupReply === 'text';
  const result = isText ? { UniqueKey: uniqueKey, connectionString } : { uniqueKey, connectionString };
  return jsonReply(200, { type: isText ? 'success' : true, code: 's-hostlookup-0001', description: 'Success', result });
}

/** `GET /interactive/user/profile`. Personal data are dummies. */
export function profile(context: JainamContext, call: JainamUserCall): Reply {
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  if (isReply(account)) return account;
  const { clientId, segments } = account.terms;
  const details = segments.filter(isTraded).map((segment) => {
    const ExchangeSegNumber = SEGMENT_NUMBERS[SEGMENT_WORDS[segment]];
    return [SEGMENT_WORDS[segment], { ClientId: clientId, ExchangeSegNumber, Enabled: true, ParticipantCode: '' }];
  });
  return success('s-user-0001', 'Profile', {
    ClientId: clientId,
    ClientName: 'JOHN DOE',
    EmailId: 'john.doe@example.invalid',
    MobileNo: '0000000000',
    PAN: 'AAAAA0000A',
    isInvestorClient: !call.login.dealer,
    ClientExchangeDetailsList: Object.fromEntries(details),
  });
}

/** `GET /interactive/user/enums`: the lists that a log-in carries too. Their names are ours: no source shows them. */
export function enums(context: JainamContext): Reply {
  return success('s-user-0001', 'Enums', enumLists(context));
}

/** `GET /interactive/status/exchange`, after the official Java client's model; the session words are ours. */
export function exchangeStatus(_context: JainamContext, { atMs }: JainamUserCall): Reply {
  const marketStatus = TRADED.map((segment) => ({
    exchangeSegment: SEGMENT_WORDS[segment],
    exchangeMarketType: 'Normal',
    exchangeTradingSession: isOpen(segment, atMs) ? 'Open' : 'Closed',
  }));
  return success('s-exchange-0001', 'Exchange status', { marketStatus });
}

/** `GET /interactive/messages/exchange?exchangeSegment=`: the exchange has nothing to say. */
export function exchangeMessages(): Reply {
  return success('s-exchange-0001', 'Exchange messages', { messageList: [] });
}

const TRADED = Object.keys(SEGMENT_WORDS).filter(isTraded);

function isTraded(segment: string): segment is Exclude<Segment, 'INDEX'> {
  return Object.hasOwn(SEGMENT_WORDS, segment);
}

/** JSON from the JS clients, a form from the official Python ones. */
function readLoginBody(text: string): Body {
  return parseBody(text) ?? Object.fromEntries(new URLSearchParams(text));
}

function findLogin(context: JainamContext, product: XtsProduct, body: Body): JainamLogin | Reply {
  const appKey = textOf(body, 'appKey') ?? '';
  const secretKey = textOf(body, 'secretKey') ?? '';
  const missing: Problem[] = [];
  if (appKey === '') missing.push(required('appKey', 'body'));
  if (secretKey === '') missing.push(required('secretKey', 'body'));
  if (missing.length > 0) return badRequest(missing);
  const logins = [...context.logins.values()];
  const login = logins.find((one) => one[product].appKey === appKey && one[product].secretKey === secretKey);
  return login ?? invalidCredentials();
}

function invalidCredentials(): Reply {
  return failure('e-user-0001', 'Entered invalid credentials');
}

/** A key that is given has to be one that a look-up gave out. */
function hasHostKey({ options, hostKeys }: JainamContext, uniqueKey: string): boolean {
  if (uniqueKey === '') return options.hostLookup !== 'required';
  return hostKeys.has(uniqueKey);
}

/** `[{key: "NSECM", value: "1"}, ...]` of the segments the client may trade. */
function segmentArray({ exchange }: JainamContext, { clientCodes }: JainamLogin) {
  const segments = exchange.account('jainam', clientCodes[0] ?? '')?.terms.segments ?? [];
  return segments.filter(isTraded).map((segment) => {
    const key = SEGMENT_WORDS[segment];
    return { key, value: String(SEGMENT_NUMBERS[key]) };
  });
}

function enumLists({ options }: JainamContext) {
  return {
    exchangeSegments: Object.keys(SEGMENT_NAMES),
    orderSide: Object.keys(SIDES),
    orderType: Object.keys(ORDER_TYPES),
    productType: Object.keys(productsOf(options.mtf)),
    timeInForce: Object.keys(VALIDITIES),
    dayOrNet: ['DayWise', 'NetWise'],
  };
}
