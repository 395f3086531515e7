import { AlgoError, checkNames, checkedRates, choice, isCount, rootOf } from '@algo/core/adapter';
import type { Exchange, InputProblem, QuantityUnit, RateLimits, RateWindow, Root } from '@algo/core/adapter';
import type { OrderRules } from './map/to-wire.js';

/** Settings of the Angel One package. All may be left out; defaults live in `DEFAULTS` and nowhere else. */
export interface AngelConfig {
  /** Root of the API, for a simulator on this machine. @default 'https://apiconnect.angelone.in' */
  readonly baseUrl?: string;
  /** The page of the publisher log-in. @default 'https://smartapi.angelone.in/publisher-login' */
  readonly publisherUrl?: string;
  /** The instrument master. @default 'https://margincalculator.angelbroking.com/OpenAPI_File/files/OpenAPIScripMaster.json' */
  readonly instrumentsUrl?: string;
  /**
   * What becomes of MARKET and SL-M orders. Angel does not allow market orders by API since 2026; whether it refuses or
   * converts them is not certain, so they are refused here until you say `send`. @default 'refuse'
   */
  readonly marketOrders?: MarketOrders;
  /** Your consent, sent with every order, to trade scrips on the exchange's cautionary list; without it Angel refuses those. @default false */
  readonly scripConsent?: boolean;
  /**
   * Whether the publisher page gives our `state` back, which is how a forged callback is told from a real one. Reports
   * differ. `optional` takes a callback without it; one with a wrong one is refused all the same. @default 'required'
   */
  readonly publisherState?: PublisherState;
  /**
   * In which unit Angel takes the quantity of commodity and currency contracts. Orders there are refused until you set
   * it: `{ MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } }`. An underlying that is not named stays refused. Check
   * one contract with Angel's margin calculator first. @default {}
   */
  readonly quantityUnits?: AngelQuantityUnits;
  /** Rate windows to use instead of the ones of this package, by family; each family is replaced whole. @default {} */
  readonly rateLimits?: Readonly<Partial<Record<AngelFamily, readonly RateWindow[]>>>;
}

export type MarketOrders = 'refuse' | 'send';
export type PublisherState = 'required' | 'optional';

/** Exchanges whose quantity unit at Angel is not certain. */
export type UnsureExchange = Extract<Exchange, 'MCX' | 'CDS'>;

export type AngelQuantityUnits = Readonly<Partial<Record<UnsureExchange, QuantityUnitSetting>>>;

/** `units`: Angel takes what we take. `lots`: Angel takes lots of so many units, for all underlyings or for each by name. */
export type QuantityUnitSetting =
  | { readonly kind: 'units' }
  | { readonly kind: 'lots'; readonly unitsPerLot: number | Readonly<Record<string, number>> };

/** What counts together at Angel, per client code. */
export type AngelFamily =
  | 'orders'
  | 'book'
  | 'trades'
  | 'positions'
  | 'holdings'
  | 'funds'
  | 'margin'
  | 'profile'
  | 'quotes'
  | 'candles'
  | 'reads'
  | 'login'
  | 'renew'
  | 'logout'
  | 'instruments';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** One a second, kept at four fifths. */
const ONCE_A_SECOND: readonly RateWindow[] = [{ limit: 1, perMs: 1_250 }];

/**
 * Rates: SmartAPI's rate limit page as of 2026-11, each at four fifths of what it states, because denials near the cap
 * were reported. They count per client code; a second API key does not raise them. The exchanges' 10 orders a second count
 * by exchange segment; the 7 of all segments together stay below that in each. UNSURE: the quotes' rate, whose two pages
 * differ, and the hourly and minute columns where the table of 2024-03 had others.
 */
const DEFAULTS = {
  baseUrl: 'https://apiconnect.angelone.in',
  publisherUrl: 'https://smartapi.angelone.in/publisher-login',
  instrumentsUrl: 'https://margincalculator.angelbroking.com/OpenAPI_File/files/OpenAPIScripMaster.json',
  marketOrders: 'refuse',
  scripConsent: false,
  publisherState: 'required',
  quantityUnits: {},
  rateLimits: {
    orders: [
      { limit: 7, perMs: SECOND }, // 9 for place, modify and cancel together
      { limit: 400, perMs: MINUTE },
      { limit: 800, perMs: HOUR },
    ],
    book: ONCE_A_SECOND,
    trades: ONCE_A_SECOND,
    positions: ONCE_A_SECOND,
    holdings: ONCE_A_SECOND,
    funds: [{ limit: 1, perMs: 625 }], // 2 a second
    margin: [
      { limit: 8, perMs: SECOND },
      { limit: 400, perMs: MINUTE },
      { limit: 4_000, perMs: HOUR },
    ],
    profile: [
      { limit: 2, perMs: SECOND }, // 3
      { limit: 800, perMs: HOUR },
    ],
    quotes: ONCE_A_SECOND, // 10 by the table, 1 by the page of the call: the smaller one
    candles: [
      { limit: 2, perMs: SECOND }, // 3
      { limit: 144, perMs: MINUTE },
      { limit: 4_000, perMs: HOUR },
    ],
    reads: ONCE_A_SECOND, // searches, option greeks, and what no page names
    login: ONCE_A_SECOND,
    renew: [
      { limit: 1, perMs: 1_250 },
      { limit: 800, perMs: HOUR },
    ],
    logout: ONCE_A_SECOND,
    instruments: [{ limit: 10, perMs: MINUTE }], // a file on a public host; ours, Angel states none
  },
} as const satisfies Required<Omit<AngelConfig, 'rateLimits'>> & {
  readonly rateLimits: Readonly<Record<AngelFamily, readonly RateWindow[]>>;
};

export interface ResolvedAngelConfig {
  readonly api: Root;
  readonly publisher: Root;
  /** The file itself. */
  readonly master: Root;
  readonly rules: OrderRules;
  readonly publisherState: PublisherState;
  readonly rateLimits: RateLimits;
  /** The unit of a derivative; `unknown` where nobody said. */
  quantityUnit(exchange: Exchange, underlying: string): QuantityUnit;
}

/**
 * Completes a configuration. Pure; whether a host may be talked to at all is core's to decide.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once
 */
export function resolveConfig(config: AngelConfig = {}): ResolvedAngelConfig {
  const problems: InputProblem[] = [];
  const api = rootOf('baseUrl', config.baseUrl ?? DEFAULTS.baseUrl, problems);
  const publisher = rootOf('publisherUrl', config.publisherUrl ?? DEFAULTS.publisherUrl, problems);
  const master = rootOf('instrumentsUrl', config.instrumentsUrl ?? DEFAULTS.instrumentsUrl, problems);
  const marketOrders = choice('marketOrders', config.marketOrders ?? DEFAULTS.marketOrders, MARKET_ORDERS, problems);
  const publisherState = choice('publisherState', config.publisherState ?? DEFAULTS.publisherState, STATES, problems);
  const scripConsent = config.scripConsent ?? DEFAULTS.scripConsent;
  if (typeof scripConsent !== 'boolean') problems.push({ field: 'scripConsent', problem: 'must be true or false' });
  const unitsAsWritten: AngelQuantityUnits = config.quantityUnits ?? DEFAULTS.quantityUnits;
  checkNames('', config, OPTIONS, problems);
  checkUnits(unitsAsWritten, problems);
  const rateLimits = { ...DEFAULTS.rateLimits, ...checkedRates(config.rateLimits ?? {}, FAMILIES, problems) };
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });

  const units = structuredClone(unitsAsWritten); // what the host changes afterwards must not change an order
  return {
    api,
    publisher,
    master,
    rules: { marketOrders: marketOrders === 'send', scripConsent },
    publisherState,
    rateLimits,
    quantityUnit: (exchange, underlying) =>
      isUnsure(exchange) ? unitOf(units[exchange], underlying) : { kind: 'units' },
  };
}

const MARKET_ORDERS = ['refuse', 'send'] as const satisfies readonly MarketOrders[];
const STATES = ['required', 'optional'] as const satisfies readonly PublisherState[];
const OPTIONS = Object.keys(DEFAULTS);
const FAMILIES = Object.keys(DEFAULTS.rateLimits);
const UNSURE = ['MCX', 'CDS'] as const satisfies readonly UnsureExchange[];

const isUnsure = (exchange: string): exchange is UnsureExchange => UNSURE.some((unsure) => unsure === exchange);

function unitOf(setting: QuantityUnitSetting | undefined, underlying: string): QuantityUnit {
  if (setting === undefined) return { kind: 'unknown' };
  if (setting.kind === 'units') return { kind: 'units' };
  const { unitsPerLot } = setting;
  if (typeof unitsPerLot === 'number') return { kind: 'lots', unitsPerLot };
  const named = Object.hasOwn(unitsPerLot, underlying) ? unitsPerLot[underlying] : undefined;
  return named === undefined ? { kind: 'unknown' } : { kind: 'lots', unitsPerLot: named };
}

function checkUnits(units: AngelQuantityUnits, problems: InputProblem[]): void {
  checkNames('quantityUnits.', units, UNSURE, problems);
  for (const exchange of UNSURE) {
    const setting = units?.[exchange];
    if (setting === undefined || setting?.kind === 'units') continue;
    const field = `quantityUnits.${exchange}`;
    if (setting?.kind !== 'lots') {
      problems.push({ field, problem: "must be { kind: 'units' } or { kind: 'lots', unitsPerLot }" });
      continue;
    }
    const { unitsPerLot } = setting;
    const sizes = typeof unitsPerLot === 'object' && unitsPerLot !== null ? Object.values(unitsPerLot) : [unitsPerLot];
    if (!sizes.every(isCount)) problems.push({ field, problem: 'must give unitsPerLot as whole numbers above 0' });
  }
}
