import type { InstrumentLookup } from '../contract/broker-definition.js';
import type { AnyMaster } from '../contract/instrument-master.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { InstrumentQuery } from '../domain/instrument-query.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InstrumentIndex } from './instrument-index.js';
import { loadMaster } from './load-master.js';
import { expiriesOf, searchIndex } from './search.js';

/** Where a book came from. */
export interface InstrumentProvenance {
  readonly source: string;
  readonly loadedAtMs: number;
  /** Instruments found by contract and by token. */
  readonly rows: number;
  /** Rows left out because they are malformed, or too long to be a row. */
  readonly skipped: number;
  /** Rows left out because another one names the same contract, or has the same token. */
  readonly duplicates: number;
  /** SHA-256 over the master as it came, to tell two apart. */
  readonly hash: string;
}

export interface LoadOptions {
  /** Takes a master that lost more than a fifth of its rows. @default false */
  readonly acceptShrunk?: boolean;
}

interface Contents {
  readonly index: InstrumentIndex;
  readonly provenance: InstrumentProvenance;
}

/** A master that keeps less than this share of the rows of the one before is refused: it was cut, or is another file. */
const LEAST_KEPT = 0.8;

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

  /** Bytes the book holds outside the JavaScript heap. */
  get bytes(): number {
    return this.#contents?.index.bytes ?? 0;
  }

  find(instrument: InstrumentId): Listing | null {
    return this.#contents?.index.find(instrument) ?? null;
  }

  byToken(segment: string, token: string): Listing | null {
    return this.#contents?.index.byToken(segment, token) ?? null;
  }

  bySymbol(segment: string, symbol: string): Listing | null {
    return this.#contents?.index.bySymbol(segment, symbol) ?? null;
  }

  async search(query: InstrumentQuery): Promise<readonly Listing[]> {
    return this.#contents === null ? [] : searchIndex(this.#contents.index, query);
  }

  expiries(underlying: string): readonly string[] {
    return this.#contents === null ? [] : expiriesOf(this.#contents.index, underlying);
  }

  /**
   * Replaces what the book holds by another master.
   *
   * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` for a master that cannot be one, has no row, or lost more than a fifth
   * of them; the last good one stays, as it does when the pieces break off with an error of their own.
   */
  async load(master: AnyMaster, nowMs: number, options: LoadOptions = {}): Promise<InstrumentProvenance> {
    const { index, ...counts } = await loadMaster(this.broker, master);
    const why = this.#objection(counts.rows, options);
    if (why !== null) throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: this.broker, why });
    const provenance: InstrumentProvenance = { source: master.source, loadedAtMs: nowMs, ...counts };
    this.#contents = { index, provenance };
    return provenance;
  }

  #objection(rows: number, { acceptShrunk = false }: LoadOptions): string | null {
    if (rows === 0) return 'it has no readable row';
    const before = this.provenance?.rows ?? 0;
    if (acceptShrunk || rows >= before * LEAST_KEPT) return null;
    return `it has ${rows} rows where the last one had ${before}; refresh({ acceptShrunk: true }) takes it all the same`;
  }
}
