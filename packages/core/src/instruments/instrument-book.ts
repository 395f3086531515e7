import { createHash } from 'node:crypto';
import type { InstrumentMaster } from '../contract/broker-adapter.js';
import type { InstrumentLookup } from '../contract/broker-definition.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import { AlgoError } from '../errors/algo-error.js';

/** Where a book came from. */
export interface InstrumentProvenance {
  readonly source: string;
  readonly loadedAtMs: number;
  readonly rows: number;
  readonly skipped: number;
  /** SHA-256 over the identities and tokens, to tell two masters apart. */
  readonly hash: string;
}

interface Contents {
  readonly byInstrument: ReadonlyMap<InstrumentId, Listing>;
  readonly byToken: ReadonlyMap<string, Listing>;
  readonly provenance: InstrumentProvenance;
}

/** Rows read between two turns of the event loop, so that loading 200,000 of them stalls nobody. */
const SLICE = 2_000;

/**
 * What one broker lists, found by contract or by the broker's own token. Shared by all accounts of that broker; a new
 * master replaces the old one at once or not at all.
 */
export class InstrumentBook implements InstrumentLookup {
  readonly broker: string;
  #contents: Contents | null = null;

  constructor(broker: string) {
    this.broker = broker;
  }

  get provenance(): InstrumentProvenance | null {
    return this.#contents?.provenance ?? null;
  }

  find(instrument: InstrumentId): Listing | null {
    return this.#contents?.byInstrument.get(instrument) ?? null;
  }

  byToken(segment: string, token: string): Listing | null {
    return this.#contents?.byToken.get(tokenKey(segment, token)) ?? null;
  }

  /** @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` for a master without rows; the last good book stays. */
  async load(master: InstrumentMaster, nowMs: number): Promise<InstrumentProvenance> {
    const byInstrument = new Map<InstrumentId, Listing>();
    const byToken = new Map<string, Listing>();
    const hash = createHash('sha256');
    let read = 0;
    for (const listing of master.listings) {
      byInstrument.set(listing.instrument, listing);
      byToken.set(tokenKey(listing.segment, listing.token), listing);
      hash.update(`${listing.instrument} ${listing.segment} ${listing.token}\n`);
      read += 1;
      if (read % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (read === 0) {
      throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: this.broker, why: 'it has no readable row' });
    }
    const provenance: InstrumentProvenance = {
      source: master.source,
      loadedAtMs: nowMs,
      rows: read,
      skipped: master.skipped(),
      hash: hash.digest('hex'),
    };
    this.#contents = { byInstrument, byToken, provenance };
    return provenance;
  }
}

const tokenKey = (segment: string, token: string): string => `${segment} ${token}`;
