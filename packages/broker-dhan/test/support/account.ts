import { readFileSync } from 'node:fs';
import { Secret } from '@algo/core/adapter';
import type {
  AnyMaster,
  BrokerAdapter,
  BrokerCall,
  BrokerHttp,
  BrokerSession,
  Clock,
  InstrumentLookup,
  Listing,
  Logger,
} from '@algo/core/adapter';
import { dhan } from '../../src/index.js';
import type { DhanConfig } from '../../src/index.js';
import { resolveConfig } from '../../src/config.js';
import { layoutOf } from '../../src/instruments.js';

/** 2026-11-20 10:00:00 IST. */
export const NOW_MS = Date.UTC(2026, 10, 20, 4, 30);

export const fixture = (name: string): unknown => {
  const value: unknown = JSON.parse(fixtureBytes(name).toString('utf8'));
  return value;
};

export const fixtureBytes = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** One row of a fixture that is a list. */
export const fixtureRow = (name: string): Readonly<Record<string, unknown>> => {
  const rows = fixture(name);
  const row: unknown = Array.isArray(rows) ? rows[0] : rows;
  if (typeof row !== 'object' || row === null) throw new Error(`${name} holds no row`);
  return { ...row };
};

export const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTUyNjA2MDB9.c2lnbmF0dXJl';

export const session: BrokerSession = {
  clientId: '1000000003',
  secrets: { accessToken: new Secret(TOKEN) },
  facts: { method: 'token' },
  issuedAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 86_400_000,
  renewable: true,
};

export const callWith = (of: BrokerSession = session): BrokerCall => ({
  session: of,
  startedAtMs: NOW_MS,
  remainingMs: () => 5_000,
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

/** The listings of the sample masters, the detailed one first. */
export function sampleListings(config: DhanConfig = {}): readonly Listing[] {
  const layout = layoutOf(resolveConfig(config).quantityUnit);
  const files = ['instruments_detailed_trimmed.csv', 'instruments_compact.csv'];
  return files.flatMap((file) => {
    const [header = '', ...rows] = fixtureBytes(file).toString('utf8').trimEnd().split('\n');
    const reader = layout.open(header);
    return rows.map((row) => reader.read(row)).flatMap((row) => (row.kind === 'listing' ? [row.listing] : []));
  });
}

export async function listingsOf(master: AnyMaster): Promise<readonly Listing[]> {
  const listings: Listing[] = [];
  for await (const listing of master.listings) listings.push(listing);
  return listings;
}

export const lookupOf = (listings: readonly Listing[]): InstrumentLookup => ({
  byToken: (segment, token) =>
    listings.find((listing) => listing.segment === segment && listing.token === token) ?? null,
});

export function listingNamed(instrument: string, config: DhanConfig = {}): Listing {
  const listing = sampleListings(config).find((candidate) => candidate.instrument === instrument);
  if (listing === undefined) throw new Error(`the samples hold no ${instrument}`);
  return listing;
}

export function connect(
  http: BrokerHttp,
  config: DhanConfig = {},
  logger: Logger = recordingLogger(),
  at: Clock = clock,
): BrokerAdapter {
  return dhan(config).connect({ http, instruments: lookupOf(sampleListings(config)), clock: at, logger });
}

/** Inputs for each parser: all of them by `npm run test:full`. */
export const FUZZ_RUNS = process.env['ALGO_TEST_FULL'] === '1' ? 100_000 : 10_000;
