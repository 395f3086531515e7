import type { MasterLayout, RowReading } from '../contract/instrument-master.js';
import type { Listing } from '../domain/instrument.js';

/** Listings that were read elsewhere, packed as lines of JSON: the same book holds them, and reads them back as they were. */
export const LISTED_LAYOUT: MasterLayout = {
  rows: { kind: 'lines', header: false, longestRow: 65_535 },
  symbolsAreUnique: true, // where they are not, `bySymbol` gives null
  open: () => ({ read: readPacked }),
};

/** One line for each listing, some to a piece. */
export async function* packed(listings: Iterable<Listing> | AsyncIterable<Listing>): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  for await (const listing of listings) {
    lines.push(JSON.stringify(listing));
    if (lines.length < LISTINGS_A_PIECE) continue;
    yield Buffer.from(`${lines.join('\n')}\n`);
    lines = [];
  }
  yield Buffer.from(lines.join('\n'));
}

const LISTINGS_A_PIECE = 200;

function readPacked(row: string): RowReading {
  const listing: unknown = JSON.parse(row);
  return isListing(listing) ? { kind: 'listing', listing, yields: false } : { kind: 'malformed' };
}

/** Our own line: only a listing that was none in the first place can fail. */
const isListing = (value: unknown): value is Listing =>
  typeof value === 'object' &&
  value !== null &&
  'instrument' in value &&
  typeof value.instrument === 'string' &&
  'token' in value &&
  typeof value.token === 'string' &&
  'segment' in value &&
  typeof value.segment === 'string' &&
  'symbol' in value &&
  typeof value.symbol === 'string' &&
  'contract' in value &&
  typeof value.contract === 'object' &&
  value.contract !== null;
