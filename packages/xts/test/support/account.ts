import { readFileSync } from 'node:fs';
import { Secret, isAlgoError, isSecret } from '@algo/core/adapter';
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
import { xtsBroker } from '../../src/index.js';
import type { XtsConfig, XtsHouse } from '../../src/index.js';
import { resolveConfig } from '../../src/config.js';
import { readMaster } from '../../src/instruments.js';
import type { Reading } from '../../src/map/from-wire/reading.js';
import { createReader } from '../../src/wire/read.js';

/** 2026-11-20 10:00:00 IST. */
export const NOW_MS = Date.UTC(2026, 10, 20, 4, 30);

export const HOUSE: XtsHouse = {
  id: 'jainam',
  name: 'Jainam',
  domain: 'jainam.in',
  hosts: ['jtrade.jainam.in', 'smpd.jainam.in'],
  environment: 'JAINAM',
};

export const CONFIG: XtsConfig = { baseUrl: 'https://jtrade.jainam.in:5000' };

export const fixtureText = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');

export const fixture = (name: string): unknown => {
  const value: unknown = JSON.parse(fixtureText(name));
  return value;
};

/** The `result` of a fixture that is a whole reply. */
export function resultOf(name: string): unknown {
  const body = fixture(name);
  if (typeof body !== 'object' || body === null || !('result' in body)) throw new Error(`${name} holds no result`);
  return body.result;
}

/** One row of the recorded order book. */
export function orderRow(index = 0): Readonly<Record<string, unknown>> {
  const rows = resultOf('order_book_200.json');
  const row: unknown = Array.isArray(rows) ? rows[index] : undefined;
  if (typeof row !== 'object' || row === null) throw new Error('the order book holds no such row');
  return { ...row };
}

export const jwt = (claims: object): string =>
  `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

export const TOKEN = jwt({ userID: 'CLIENT01_x', exp: NOW_MS / 1_000 + 86_400 });
export const MARKET_TOKEN = jwt({ userID: 'CLIENT01_y', exp: NOW_MS / 1_000 + 86_300 });

export const session: BrokerSession = {
  clientId: 'CLIENT01',
  secrets: { interactiveToken: new Secret(TOKEN), marketToken: new Secret(MARKET_TOKEN) },
  facts: { userId: 'CLIENT01', dealer: 'no' },
  issuedAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 86_400_000,
  renewable: false,
};

export const dealerSession: BrokerSession = { ...session, facts: { userId: 'DEALER01', dealer: 'yes' } };

export const tradingSession: BrokerSession = { ...session, secrets: { interactiveToken: new Secret(TOKEN) } };

export const callWith = (of: BrokerSession = session): BrokerCall => ({
  session: of,
  startedAtMs: NOW_MS,
  remainingMs: () => 5_000,
  signal: new AbortController().signal,
});

/** During a log-in there is no session to sign with. */
export const loggingIn: BrokerCall = {
  get session(): BrokerSession {
    throw new Error('no session yet');
  },
  startedAtMs: NOW_MS,
  remainingMs: () => 5_000,
  signal: new AbortController().signal,
};

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

/** The listings of the sample masters, and the option of the recorded order book. */
export function sampleListings(config: XtsConfig = CONFIG): readonly Listing[] {
  const { quantityUnit } = resolveConfig(HOUSE, config);
  const fo = fixtureText('master_fo.txt').split('\n');
  const part = (segment: string): { segment: string; bytes: Uint8Array } => ({
    segment,
    bytes: Buffer.from(fo.filter((row) => row.startsWith(segment)).join('\n')),
  });
  const cash = { segment: 'NSECM', bytes: Buffer.from(fixtureText('master_nsecm.txt')) };
  const { listings } = readMaster('test', [cash, part('NSEFO'), part('BSEFO')], quantityUnit, 'jainam');
  return [...listings];
}

export const lookupOf = (listings: readonly Listing[]): InstrumentLookup => ({
  byToken: (segment, token) =>
    listings.find((listing) => listing.segment === segment && listing.token === token) ?? null,
  bySymbol: (segment, symbol) =>
    listings.find((listing) => listing.segment === segment && listing.symbol === symbol) ?? null,
  find: (instrument) => listings.find((listing) => listing.instrument === instrument) ?? null,
});

export function listingNamed(instrument: string, config: XtsConfig = CONFIG): Listing {
  const listing = sampleListings(config).find((candidate) => candidate.instrument === instrument);
  if (listing === undefined) throw new Error(`the samples hold no ${instrument}`);
  return listing;
}

export const reader = createReader('jainam');

export const readingWith = (logger: Logger = recordingLogger()): Reading => ({
  read: reader,
  instruments: lookupOf(sampleListings()),
  logger,
});

export interface Given {
  readonly config?: Partial<XtsConfig>;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export function connect(http: BrokerHttp, given: Given = {}): BrokerAdapter {
  const config = { ...CONFIG, ...given.config };
  return xtsBroker(HOUSE, config).connect({
    http,
    instruments: lookupOf(sampleListings(config)),
    clock: given.clock ?? clock,
    logger: given.logger ?? recordingLogger(),
  });
}

/** The code of what a task throws, `none` when it does not. */
export async function codeOf(task: () => unknown): Promise<string> {
  try {
    await task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
}

/** The same without waiting. */
export function codeNow(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
}

/** A request with its secrets shown, to compare it whole. */
export const shown = (request: BrokerRequest | undefined): unknown => ({
  ...request,
  headers: request?.headers?.map((value) => (isSecret(value) ? value.reveal() : value)),
  ...(request?.body === undefined ? {} : { body: JSON.parse(request.body) }),
});

export const FUZZ_RUNS = process.env['ALGO_TEST_FULL'] === '1' ? 100_000 : 10_000;
