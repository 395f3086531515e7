import type { BrokerCall, InstrumentMaster, Listing } from '@algo/core/adapter';
import type { DhanClient } from './client.js';
import type { ResolvedDhanConfig } from './config.js';
import { isTestRow, toListing, yieldsToEq } from './map/from-wire/listings.js';
import type { QuantityUnitOf } from './map/from-wire/listings.js';
import { linesOf } from './wire/csv.js';
import { rowReader } from './wire/masters.js';
import type { RowReader } from './wire/masters.js';

/** @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when the file is not a master */
export async function loadInstruments(
  client: DhanClient,
  config: ResolvedDhanConfig,
  call: BrokerCall,
): Promise<InstrumentMaster> {
  const { master, quantityUnit } = config;
  const bytes = await client.scripMaster(call);
  return readMaster(master.origin + master.path, bytes, quantityUnit);
}

/**
 * A master as listings. Rows are read as they are asked for, so that 200,000 of them are never all in memory here.
 *
 * They come in the file's order, except that the same share in another series than EQ comes last: when EQ is listed too,
 * it is the one kept. Any later row that names a contract or an id already given is counted as skipped, like a malformed
 * one. The exchange's test contracts are left out and not counted.
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when the header is not that of a master
 */
export function readMaster(source: string, bytes: Uint8Array, unitOf: QuantityUnitOf): InstrumentMaster {
  const header = linesOf(bytes).next().value;
  const readRow = rowReader(header ?? null);
  let skipped = 0;
  return {
    source,
    listings: {
      *[Symbol.iterator]() {
        skipped = 0;
        yield* listingsOf(bytes, readRow, unitOf, () => (skipped += 1));
      },
    },
    skipped: () => skipped,
  };
}

function* listingsOf(
  bytes: Uint8Array,
  readRow: RowReader,
  unitOf: QuantityUnitOf,
  skip: () => void,
): Generator<Listing> {
  const isNew = createUniqueness();
  const waiting: Listing[] = [];
  let header = true;
  for (const line of linesOf(bytes)) {
    if (header) {
      header = false;
      continue;
    }
    const row = line === null ? null : readRow(line);
    if (row !== null && isTestRow(row)) continue;
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
