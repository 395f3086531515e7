import { formatInstrument } from '@algo/core/adapter';
import type { InstrumentId, InstrumentLookup, Listing } from '@algo/core/adapter';
import { EXCHANGE_OF } from '../words.js';
import { equityOf } from './listings.js';

/** How a row of a book or of positions names its instrument. */
export interface Named {
  readonly exchange: string;
  /** Null where the row carries none. */
  readonly symboltoken: string | null;
  readonly tradingsymbol: string;
  readonly instrumenttype: string | null;
}

/**
 * The listing of a row: by its token, which is what orders go out with, or by its symbol where it carries none. Null
 * where the master that is loaded lists no such thing.
 */
export const listingOf = (
  { exchange, symboltoken, tradingsymbol }: Named,
  instruments: InstrumentLookup,
): Listing | null =>
  symboltoken === null
    ? (instruments.bySymbol?.(exchange, tradingsymbol) ?? null)
    : instruments.byToken(exchange, symboltoken);

/** The instrument of a row. Without a token a share is known by its symbol, whether or not the master lists it. */
export function instrumentOf(row: Named, instruments: InstrumentLookup): InstrumentId | null {
  const listing = listingOf(row, instruments);
  if (listing !== null) return listing.instrument;
  return row.symboltoken === null ? shareOf(row) : null;
}

/** The share a symbol names; null for everything else, since the symbol of a derivative cannot be read for certain. */
function shareOf({ exchange, tradingsymbol, instrumenttype }: Named): InstrumentId | null {
  const ours = EXCHANGE_OF.get(exchange);
  if (ours === undefined || instrumenttype !== null) return null;
  const contract = equityOf(tradingsymbol, ours);
  return contract === null ? null : formatInstrument(contract);
}
