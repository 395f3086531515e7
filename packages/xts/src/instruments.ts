import { AlgoError } from '@algo/core/adapter';
import type { BrokerCall, Listing } from '@algo/core/adapter';
import type { XtsClient } from './client.js';
import type { ResolvedXtsConfig } from './config.js';
import { isLeftOut, toListing, yieldsToEq } from './map/from-wire/listings.js';
import type { QuantityUnitOf } from './map/from-wire/listings.js';
import { SEGMENTS } from './map/words.js';
import { linesOf } from './wire/lines.js';
import { readMasterRow } from './wire/masters.js';
import type { MasterRow } from './wire/masters.js';

/** A master whose rows are read as they are asked for: the simple form of core's `InstrumentMaster`. */
export interface ListedMaster {
  readonly source: string;
  readonly listings: Iterable<Listing>;
  /** Rows left out as malformed or given before; valid after the iteration ended. */
  skipped(): number;
}

/** One segment's part of the master, as text in bytes. */
export interface SegmentMaster {
  readonly segment: string;
  readonly bytes: Uint8Array;
}

/**
 * Fetches the master, one segment after the other.
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when one of them is no master: a part left out in silence would be
 * missed only when an order is refused
 */
export async function loadInstruments(
  client: XtsClient,
  config: ResolvedXtsConfig,
  call: BrokerCall,
): Promise<ListedMaster> {
  const { broker, marketData, masterWithoutToken, exchanges, quantityUnit } = config;
  const parts: SegmentMaster[] = [];
  for (const segment of exchanges.map((exchange) => SEGMENTS[exchange])) {
    const text = await client.master(segment, masterWithoutToken, call);
    if (typeof text !== 'string') throw refused(broker, `the master of ${segment} is not a text`);
    parts.push({ segment, bytes: Buffer.from(text) });
  }
  return readMaster(`${marketData.origin}${marketData.path}/instruments/master`, parts, quantityUnit, broker);
}

/**
 * A master as listings. Rows are read as they are asked for, so that 200,000 of them are never all in memory here.
 *
 * They come in the master's order, except that the same share in another series than EQ comes last: when EQ is listed
 * too, it is the one kept. Any later row that names a contract or an id already given is counted as skipped, like a
 * malformed one. Spreads and the exchange's test contracts are left out and not counted.
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when a part does not begin with a row of its segment: there is no header
 * to know it by
 */
export function readMaster(
  source: string,
  parts: readonly SegmentMaster[],
  unitOf: QuantityUnitOf,
  broker: string,
): ListedMaster {
  for (const { segment, bytes } of parts) {
    const first = linesOf(bytes).next().value;
    if (typeof first !== 'string' || !first.startsWith(`${segment}|`))
      throw refused(broker, `its rows are not those of ${segment}`);
  }
  let skipped = 0;
  return {
    source,
    listings: {
      *[Symbol.iterator]() {
        skipped = 0;
        yield* listingsOf(parts, unitOf, () => (skipped += 1));
      },
    },
    skipped: () => skipped,
  };
}

const refused = (broker: string, why: string): AlgoError<'ALGO_INSTRUMENTS_REFUSED'> =>
  new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker, why });

function* listingsOf(parts: readonly SegmentMaster[], unitOf: QuantityUnitOf, skip: () => void): Generator<Listing> {
  const isNew = createUniqueness();
  const waiting: Listing[] = [];
  for (const row of rowsOf(parts)) {
    if (row !== null && isLeftOut(row)) continue;
    const listing = row === null ? null : toListing(row, unitOf);
    if (row === null || listing === null) skip();
    else if (yieldsToEq(row)) waiting.push(listing);
    else if (isNew(listing)) yield listing;
    else skip();
  }
  for (const listing of waiting) {
    if (isNew(listing)) yield listing;
    else skip();
  }
}

/** Null for a line that is no row of the part it stands in. */
function* rowsOf(parts: readonly SegmentMaster[]): Generator<MasterRow | null, void, undefined> {
  for (const { segment, bytes } of parts) {
    for (const line of linesOf(bytes)) {
      const row = line === null ? null : readMasterRow(line);
      yield row?.segment === segment ? row : null;
    }
  }
}

/** Says of each listing whether neither its contract nor its id was seen before. */
function createUniqueness(): (listing: Listing) => boolean {
  const instruments = new Set<string>();
  const tokens = new Map<string, Set<string>>();
  return ({ instrument, segment, token }) => {
    let taken = tokens.get(segment);
    if (taken === undefined) tokens.set(segment, (taken = new Set()));
    if (instruments.has(instrument) || taken.has(token)) return false;
    instruments.add(instrument);
    taken.add(token);
    return true;
  };
}
