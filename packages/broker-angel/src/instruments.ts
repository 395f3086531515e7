import { streamedMaster } from '@algo/core/adapter';
import type { BrokerCall, Listing, MasterFile, MasterLayout, RowReading, StreamedMaster } from '@algo/core/adapter';
import type { AngelClient } from './client.js';
import type { ResolvedAngelConfig } from './config.js';
import { isTestRow, toListing, yieldsToEq } from './map/from-wire/listings.js';
import type { QuantityUnitOf } from './map/from-wire/listings.js';
import { KNOWN_INDICES, readMasterRow } from './wire/masters.js';
import { BROKER } from './wire/read.js';

/** The master as it arrives. @throws {AlgoError} by status */
export async function loadInstruments(
  client: AngelClient,
  { master, quantityUnit }: ResolvedAngelConfig,
  call: BrokerCall,
): Promise<StreamedMaster> {
  const chunks = await client.scripMaster(call);
  return readMaster(master.origin + master.path, chunks, quantityUnit);
}

/** @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED`, while it is read, when it is not one whole JSON list of objects */
export const readMaster = (source: string, chunks: MasterFile['chunks'], unitOf: QuantityUnitOf): StreamedMaster =>
  streamedMaster({ broker: BROKER, source, files: { [Symbol.asyncIterator]: () => filesOf(chunks, unitOf) } });

/** The file, and after it the indices that Angel has dropped from it at times. A file without a good row gets none. */
async function* filesOf(chunks: MasterFile['chunks'], unitOf: QuantityUnitOf): AsyncGenerator<MasterFile> {
  const indices = new Set<string>();
  let hasRows = false;
  const note = ({ contract, instrument }: Listing): void => {
    hasRows = true;
    if (contract.kind === 'index') indices.add(instrument);
  };
  yield { chunks, layout: layoutOf(unitOf, note) };
  if (!hasRows) return;
  const missing = KNOWN_INDICES.filter((row) => {
    const listing = toListing(row.fields, unitOf);
    return listing !== null && !indices.has(listing.instrument);
  });
  const text = `[${missing.map(({ printed }) => printed).join(',')}]`;
  yield { chunks: [Buffer.from(text)], layout: layoutOf(unitOf) };
}

/**
 * The same share in another series than EQ yields: when EQ is listed too, it is the one kept. The exchange's test
 * contracts are left out. Trading symbols name one contract of a segment each: they carry the expiry.
 */
export function layoutOf(unitOf: QuantityUnitOf, note: (listing: Listing) => void = () => undefined): MasterLayout {
  const read = (text: string): RowReading => {
    const row = readMasterRow(text);
    if (row === null) return MALFORMED;
    if (isTestRow(row)) return LEFT_OUT;
    const listing = toListing(row, unitOf);
    if (listing === null) return MALFORMED;
    note(listing);
    return { kind: 'listing', listing, yields: yieldsToEq(listing) };
  };
  return { rows: { kind: 'json-objects' }, symbolsAreUnique: true, open: () => ({ read }) };
}

const MALFORMED: RowReading = { kind: 'malformed' };
const LEFT_OUT: RowReading = { kind: 'left-out' };
