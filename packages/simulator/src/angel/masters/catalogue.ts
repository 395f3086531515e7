import type { Instrument } from '../../exchange/instrument.js';
import { istDate } from '../../ist.js';
import type { MasterRow } from './published-rows.js';
import { PUBLISHED_ROWS } from './published-rows.js';
import { syntheticRow } from './synthetic-rows.js';

/** An instrument as Angel One lists it. */
export interface Listing {
  readonly instrument: Instrument;
  readonly row: MasterRow;
}

export interface AngelCatalogue {
  /** What trades or is quoted at the instant, in the exchange's order: a new master is made every morning. */
  listedAt(atMs: number): readonly Listing[];
  /** By `exch_seg` and token, as long as it has not expired. */
  find(exchange: string, token: string, atMs: number): Listing | undefined;
  /** An instrument that an account can have traded, expired ones too. */
  listingOf(instrument: Instrument): Listing;
}

export function angelCatalogue(instruments: readonly Instrument[]): AngelCatalogue {
  const indices = instruments.filter(({ segment }) => segment === 'INDEX').map(({ symbol }) => symbol);
  const published = new Map(PUBLISHED_ROWS.map((row) => [keyOf(row), row]));
  const byId = new Map<string, Listing>();
  const byKey = new Map<string, Listing>();
  for (const instrument of instruments) {
    const synthetic = syntheticRow(instrument, indices);
    if (synthetic === undefined) continue;
    const listing = { instrument, row: published.get(keyOf(synthetic)) ?? synthetic };
    byId.set(instrument.id, listing);
    byKey.set(keyOf(synthetic), listing);
  }

  return {
    listedAt: (atMs) => [...byId.values()].filter((listing) => isAlive(listing, atMs)),
    find(exchange, token, atMs) {
      const listing = byKey.get(keyOf({ exch_seg: exchange, token }));
      return listing !== undefined && isAlive(listing, atMs) ? listing : undefined;
    },
    listingOf(instrument) {
      const listing = byId.get(instrument.id);
      if (listing === undefined) throw new Error(`Angel One does not list ${instrument.id}`);
      return listing;
    },
  };
}

function keyOf({ exch_seg: exchange, token }: Pick<MasterRow, 'exch_seg' | 'token'>): string {
  return `${exchange}/${token}`;
}

function isAlive({ instrument: { contract } }: Listing, atMs: number): boolean {
  return contract === null || contract.expiry >= istDate(atMs);
}
