import { AlgoError, EXCHANGES, checkNames, checkedRates, isCount, rootOf } from '@algo/core/adapter';
import type { Exchange, InputProblem, QuantityUnit, RateLimits, RateWindow, Root } from '@algo/core/adapter';
import { checkOwn, isLoopback } from './hosts.js';
import { checkUnits, unitsOf } from './quantity-units.js';
import type { QuantityUnits } from './quantity-units.js';

/** What is the same for every account of one house on XTS. */
export interface XtsHouse {
  /** The broker's id in core, lower case: `jainam`. */
  readonly id: string;
  readonly name: string;
  /** The house's own domain, `jainam.in`: no secret goes to a host outside of it. */
  readonly domain: string;
  /** Hosts of the house that are known, without port. */
  readonly hosts: readonly string[];
  /** Beginning of the environment variables of its credentials: `JAINAM`. */
  readonly environment: string;
  /** Options of the house's own configuration that are not XTS's, so that they do not count as misspelt. */
  readonly options?: readonly string[];
}

/** Settings of a house on XTS. Defaults live in `DEFAULTS` and nowhere else. */
export interface XtsConfig {
  /** Scheme, host and port, without a path: `https://jtrade.jainam.in:5000`. */
  readonly baseUrl: string;
  /** Where the interactive product (orders, portfolio) begins. @default '/interactive' */
  readonly interactivePath?: string;
  /** Where the market data product begins; a wrong one answers 404 with a web page. @default '/apimarketdata' */
  readonly marketDataPath?: string;
  /** Whether the log-in first asks the house where to log in. Newer and prop deployments do. @default false */
  readonly useHostLookup?: boolean;
  /** Where it asks. @default '{baseUrl}/hostlookup' */
  readonly hostLookupUrl?: string;
  /** Further hosts below the house's domain that a host lookup may name. @default [] */
  readonly lookupHosts?: readonly string[];
  /** How the log-in names the kind of client. @default 'WEBAPI' */
  readonly source?: string;
  /** Segments whose instruments are loaded. CDS, BCD and MCX need {@link quantityUnits} too. @default NSE, BSE, NFO, BFO */
  readonly exchanges?: readonly Exchange[];
  /**
   * In which unit the house takes the quantity of commodity and currency contracts. It is not certain, so that orders
   * there are refused until you set it: `{ MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } }`. @default {}
   */
  readonly quantityUnits?: QuantityUnits;
  /** Whether the instrument master is asked for without a token where no market data keys are stored. @default false */
  readonly masterWithoutToken?: boolean;
  /** Whether an order that met the rate limit (`e-apirl-0004`) surely was not processed. @default false */
  readonly rateLimitIsRefusal?: boolean;
  /** Longest stretch of one candle call, in days. @default 7 */
  readonly candleDaysPerCall?: number;
  /** Orders, changes and cancels in a second. The exchanges' line for an unregistered algo is 10 per segment. @default 9 */
  readonly ordersPerSecond?: number;
  /** Longest wait for a read, its further tries included, in milliseconds. An order has a deadline of its own. @default 10000 */
  readonly timeoutMs?: number;
  /** Further tries of a read that failed in a way that may pass. Commands are never repeated. @default 3 */
  readonly readRetries?: number;
  /** Rate windows to use instead of the defaults, by family; each family is replaced whole. @default {} */
  readonly rateLimits?: Readonly<Partial<Record<XtsFamily, readonly RateWindow[]>>>;
}

/** What counts together, per account. */
export type XtsFamily =
  'orders' | 'book' | 'trades' | 'positions' | 'reads' | 'quotes' | 'candles' | 'instruments' | 'auth' | 'auth-data';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const ONE_A_SECOND = [{ limit: 1, perMs: SECOND }] as const;

/**
 * Rates are those of public adapters, since XTS houses publish none (2026-11-20): all of them are UNSURE. The log-in windows are ours: one key has
 * one session, and two processes that log each other out must not go on for ever.
 */
const DEFAULTS = {
  interactivePath: '/interactive',
  marketDataPath: '/apimarketdata',
  useHostLookup: false,
  lookupHosts: [],
  source: 'WEBAPI',
  exchanges: ['NSE', 'BSE', 'NFO', 'BFO'],
  quantityUnits: {},
  masterWithoutToken: false,
  rateLimitIsRefusal: false,
  candleDaysPerCall: 7,
  ordersPerSecond: 9,
  timeoutMs: 10_000,
  readRetries: 3,
  rateLimits: {
    book: ONE_A_SECOND,
    trades: ONE_A_SECOND,
    positions: ONE_A_SECOND,
    reads: ONE_A_SECOND,
    quotes: ONE_A_SECOND,
    candles: ONE_A_SECOND,
    instruments: ONE_A_SECOND,
    auth: [{ limit: 3, perMs: 5 * MINUTE }],
    'auth-data': [{ limit: 6, perMs: 5 * MINUTE }],
  },
} as const satisfies Omit<Required<XtsConfig>, 'baseUrl' | 'hostLookupUrl' | 'rateLimits'> & {
  readonly rateLimits: Readonly<Record<Exclude<XtsFamily, 'orders'>, readonly RateWindow[]>>;
};

export interface ResolvedXtsConfig {
  readonly broker: string;
  readonly interactive: Root;
  readonly marketData: Root;
  /** Null where the log-in goes to `interactive` straight away. */
  readonly hostLookup: Root | null;
  /** Every host that may be talked to. */
  readonly hosts: readonly string[];
  readonly source: string;
  readonly exchanges: readonly Exchange[];
  readonly masterWithoutToken: boolean;
  readonly rateLimitIsRefusal: boolean;
  readonly candleDaysPerCall: number;
  readonly timeoutMs: number;
  readonly readRetries: number;
  readonly rateLimits: RateLimits;
  /** The unit of a derivative as the host set it; null where it set none. */
  quantityUnit(exchange: Exchange, underlying: string): QuantityUnit | null;
}

/**
 * Completes a configuration. Pure.
 *
 * @param found what the house found wrong in options of its own, to be told with the rest
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once
 */
export function resolveConfig(
  house: XtsHouse,
  config: XtsConfig,
  found: readonly InputProblem[] = [],
): ResolvedXtsConfig {
  const problems: InputProblem[] = [...found];
  const filled = withDefaults(config);
  checkNames('', config, [...(house.options ?? []), ...OPTIONS], problems);
  const base = rootOf('baseUrl', filled.baseUrl, problems);
  if (base.path !== '') problems.push({ field: 'baseUrl', problem: 'must not hold a path; see interactivePath' });
  const lookup = rootOf(
    'hostLookupUrl',
    config.hostLookupUrl ?? `${base.origin}/hostlookup`,
    base.origin === '' ? [] : problems,
  );
  checkOwn('baseUrl', base.origin, house.domain, problems);
  checkOwn('hostLookupUrl', lookup.origin, house.domain, problems);
  checkOptions(filled, house, problems);
  checkUnits(filled.quantityUnits, problems);
  const rates = checkedRates(config.rateLimits ?? {}, FAMILIES, problems);
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });

  const unitOf = unitsOf(filled.quantityUnits);
  const hostOf = (origin: string): readonly string[] => {
    const { hostname } = new URL(origin);
    return isLoopback(hostname) ? [] : [hostname];
  };
  return {
    broker: house.id,
    interactive: { origin: base.origin, path: filled.interactivePath },
    marketData: { origin: base.origin, path: filled.marketDataPath },
    hostLookup: filled.useHostLookup ? lookup : null,
    hosts: [...new Set([...house.hosts, ...hostOf(base.origin), ...hostOf(lookup.origin), ...filled.lookupHosts])],
    source: filled.source,
    exchanges: [...filled.exchanges],
    masterWithoutToken: filled.masterWithoutToken,
    rateLimitIsRefusal: filled.rateLimitIsRefusal,
    candleDaysPerCall: filled.candleDaysPerCall,
    timeoutMs: filled.timeoutMs,
    readRetries: filled.readRetries,
    rateLimits: { orders: [{ limit: filled.ordersPerSecond, perMs: SECOND }], ...DEFAULTS.rateLimits, ...rates },
    quantityUnit: unitOf,
  };
}

const OPTIONS: readonly string[] = ['baseUrl', 'hostLookupUrl', ...Object.keys(DEFAULTS)];
const FAMILIES = ['orders', ...Object.keys(DEFAULTS.rateLimits)];

type Filled = Omit<Required<XtsConfig>, 'hostLookupUrl' | 'rateLimits'>;

const withDefaults = (config: XtsConfig): Filled => ({
  baseUrl: config.baseUrl,
  interactivePath: config.interactivePath ?? DEFAULTS.interactivePath,
  marketDataPath: config.marketDataPath ?? DEFAULTS.marketDataPath,
  useHostLookup: config.useHostLookup ?? DEFAULTS.useHostLookup,
  lookupHosts: config.lookupHosts ?? DEFAULTS.lookupHosts,
  source: config.source ?? DEFAULTS.source,
  exchanges: config.exchanges ?? DEFAULTS.exchanges,
  quantityUnits: config.quantityUnits ?? DEFAULTS.quantityUnits,
  masterWithoutToken: config.masterWithoutToken ?? DEFAULTS.masterWithoutToken,
  rateLimitIsRefusal: config.rateLimitIsRefusal ?? DEFAULTS.rateLimitIsRefusal,
  candleDaysPerCall: config.candleDaysPerCall ?? DEFAULTS.candleDaysPerCall,
  ordersPerSecond: config.ordersPerSecond ?? DEFAULTS.ordersPerSecond,
  timeoutMs: config.timeoutMs ?? DEFAULTS.timeoutMs,
  readRetries: config.readRetries ?? DEFAULTS.readRetries,
});

function checkOptions(filled: Filled, house: XtsHouse, problems: InputProblem[]): void {
  const must = (field: keyof Filled, fine: boolean, problem: string): void => {
    if (!fine) problems.push({ field, problem });
  };
  for (const field of ['interactivePath', 'marketDataPath'] as const)
    must(field, isText(filled[field], PATH), 'must be a path such as /interactive, without a slash at its end');
  for (const field of ['useHostLookup', 'masterWithoutToken', 'rateLimitIsRefusal'] as const)
    must(field, typeof filled[field] === 'boolean', 'must be true or false');
  for (const field of ['candleDaysPerCall', 'ordersPerSecond', 'timeoutMs'] as const)
    must(field, isCount(filled[field]), 'must be a whole number above 0');
  const { readRetries, source, exchanges, lookupHosts } = filled;
  must('readRetries', readRetries === 0 || (isCount(readRetries) && readRetries <= 10), 'must be a whole number to 10');
  must('source', isText(source, SOURCE), 'must be letters and digits, such as WEBAPI');
  const known = Array.isArray(exchanges) && exchanges.length > 0 && exchanges.every((one) => EXCHANGES.includes(one));
  must('exchanges', known && new Set(exchanges).size === exchanges.length, `must be some of ${EXCHANGES.join(', ')}`);
  if (!Array.isArray(lookupHosts)) return must('lookupHosts', false, 'must be a list');
  for (const host of lookupHosts) {
    const isHost = isText(host, HOST);
    must('lookupHosts', isHost, 'must be host names without port');
    if (isHost) checkOwn('lookupHosts', `https://${host}`, house.domain, problems);
  }
}

const PATH = /^(\/[\w.-]+)*$/;
const SOURCE = /^\w{1,40}$/;
const HOST = /^[a-z0-9.-]{1,253}$/;

const isText = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);
