import { readFileSync } from 'node:fs';
import { isAlgoError, isSecret, Secret } from '@algo/core/adapter';
import type {
  BrokerAdapter,
  BrokerCall,
  BrokerHttp,
  BrokerRequest,
  BrokerSession,
  Clock,
  InstrumentLookup,
  Listing,
  Logger,
} from '@algo/core/adapter';
import { angel } from '../../src/index.js';
import type { AngelConfig } from '../../src/index.js';
import { resolveConfig } from '../../src/config.js';
import { layoutOf } from '../../src/instruments.js';

/** 2026-11-20 10:00:00 IST. */
export const NOW_MS = Date.UTC(2026, 10, 20, 4, 30);

export const fixtureBytes = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

export const fixture = (name: string): unknown => {
  const value: unknown = JSON.parse(fixtureBytes(name).toString('utf8'));
  return value;
};

type Fields = Readonly<Record<string, unknown>>;

/** The first row of a fixture: of the list in its envelope, of a list, or the object itself. */
export const fixtureRow = (name: string): Fields => {
  const whole = fixture(name);
  const data: unknown = typeof whole === 'object' && whole !== null && 'data' in whole ? whole.data : whole;
  const row: unknown = Array.isArray(data) ? data[0] : data;
  if (typeof row !== 'object' || row === null) throw new Error(`${name} holds no row`);
  return { ...row };
};

/** An order row as the live broker sends it: partly filled, with a tag. */
export const liveOrder = (change: Fields = {}): Fields => ({ ...fixtureRow('postback.json'), ...change });

export const JWT = 'eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJEMTIzNDUifQ.c2lnbmF0dXJl';
export const API_KEY = 'kE7api9x';

export const session: BrokerSession = {
  clientId: 'D12345',
  secrets: {
    apiKey: new Secret(API_KEY),
    jwtToken: new Secret(JWT),
    refreshToken: new Secret('refresh-me'),
    feedToken: new Secret('feed-me'),
  },
  facts: { method: 'totp', publicIp: '203.0.113.7' },
  issuedAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 14 * 3_600_000,
  renewable: true,
};

/** The headers of every signed call of {@link session}, with its secrets shown. */
export const HEADERS = [
  'content-type',
  'application/json',
  'accept',
  'application/json',
  'x-usertype',
  'USER',
  'x-sourceid',
  'WEB',
  'x-clientlocalip',
  'CLIENT_LOCAL_IP',
  'x-clientpublicip',
  '203.0.113.7',
  'x-macaddress',
  'MAC_ADDRESS',
  'x-privatekey',
  API_KEY,
  'authorization',
  `Bearer ${JWT}`,
];

export const callWith = (of: BrokerSession = session): BrokerCall => ({
  session: of,
  startedAtMs: NOW_MS,
  remainingMs: () => 5_000,
  signal: new AbortController().signal,
});

/** During a log-in there is no session to sign with. */
export const loggingIn = (remainingMs = 5_000, signal = new AbortController().signal): BrokerCall => ({
  get session(): BrokerSession {
    throw new Error('no session yet');
  },
  startedAtMs: NOW_MS,
  remainingMs: () => remainingMs,
  signal,
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

export function sampleListings(config: AngelConfig = {}): readonly Listing[] {
  const rows = fixture('instruments.json');
  const reader = layoutOf(resolveConfig(config).quantityUnit).open(null);
  if (!Array.isArray(rows)) throw new Error('the sample master is no list');
  return rows.flatMap((row) => {
    const read = reader.read(JSON.stringify(row));
    return read.kind === 'listing' ? [read.listing] : [];
  });
}

export const lookupOf = (listings: readonly Listing[]): InstrumentLookup => ({
  byToken: (segment, token) =>
    listings.find((listing) => listing.segment === segment && listing.token === token) ?? null,
});

/** As core's own, which finds symbols too. */
export const fullLookupOf = (listings: readonly Listing[]): InstrumentLookup => ({
  ...lookupOf(listings),
  bySymbol: (segment, symbol) =>
    listings.find((listing) => listing.segment === segment && listing.symbol === symbol) ?? null,
});

export function listingNamed(instrument: string, config: AngelConfig = {}): Listing {
  const listing = sampleListings(config).find((candidate) => candidate.instrument === instrument);
  if (listing === undefined) throw new Error(`the samples hold no ${instrument}`);
  return listing;
}

export function connect(
  http: BrokerHttp,
  config: AngelConfig = {},
  logger: Logger = recordingLogger(),
  at: Clock = clock,
): BrokerAdapter {
  return angel(config).connect({ http, instruments: lookupOf(sampleListings(config)), clock: at, logger });
}

/** A request with its secrets shown, to compare it whole. */
export const shown = (request: BrokerRequest | undefined): unknown => ({
  ...request,
  headers: request?.headers?.map((value) => (isSecret(value) ? value.reveal() : value)),
  ...(request?.body === undefined ? {} : { body: JSON.parse(request.body) }),
});

export const errorOf = async (task: Promise<unknown>): Promise<unknown> => {
  try {
    return await task;
  } catch (error) {
    return isAlgoError(error) ? { code: error.code, details: error.details } : String(error);
  }
};

export const codeOf = async (task: Promise<unknown>): Promise<string> => {
  try {
    await task;
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

/** The same for what answers at once. */
export const thrownBy = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

/** How many inputs a parser is fed with. */
export const FUZZ_RUNS = process.env['ALGO_TEST_FULL'] === '1' ? 100_000 : 10_000;
