import { AlgoError, checkNames, checkedRates, choice, isCount, rootOf } from '@algo/core/adapter';
import type { Exchange, InputProblem, QuantityUnit, RateLimits, RateWindow, Root } from '@algo/core/adapter';
import type { WallClock } from './map/time.js';

/** Settings of the Dhan package. All may be left out; defaults live in `DEFAULTS` and nowhere else. */
export interface DhanConfig {
  /** `sandbox` is Dhan's practice host: own tokens, no quotes, orders that stay pending. @default 'live' */
  readonly environment?: DhanEnvironment;
  /** Root of the trading API, for a simulator on this machine. @default 'https://api.dhan.co/v2' */
  readonly baseUrl?: string;
  /** Root of the token service. @default 'https://auth.dhan.co' */
  readonly authUrl?: string;
  /** Folder of the instrument masters, or one master by its full name. @default 'https://images.dhan.co/api-data' */
  readonly instrumentsUrl?: string;
  /** Which master to load: the detailed one has ISINs, underlyings and freeze quantities. @default 'detailed' */
  readonly instruments?: DhanMaster;
  /**
   * In which unit Dhan takes the quantity of commodity and currency contracts. Its master does not say, so orders there
   * are refused until you set it: `{ MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } }`. An underlying that is not
   * named stays refused. Check one contract with Dhan's margin calculator first. @default {}
   */
  readonly quantityUnits?: DhanQuantityUnits;
  /** Rate windows to use instead of Dhan's published ones, by family; each family is replaced whole. @default {} */
  readonly rateLimits?: Readonly<Partial<Record<DhanFamily, readonly RateWindow[]>>>;
}

export type DhanEnvironment = 'live' | 'sandbox';
export type DhanMaster = 'compact' | 'detailed';

/** Exchanges whose quantity unit at Dhan is not certain. */
export type UnsureExchange = Extract<Exchange, 'MCX' | 'CDS' | 'BCD'>;

export type DhanQuantityUnits = Readonly<Partial<Record<UnsureExchange, QuantityUnitSetting>>>;

/** `units`: Dhan takes what we take. `lots`: Dhan takes lots of so many units, for all underlyings or for each by name. */
export type QuantityUnitSetting =
  | { readonly kind: 'units' }
  | { readonly kind: 'lots'; readonly unitsPerLot: number | Readonly<Record<string, number>> };

/** What counts together at Dhan, per client id. */
export type DhanFamily = 'orders' | 'data' | 'quotes' | 'reads' | 'option-chain' | 'auth' | 'instruments';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * Hosts by environment, and rates: DhanHQ v2 docs, "Introduction" and "Rate limits", captured 2026-07-15. They count per
 * client id. UNSURE: whether Dhan's day begins at midnight IST (taken so here), and whether log-ins have other limits.
 */
const DEFAULTS = {
  environment: 'live',
  instruments: 'detailed',
  baseUrl: { live: 'https://api.dhan.co/v2', sandbox: 'https://sandbox.dhan.co/v2' },
  authUrl: 'https://auth.dhan.co',
  instrumentsUrl: 'https://images.dhan.co/api-data',
  quantityUnits: {},
  rateLimits: {
    orders: [
      { limit: 9, perMs: SECOND }, // Dhan 10 since 2025-09-08; the exchanges' line for an unregistered algo is 10 as well
      { limit: 250, perMs: MINUTE },
      { limit: 1_000, perMs: HOUR },
      { limit: 7_000, perMs: DAY, counted: 'ist-day' },
    ],
    data: [
      { limit: 5, perMs: SECOND },
      { limit: 100_000, perMs: DAY, counted: 'ist-day' },
    ],
    quotes: [{ limit: 1, perMs: SECOND }],
    reads: [{ limit: 20, perMs: SECOND }],
    'option-chain': [{ limit: 1, perMs: 3 * SECOND }],
    auth: [{ limit: 1, perMs: 2 * MINUTE }], // one new token every two minutes
    instruments: [{ limit: 10, perMs: MINUTE }], // files on a public host; ours, Dhan states none
  },
} as const satisfies {
  readonly environment: DhanEnvironment;
  readonly instruments: DhanMaster;
  readonly baseUrl: Readonly<Record<DhanEnvironment, string>>;
  readonly authUrl: string;
  readonly instrumentsUrl: string;
  readonly quantityUnits: DhanQuantityUnits;
  readonly rateLimits: Readonly<Record<DhanFamily, readonly RateWindow[]>>;
};

export interface ResolvedDhanConfig {
  readonly environment: DhanEnvironment;
  readonly api: Root;
  readonly auth: Root;
  /** The file itself. */
  readonly master: Root;
  readonly rateLimits: RateLimits;
  readonly wallClock: WallClock;
  /** The unit of a derivative; `unknown` where nobody said. */
  quantityUnit(exchange: Exchange, underlying: string): QuantityUnit;
}

/**
 * Completes a configuration. Pure; whether a host may be talked to at all is core's to decide.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once
 */
export function resolveConfig(config: DhanConfig = {}): ResolvedDhanConfig {
  const problems: InputProblem[] = [];
  const environment = choice('environment', config.environment ?? DEFAULTS.environment, ENVIRONMENTS, problems);
  const instruments = choice('instruments', config.instruments ?? DEFAULTS.instruments, MASTERS, problems);
  const api = rootOf('baseUrl', config.baseUrl ?? DEFAULTS.baseUrl[environment], problems);
  const auth = rootOf('authUrl', config.authUrl ?? DEFAULTS.authUrl, problems);
  const masters = rootOf('instrumentsUrl', config.instrumentsUrl ?? DEFAULTS.instrumentsUrl, problems);
  const unitsAsWritten: DhanQuantityUnits = config.quantityUnits ?? DEFAULTS.quantityUnits;
  checkNames('', config, OPTIONS, problems);
  checkUnits(unitsAsWritten, problems);
  const rateLimits = { ...DEFAULTS.rateLimits, ...checkedRates(config.rateLimits ?? {}, FAMILIES, problems) };
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });

  const units = structuredClone(unitsAsWritten); // what the host changes afterwards must not change an order
  return {
    environment,
    api,
    auth,
    master: { origin: masters.origin, path: masterPath(masters.path, instruments) },
    rateLimits,
    wallClock: environment === 'sandbox' ? 'UTC' : 'IST',
    quantityUnit: (exchange, underlying) =>
      isUnsure(exchange) ? unitOf(units[exchange], underlying) : { kind: 'units' },
  };
}

const ENVIRONMENTS = ['live', 'sandbox'] as const satisfies readonly DhanEnvironment[];
const MASTERS = ['detailed', 'compact'] as const satisfies readonly DhanMaster[];
const OPTIONS = [
  'environment',
  'baseUrl',
  'authUrl',
  'instrumentsUrl',
  'instruments',
  'quantityUnits',
  'rateLimits',
] as const satisfies readonly (keyof DhanConfig)[];
const FAMILIES = Object.keys(DEFAULTS.rateLimits);
const UNSURE = ['MCX', 'CDS', 'BCD'] as const satisfies readonly UnsureExchange[];

const isUnsure = (exchange: string): exchange is UnsureExchange => UNSURE.some((unsure) => unsure === exchange);

function unitOf(setting: QuantityUnitSetting | undefined, underlying: string): QuantityUnit {
  if (setting === undefined) return { kind: 'unknown' };
  if (setting.kind === 'units') return { kind: 'units' };
  const { unitsPerLot } = setting;
  if (typeof unitsPerLot === 'number') return { kind: 'lots', unitsPerLot };
  const named = Object.hasOwn(unitsPerLot, underlying) ? unitsPerLot[underlying] : undefined;
  return named === undefined ? { kind: 'unknown' } : { kind: 'lots', unitsPerLot: named };
}

/** Names of the two masters below {@link DhanConfig.instrumentsUrl}. */
const MASTER_FILES: Readonly<Record<DhanMaster, string>> = {
  compact: 'api-scrip-master.csv',
  detailed: 'api-scrip-master-detailed.csv',
};

const masterPath = (path: string, kind: DhanMaster): string =>
  path.endsWith('.csv') ? path : `${path}/${MASTER_FILES[kind]}`;

function checkUnits(units: DhanQuantityUnits, problems: InputProblem[]): void {
  checkNames('quantityUnits.', units, UNSURE, problems);
  for (const exchange of UNSURE) {
    const setting = units[exchange];
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
