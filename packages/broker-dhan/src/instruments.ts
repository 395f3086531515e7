import { streamedMaster } from '@algo/core/adapter';
import type { BrokerCall, MasterLayout, RowReading, StreamedMaster } from '@algo/core/adapter';
import type { DhanClient } from './client.js';
import type { ResolvedDhanConfig } from './config.js';
import { isTestRow, toListing, yieldsToEq } from './map/from-wire/listings.js';
import type { QuantityUnitOf } from './map/from-wire/listings.js';
import { createMarker } from './map/from-wire/mark-row.js';
import { BROKER } from './wire/read.js';
import { columnsOf, readRow } from './wire/masters.js';

/** The master as it arrives. @throws {AlgoError} by status */
export async function loadInstruments(
  client: DhanClient,
  config: ResolvedDhanConfig,
  call: BrokerCall,
): Promise<StreamedMaster> {
  const { master, quantityUnit } = config;
  const chunks = await client.scripMaster(call);
  return readMaster(master.origin + master.path, chunks, quantityUnit);
}

/** @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED`, while it is read, when the header is not that of a master */
export function readMaster(
  source: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  unitOf: QuantityUnitOf,
): StreamedMaster {
  return streamedMaster({ broker: BROKER, source, files: [{ chunks, layout: layoutOf(unitOf) }] });
}

/**
 * Either master: the header tells which one it is.
 *
 * The same share in another series than EQ yields: when EQ is listed too, it is the one kept. The exchange's test
 * contracts are left out. Symbols are not unique: the weekly options of a month share one.
 */
export function layoutOf(unitOf: QuantityUnitOf): MasterLayout {
  return {
    rows: { kind: 'lines', header: true },
    open(header) {
      const columns = columnsOf(header);
      const read = (line: string): RowReading => {
        const row = readRow(line, columns);
        if (row === null) return MALFORMED;
        if (isTestRow(row)) return LEFT_OUT;
        const listing = toListing(row, unitOf);
        return listing === null ? MALFORMED : { kind: 'listing', listing, yields: yieldsToEq(row) };
      };
      return { read, mark: createMarker(columns) };
    },
  };
}

const MALFORMED: RowReading = { kind: 'malformed' };
const LEFT_OUT: RowReading = { kind: 'left-out' };
