import { AlgoError, checkNames, checkedRates, isCount, rootOf } from '@algo/core/adapter';
import type { Exchange, InputProblem, QuantityUnit, RateLimits, RateWindow, Root } from '@algo/core/adapter';
import { DOMAIN, isLoopback } from './hosts.js';
import type { HostRules } from './hosts.js';
import { SEGMENTS } from './map/words.js';
import type { Segment } from './map/words.js';

/** Settings of the Kotak Neo package. All may be left out; defaults live in `DEFAULTS` and nowhere else. */
export interface KotakConfig {
  /** Where log-ins go, for a simulator on this machine. @default 'https://mis.kotaksecurities.com' */
  readonly loginUrl?: string;
  /**
   * Further hosts of kotaksecurities.com that a log-in may assign to an account, `e31.kotaksecurities.com`, beside the
   * known ones. A log-in that names another host is refused before anything secret goes there. @default []
   */
  readonly sessionHosts?: readonly string[];
  /** Whose masters to load. @default all of them */
  readonly segments?: readonly KotakSegment[];
  /**
   * In which unit Kotak takes the quantity of commodity and currency contracts. It is not certain, so orders there are
   * refused until you set it: `{ MCX: { kind: 'lots', unitsPerLot: { GOLDM: 100 } } }`. An underlying that is not named
   * stays refused. Check one contract with Kotak's margin call first. @default {}
   */
  readonly quantityUnits?: KotakQuantityUnits;
  /** Rate windows to use instead of the published ones, by family; each family is replaced whole. @default {} */
  readonly rateLimits?: Readonly<Partial<Record<KotakFamily, readonly RateWindow[]>>>;
}

/** Kotak's word for an exchange segment that has a master. */
export type KotakSegment = 'nse_cm' | 'bse_cm' | 'nse_fo' | 'bse_fo' | 'cde_fo' | 'mcx_fo';

/** Exchanges whose quantity unit at Kotak is not certain. */
export type UnsureExchange = Extract<Exchange, 'MCX' | 'CDS'>;

export type KotakQuantityUnits = Readonly<Partial<Record<UnsureExchange, QuantityUnitSetting>>>;

/** `units`: Kotak takes what we take. `lots`: Kotak takes lots of so many units, for all underlyings or for each by name. */
export type QuantityUnitSetting =
  | { readonly kind: 'units' }
  | { readonly kind: 'lots'; readonly unitsPerLot: number | Readonly<Record<string, number>> };

/** What counts together, per account. */
export type KotakFamily = 'orders' | 'reads' | 'quotes' | 'candles' | 'auth' | 'instruments';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Rates by the sheet of 2026-11, per account; each line says where it comes from. UNSURE: the candles', measured by one
 * user, and whether the account's 10 orders a second are counted apart for each exchange segment (taken together here).
 */
const DEFAULTS = {
  loginUrl: 'https://mis.kotaksecurities.com',
  sessionHosts: [],
  segments: SEGMENTS,
  quantityUnits: {},
  rateLimits: {
    orders: [
      { limit: 9, perMs: SECOND }, // 10 is Kotak's, and the exchanges' own line for an unregistered algo
      { limit: 300, perMs: MINUTE }, // this and the next: limiter of the official SDK, 2026-08
      { limit: 5_000, perMs: HOUR },
    ],
    reads: [{ limit: 10, perMs: SECOND }], // ours, Kotak states none
    quotes: [{ limit: 25, perMs: SECOND }], // docs, "Quotes", 2026-09
    candles: [{ limit: 5, perMs: SECOND }], // measured by one user, 2026-09
    auth: [{ limit: 6, perMs: MINUTE }], // ours: a log-in takes two calls, and a code works once in half a minute
    instruments: [{ limit: 30, perMs: MINUTE }], // ours: files on a public host
  },
} as const satisfies Required<KotakConfig> & {
  readonly rateLimits: Readonly<Record<KotakFamily, readonly RateWindow[]>>;
};

/** Known on 2026-11-20. `mis` takes log-ins, `lapi` has the masters, the others were assigned to accounts. */
const HOST_NAMES = ['mis', 'lapi', 'cis', 'e21', 'e22', 'e41', 'e43'] as const;

export interface ResolvedKotakConfig extends HostRules {
  readonly login: Root;
  readonly segments: readonly Segment[];
  readonly rateLimits: RateLimits;
  /** Exchanges whose orders are taken at all. */
  readonly exchanges: readonly Exchange[];
  /** The unit of a derivative; `unknown` where nobody said. */
  quantityUnit(exchange: Exchange, underlying: string): QuantityUnit;
}

/**
 * Completes a configuration. Pure; whether a host may be talked to at all is core's to decide.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once
 */
export function resolveConfig(config: KotakConfig = {}): ResolvedKotakConfig {
  const problems: InputProblem[] = [];
  const login = rootOf('loginUrl', config.loginUrl ?? DEFAULTS.loginUrl, problems);
  const sessionHosts = checkedHosts(config.sessionHosts ?? DEFAULTS.sessionHosts, problems);
  const segments = checkedSegments(config.segments ?? DEFAULTS.segments, problems);
  const unitsAsWritten: KotakQuantityUnits = config.quantityUnits ?? DEFAULTS.quantityUnits;
  checkNames('', config, OPTIONS, problems);
  checkUnits(unitsAsWritten, problems);
  const rateLimits = { ...DEFAULTS.rateLimits, ...checkedRates(config.rateLimits ?? {}, FAMILIES, problems) };
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });

  const units = structuredClone(unitsAsWritten); // what the host changes afterwards must not change an order
  return {
    login,
    hosts: [...new Set([...HOST_NAMES.map((name) => `${name}.${DOMAIN}`), ...sessionHosts])],
    isLocal: isLoopback(new URL(login.origin).hostname),
    segments,
    rateLimits,
    // Currency is listed, and whether its orders are taken is not certain: the host says so by naming the unit.
    exchanges: ['NSE', 'BSE', 'NFO', 'BFO', 'MCX', ...(units.CDS === undefined ? [] : (['CDS'] as const))],
    quantityUnit: (exchange, underlying) =>
      isUnsure(exchange) ? unitOf(units[exchange], underlying) : { kind: 'units' },
  };
}

const OPTIONS = [
  'loginUrl',
  'sessionHosts',
  'segments',
  'quantityUnits',
  'rateLimits',
] as const satisfies readonly (keyof KotakConfig)[];
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

function checkedHosts(hosts: readonly string[], problems: InputProblem[]): readonly string[] {
  const sound = Array.isArray(hosts) && hosts.every((host) => typeof host === 'string' && OWN_HOST.test(host));
  if (sound) return [...hosts];
  problems.push({ field: 'sessionHosts', problem: `must be names below ${DOMAIN}, such as e31.${DOMAIN}` });
  return [];
}

const OWN_HOST = /^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?\.kotaksecurities\.com$/;

function checkedSegments(segments: readonly Segment[], problems: InputProblem[]): readonly Segment[] {
  const sound = Array.isArray(segments) && segments.length > 0 && segments.every((name) => SEGMENTS.includes(name));
  if (sound) return SEGMENTS.filter((segment) => segments.includes(segment));
  problems.push({ field: 'segments', problem: `must be some of ${SEGMENTS.join(', ')}` });
  return [];
}

function checkUnits(units: KotakQuantityUnits, problems: InputProblem[]): void {
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
