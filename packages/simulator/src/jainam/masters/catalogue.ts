import type { Instrument } from '../../exchange/instrument.js';
import type { SegmentName } from '../words.js';
import { SEGMENT_NAMES, SEGMENT_NUMBERS, SEGMENT_WORDS } from '../words.js';
import { SAMPLE_ROWS } from './samples.js';
import { INDEX_HOMES, syntheticRow } from './synthetic-rows.js';

/** One row of the master, and what the exchange trades under it: nothing for contracts that have gone. */
export interface Listing {
  readonly segment: SegmentName;
  readonly segmentNumber: number;
  readonly token: string;
  readonly fields: readonly string[];
  readonly instrument: Instrument | undefined;
}

export interface JainamCatalogue {
  readonly listings: readonly Listing[];
  /** The master of one segment as it is served: rows by `\n`, fields by `|`, no header. */
  master(segment: SegmentName): string;
  find(segment: SegmentName, token: string): Listing | undefined;
  /** The listing of an instrument of the exchange. */
  of(instrument: Instrument): Listing;
}

/** Real rows where a sample has the instrument, rows of our own making for the rest. */
export function jainamCatalogue(instruments: readonly Instrument[]): JainamCatalogue {
  const bySample = new Map(SAMPLE_ROWS.map((row) => [keyOfRow(row), row]));
  const byInstrument = new Map<string, Listing>();
  const listings: Listing[] = [];
  const list = (row: string, instrument: Instrument | undefined): void => {
    const fields = row.split('|');
    const segment = segmentOf(fields[0] ?? '');
    const listing = { segment, segmentNumber: SEGMENT_NUMBERS[segment], token: fields[1] ?? '', fields, instrument };
    listings.push(listing);
    if (instrument !== undefined) byInstrument.set(instrument.id, listing);
  };
  for (const instrument of instruments) {
    const key = keyOfInstrument(instrument);
    list(bySample.get(key) ?? syntheticRow(instrument), instrument);
    bySample.delete(key);
  }
  for (const row of bySample.values()) list(row, undefined);
  const byKey = new Map(listings.map((listing) => [`${listing.segment}|${listing.token}`, listing]));

  return {
    listings,
    master: (segment) =>
      listings
        .filter((listing) => listing.segment === segment)
        .map(({ fields }) => fields.join('|'))
        .join('\n'),
    find: (segment, token) => byKey.get(`${segment}|${token}`),
    of(instrument) {
      const listing = byInstrument.get(instrument.id);
      if (listing === undefined) throw new Error(`There is no listing of ${instrument.id}`);
      return listing;
    },
  };
}

function keyOfInstrument({ segment, token, symbol }: Instrument): string {
  if (segment !== 'INDEX') return `${SEGMENT_WORDS[segment]}|${token}`;
  const [home, number] = INDEX_HOMES[symbol] ?? ['NSECM', token];
  return `${home}|${number}`;
}

function keyOfRow(row: string): string {
  return row.split('|').slice(0, 2).join('|');
}

function segmentOf(word: string): SegmentName {
  const segment = SEGMENT_NAMES[word];
  if (segment === undefined) throw new Error(`A master row has an unknown segment ${word}`);
  return segment;
}
