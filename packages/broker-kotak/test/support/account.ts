import { readFileSync } from 'node:fs';
import { Secret } from '@algo/core/adapter';
import type {
  BrokerAdapter,
  BrokerCall,
  BrokerHttp,
  BrokerSession,
  Clock,
  InstrumentLookup,
  Listing,
  Logger,
} from '@algo/core/adapter';
import { resolveConfig } from '../../src/config.js';
import { kotak } from '../../src/index.js';
import type { KotakConfig, KotakSegment } from '../../src/index.js';
import { masterLayout } from '../../src/instruments.js';

/** 2026-11-20 10:00:00 IST. */
export const NOW_MS = Date.UTC(2026, 10, 20, 4, 30);

export const fixtureBytes = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

export const fixture = (name: string): unknown => {
  const value: unknown = JSON.parse(fixtureBytes(name).toString('utf8'));
  return value;
};

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A fixture that is an object. */
export function fixtureFields(name: string): Fields {
  const value = fixture(name);
  if (!isFields(value)) throw new Error(`${name} is no object`);
  return value;
}

/** The rows of a fixture whose `data` is a list. */
export function fixtureRows(name: string): readonly Fields[] {
  const { data } = fixtureFields(name);
  if (!Array.isArray(data)) throw new Error(`${name} holds no list`);
  return data.filter(isFields);
}

export function fixtureRow(name: string): Fields {
  const [row] = fixtureRows(name);
  if (row === undefined) throw new Error(`${name} holds no row`);
  return row;
}

export const ACCESS_TOKEN = '0f0e0d0c-1111-2222-3333-0123456789ab';
export const TRADE_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3OTUxOTkyMDB9.c2lnbmF0dXJl';
export const SID = '5e55105e-aaaa-bbbb-cccc-0123456789ab';

export const session: BrokerSession = {
  clientId: 'AB1CD',
  secrets: {
    accessToken: new Secret(ACCESS_TOKEN),
    tradeToken: new Secret(TRADE_TOKEN),
    sid: new Secret(SID),
  },
  facts: { baseUrl: 'https://e43.kotaksecurities.com', ucc: 'AB1CD' },
  issuedAtMs: NOW_MS,
  expiresAtMs: Date.UTC(2026, 10, 20, 18, 30),
  renewable: false,
};

export const callWith = (of: BrokerSession = session, remainingMs = 5_000): BrokerCall => ({
  session: of,
  startedAtMs: NOW_MS,
  remainingMs: () => remainingMs,
  signal: new AbortController().signal,
});

export const clock: Clock = {
  now: () => NOW_MS,
  monotonic: () => 0,
  every: () => () => undefined,
  after: () => () => undefined,
};

export interface RecordingLogger extends Logger {
  readonly lines: readonly string[];
}

export function recordingLogger(): RecordingLogger {
  const lines: string[] = [];
  const log = (event: string, fields: unknown = {}): void => void lines.push(`${event} ${JSON.stringify(fields)}`);
  return { lines, debug: log, info: log, warn: log, error: log };
}

export interface ReadFile {
  readonly listings: readonly Listing[];
  readonly malformed: number;
  readonly leftOut: number;
}

/** A master's text as the package reads it, row by row; core's cutter does the same with bytes. */
export function readFile(segment: KotakSegment, csv: string, config: KotakConfig = {}): ReadFile {
  const [header = null, ...rows] = csv.split('\n').filter((line) => line !== '');
  const { quantityUnit } = resolveConfig(config);
  const reader = masterLayout({ segment, nowMs: NOW_MS, quantityUnit }).open(header);
  const readings = rows.map((row) => reader.read(row));
  return {
    listings: readings.flatMap((reading) => (reading.kind === 'listing' ? [reading.listing] : [])),
    malformed: readings.filter(({ kind }) => kind === 'malformed').length,
    leftOut: readings.filter(({ kind }) => kind === 'left-out').length,
  };
}

const SAMPLES = [
  ['nse_cm', 'scrip_nse_cm.csv'],
  ['nse_fo', 'scrip_fo.SYNTHETIC.csv'],
  ['bse_fo', 'scrip_fo.SYNTHETIC.csv'],
] as const;

/** The listings of the sample masters; a file of two segments gives each its own rows. */
export const sampleListings = (config: KotakConfig = {}): readonly Listing[] =>
  SAMPLES.flatMap(([segment, file]) => readFile(segment, fixtureBytes(file).toString('utf8'), config).listings);

export const lookupOf = (listings: readonly Listing[]): InstrumentLookup => {
  const first = (fits: (listing: Listing) => boolean): Listing | null => listings.find(fits) ?? null;
  return {
    byToken: (segment, token) => first((listing) => listing.segment === segment && listing.token === token),
    bySymbol: (segment, symbol) => first((listing) => listing.segment === segment && listing.symbol === symbol),
    find: (instrument) => first((listing) => listing.instrument === instrument),
  };
};

export function listingNamed(instrument: string, config: KotakConfig = {}): Listing {
  const listing = sampleListings(config).find((candidate) => candidate.instrument === instrument);
  if (listing === undefined) throw new Error(`the samples hold no ${instrument}`);
  return listing;
}

export function connect(
  http: BrokerHttp,
  config: KotakConfig = {},
  logger: Logger = recordingLogger(),
  at: Clock = clock,
): BrokerAdapter {
  return kotak(config).connect({ http, instruments: lookupOf(sampleListings(config)), clock: at, logger });
}
