/**
 * Every error the SDK raises, by its stable code, with the details that belong to it.
 *
 * Details are plain data for programs: no header, no body, no credential. The text a person reads is made from them in
 * `describe` below, so that two places never word one failure differently.
 */
export interface AlgoErrorDetails {
  // What the caller handed in.
  ALGO_INVALID_INPUT: { readonly problems: readonly InputProblem[] };
  ALGO_UNKNOWN_BROKER: { readonly broker: string; readonly known: readonly string[] };
  ALGO_UNKNOWN_INSTRUMENT: { readonly instrument: string; readonly broker: string };
  ALGO_PRICE_OFF_TICK: OffTick;
  ALGO_PRICE_NOT_ALLOWED: { readonly field: 'price' | 'triggerPrice'; readonly type: string; readonly why: string };
  ALGO_QUANTITY_OFF_LOT: { readonly quantity: number; readonly lotSize: number; readonly nearest: number };
  ALGO_QUANTITY_ABOVE_FREEZE: { readonly quantity: number; readonly largest: number };
  ALGO_QUANTITY_UNIT_UNKNOWN: { readonly instrument: string; readonly broker: string };
  ALGO_CONTRACT_EXPIRED: { readonly instrument: string; readonly expiry: string };
  ALGO_PRODUCT_NOT_ALLOWED: {
    readonly product: string;
    readonly exchange: string;
    readonly allowed: readonly string[];
  };
  ALGO_NOT_SUPPORTED: { readonly broker: string; readonly what: string };
  ALGO_CLIENT_ORDER_ID_REUSED: { readonly clientOrderId: string };
  ALGO_UNKNOWN_ORDER: { readonly clientOrderId: string };
  ALGO_CLOSED: { readonly what: string };

  // Connections, sessions, credentials.
  /** Null when none is established at all. */
  ALGO_NOT_CONNECTED: { readonly broker: string | null; readonly account: string | null };
  ALGO_CONNECTION_UNCLEAR: { readonly connections: readonly string[] };
  ALGO_ORDERS_UNSETTLED: { readonly broker: string; readonly account: string; readonly orders: number };
  ALGO_NO_CREDENTIALS: { readonly broker: string; readonly account: string };
  ALGO_LOGIN_REFUSED: { readonly broker: string; readonly brokerCode: string | null; readonly brokerText: string };
  ALGO_LOGIN_NEEDED: { readonly broker: string; readonly account: string; readonly why: string };
  ALGO_SESSION_EXPIRED: { readonly broker: string; readonly brokerCode: string | null };
  ALGO_WRONG_ACCOUNT: { readonly broker: string; readonly account: string };
  ALGO_BROKER_DISABLED: { readonly broker: string };
  ALGO_CONNECTION_OWNED: { readonly broker: string; readonly account: string };
  /** Other log-ins ended the session `times` times in a short while: nobody logs in again before a person says so. */
  ALGO_SESSION_TAKEN_OVER: { readonly broker: string; readonly account: string; readonly times: number };
  /** Logging in would end the session that this account has at the broker. */
  ALGO_SESSION_IN_USE: { readonly broker: string; readonly account: string };
  ALGO_USER_STOPPED: { readonly userId: string };
  ALGO_TOO_MANY: { readonly what: string; readonly limit: number };
  /** A failover by hand is confirmed with the token of its preview, once and within a minute. */
  ALGO_NOT_CONFIRMED: { readonly why: string };
  /** No connection of the strategy answers, and none ever gave what is asked for. */
  ALGO_ALL_BROKERS_DOWN: { readonly connections: readonly string[] };

  // The broker's answer, or the lack of one.
  ALGO_BROKER_UNREACHABLE: { readonly broker: string; readonly cause: string };
  ALGO_BROKER_UNAVAILABLE: {
    readonly broker: string;
    readonly status: number | null;
    readonly brokerCode: string | null;
  };
  ALGO_BROKER_REFUSED: {
    readonly broker: string;
    readonly reason: string;
    readonly brokerCode: string | null;
    readonly brokerText: string;
  };
  ALGO_REPLY_UNREADABLE: { readonly broker: string; readonly status: number; readonly why: string };
  ALGO_REPLY_TOO_LARGE: { readonly broker: string; readonly limitBytes: number };
  ALGO_NOT_ENTITLED: { readonly broker: string; readonly brokerCode: string | null; readonly brokerText: string };
  ALGO_STATIC_IP_REFUSED: { readonly broker: string; readonly brokerCode: string | null };
  ALGO_NO_DATA: { readonly broker: string; readonly brokerCode: string | null };
  ALGO_DEADLINE: { readonly deadlineMs: number };
  /** `local`: our own windows had no place before the deadline; the broker was not asked. */
  ALGO_RATE_LIMITED: { readonly family: string; readonly retryAfterMs: number; readonly local?: true };
  ALGO_CIRCUIT_OPEN: { readonly lane: string; readonly retryAtMs: number };
  ALGO_HOST_NOT_ALLOWED: { readonly host: string; readonly why: string };
  ALGO_ADAPTER_FAULT: { readonly broker: string; readonly why: string };
  ALGO_INSTRUMENTS_REFUSED: { readonly broker: string; readonly why: string };

  // Stores and keys.
  ALGO_STORE_IN_USE: { readonly path: string };
  ALGO_STORE_UNUSABLE: { readonly path: string; readonly why: string };
  ALGO_STORE_FAILED: { readonly what: string; readonly why: string };
  ALGO_STORE_CONFLICT: { readonly what: string };
  ALGO_MIGRATION_NEEDED: { readonly store: string; readonly found: number; readonly wanted: number };
  ALGO_MIGRATION_FAILED: { readonly store: string; readonly why: string };
  ALGO_IMPORT_REFUSED: { readonly source: string; readonly why: string };
  ALGO_DRIVER_UNSUITABLE: { readonly driver: string; readonly found: string | null; readonly wanted: string };
  ALGO_KEY_UNUSABLE: { readonly why: string };
  ALGO_UNDECRYPTABLE: { readonly broker: string; readonly account: string; readonly keyId: string | null };
}

/** One thing wrong with an input: which field, and what would be right. Never the value itself. */
export interface InputProblem {
  readonly field: string;
  readonly problem: string;
}

/** A price between two ticks, as decimal strings of rupees. */
export interface OffTick {
  readonly field: 'price' | 'triggerPrice';
  readonly price: string;
  readonly tick: string;
  readonly nearest: string;
}

export type AlgoErrorCode = keyof AlgoErrorDetails;

/** What the call did at the broker: nothing, what was asked, or nobody can say yet. */
export type Effect = 'none' | 'applied' | 'unknown';

type Describe = { readonly [Code in AlgoErrorCode]: (details: AlgoErrorDetails[Code]) => string };

/** What a person reads: what happened, then what to do. */
const describe: Describe = {
  ALGO_INVALID_INPUT: ({ problems }) =>
    `The input is not valid: ${problems.map(({ field, problem }) => `${field} ${problem.replace(/\.$/, '')}`).join('; ')}.`,
  ALGO_UNKNOWN_BROKER: ({ broker, known }) =>
    `No broker "${broker}" was handed to createAlgo. Known here: ${known.join(', ') || 'none'}.`,
  ALGO_UNKNOWN_INSTRUMENT: ({ instrument, broker }) =>
    `${broker} lists no instrument "${instrument}". Use the canonical form, for example NSE:RELIANCE or NFO:NIFTY:2026-11-24:FUT.`,
  ALGO_PRICE_OFF_TICK: ({ field, price, tick, nearest }) =>
    `${field} ${price} is not a multiple of the tick ${tick}. The nearest valid price is ${nearest}.`,
  ALGO_PRICE_NOT_ALLOWED: ({ field, type, why }) => `${field} does not fit an order of type ${type}: ${why}.`,
  ALGO_QUANTITY_OFF_LOT: ({ quantity, lotSize, nearest }) =>
    `Quantity ${quantity} is not a multiple of the lot ${lotSize}. The nearest valid quantity is ${nearest}.`,
  ALGO_QUANTITY_ABOVE_FREEZE: ({ quantity, largest }) =>
    `Quantity ${quantity} is above what the exchange takes in one order. The largest is ${largest}: place several orders.`,
  ALGO_QUANTITY_UNIT_UNKNOWN: ({ instrument, broker }) =>
    `It is not certain in which unit ${broker} takes the quantity of ${instrument}. Check with the broker and set quantityUnits in its options.`,
  ALGO_CONTRACT_EXPIRED: ({ instrument, expiry }) =>
    `${instrument} expired on ${expiry}. Choose a contract that still trades.`,
  ALGO_PRODUCT_NOT_ALLOWED: ({ product, exchange, allowed }) =>
    `Product ${product} cannot be used on ${exchange}. Use ${allowed.join(' or ')}.`,
  ALGO_NOT_SUPPORTED: ({ broker, what }) => `${broker} does not offer ${what}.`,
  ALGO_CLIENT_ORDER_ID_REUSED: ({ clientOrderId }) =>
    `Client order id "${clientOrderId}" was used before for another order. Use a new id for a new order.`,
  ALGO_UNKNOWN_ORDER: ({ clientOrderId }) =>
    `No order with client order id "${clientOrderId}" was placed by this user.`,
  ALGO_CLOSED: ({ what }) => `The ${what} is closed. Create a new one.`,
  ALGO_NOT_CONNECTED: ({ broker, account }) =>
    broker === null
      ? 'No connection is established. Call establishConnection({ broker, account }) first.'
      : `There is no connection to ${broker}/${account}. Call establishConnection({ broker: '${broker}', account: '${account}' }) first.`,
  ALGO_CONNECTION_UNCLEAR: ({ connections }) =>
    `Several connections could serve this call (${connections.join(', ')}). Name one with connection: { broker, account }.`,
  ALGO_ORDERS_UNSETTLED: ({ broker, account, orders }) =>
    `${broker}/${account} has ${orders} orders whose outcome is unknown or that wait to be sent, with these credentials. Wait until they are settled, cancel what waits, or come back when the trading day is over.`,
  ALGO_NO_CREDENTIALS: ({ broker, account }) =>
    `No credentials are stored for ${broker}/${account}. Call credentials.put('${broker}', '${account}', { ... }) first.`,
  ALGO_LOGIN_REFUSED: ({ broker, brokerText }) =>
    `${broker} refused the log-in: ${brokerText || 'no reason given'}. Check the stored credentials.`,
  ALGO_LOGIN_NEEDED: ({ broker, account, why }) =>
    `${broker}/${account} needs a new log-in by its owner: ${why}. Store fresh credentials and call retryConnection.`,
  ALGO_SESSION_EXPIRED: ({ broker }) =>
    `${broker} no longer accepts the session. It is renewed on the next call where that is possible.`,
  ALGO_WRONG_ACCOUNT: ({ broker, account }) =>
    `${broker} answered for another account than the one stored as ${account}. Nothing more is sent there; check the credentials.`,
  ALGO_BROKER_DISABLED: ({ broker }) =>
    `${broker} is switched off for this user: nothing new is connected or placed there. Switch it on with brokers.enable('${broker}').`,
  ALGO_CONNECTION_OWNED: ({ broker, account }) =>
    `Another process holds the session of ${broker}/${account}, and this broker allows one. Stop that process, or connect again once it has ended.`,
  ALGO_SESSION_TAKEN_OVER: ({ broker, account, times }) =>
    `Another log-in ended the session of ${broker}/${account} ${times} times in a short while. Stop the other program or log-in, then call retryConnection.`,
  ALGO_SESSION_IN_USE: ({ broker, account }) =>
    `The same client has a session at ${broker} as ${account}, and another log-in would end it. Test the stored account instead, or say that it may end.`,
  ALGO_USER_STOPPED: ({ userId }) => `The user ${userId} is stopped. Call start() first.`,
  ALGO_TOO_MANY: ({ what, limit }) => `No more ${what}: the limit is ${limit}.`,
  ALGO_NOT_CONFIRMED: ({ why }) =>
    `The failover was not made: ${why}. Ask for a preview with handleFailover({ to }) and confirm that one.`,
  ALGO_ALL_BROKERS_DOWN: ({ connections }) =>
    `No broker answers (${connections.join(', ')}), and nothing was read before. It is tried again by itself; try later.`,
  ALGO_BROKER_UNREACHABLE: ({ broker, cause }) => `${broker} could not be reached (${cause}).`,
  ALGO_BROKER_UNAVAILABLE: ({ broker, status }) =>
    `${broker} is not available${status === null ? '' : ` (HTTP ${status})`}.`,
  ALGO_BROKER_REFUSED: ({ broker, reason, brokerText }) =>
    `${broker} refused the request (${reason}): ${brokerText || 'no reason given'}.`,
  ALGO_REPLY_UNREADABLE: ({ broker, status, why }) =>
    `The reply of ${broker} (HTTP ${status}) could not be read: ${why}.`,
  ALGO_REPLY_TOO_LARGE: ({ broker, limitBytes }) =>
    `The reply of ${broker} is larger than ${limitBytes} bytes and was dropped.`,
  ALGO_NOT_ENTITLED: ({ broker, brokerText }) =>
    `This account at ${broker} is not entitled to that: ${brokerText || 'no reason given'}. Enable it with the broker.`,
  ALGO_STATIC_IP_REFUSED: ({ broker }) =>
    `${broker} does not know this machine's address. Register the static IP with the broker; logging in again does not help.`,
  ALGO_NO_DATA: ({ broker }) => `${broker} has no data for that request.`,
  ALGO_DEADLINE: ({ deadlineMs }) => `No answer within ${deadlineMs} ms.`,
  ALGO_RATE_LIMITED: ({ family, retryAfterMs }) =>
    `The rate limit for ${family} is used up. Try again in ${retryAfterMs} ms.`,
  ALGO_CIRCUIT_OPEN: ({ lane }) =>
    `Too many failures on the ${lane} lane: calls are refused for a while instead of made.`,
  ALGO_HOST_NOT_ALLOWED: ({ host, why }) => `Requests to ${host} are not allowed: ${why}.`,
  ALGO_ADAPTER_FAULT: ({ broker, why }) => `The adapter of ${broker} broke its contract: ${why}.`,
  ALGO_INSTRUMENTS_REFUSED: ({ broker, why }) => `The instrument master of ${broker} was refused: ${why}.`,
  ALGO_STORE_IN_USE: ({ path }) =>
    `Another process or manager has ${path} open. One owner at a time: stop the other one, or use another file.`,
  ALGO_STORE_UNUSABLE: ({ path, why }) => `The store ${path} cannot be used: ${why}.`,
  ALGO_STORE_FAILED: ({ what, why }) => `The store failed at ${what}: ${why}.`,
  ALGO_STORE_CONFLICT: ({ what }) =>
    `${what} is not what it was when it was read: somebody else wrote it meanwhile. Read it again, then decide.`,
  ALGO_MIGRATION_NEEDED: ({ store, found, wanted }) =>
    `The store ${store} has schema ${found} and this package needs ${wanted}. Run its migration, or let the store migrate by itself when it opens.`,
  ALGO_MIGRATION_FAILED: ({ store, why }) => `The migration of ${store} did not happen: ${why}.`,
  ALGO_IMPORT_REFUSED: ({ source, why }) => `Nothing was imported from ${source}: ${why}.`,
  ALGO_DRIVER_UNSUITABLE: ({ driver, found, wanted }) =>
    `${driver} ${found ?? 'is not installed'}${found === null ? '' : ' does not run on this Node'}. Install ${driver}@${wanted}.`,
  ALGO_KEY_UNUSABLE: ({ why }) => `The master key cannot be used: ${why}.`,
  ALGO_UNDECRYPTABLE: ({ broker, account, keyId }) =>
    `The record of ${broker}/${account} cannot be opened with the keys at hand${keyId === null ? '' : ` (it names key ${keyId})`}. Hand over the right key, or store the credentials again.`,
};

export const describeError = <Code extends AlgoErrorCode>(code: Code, details: AlgoErrorDetails[Code]): string =>
  describe[code](details);
