import type { Listing } from '../domain/instrument.js';

/** How many listings each half holds: what a bot watches, with room. About two megabytes when both are full. */
const HALF = 2_048;

/** The listings looked up last, by row: two halves, of which the older one is dropped whole. */
export class RowCache {
  #young = new Map<number, Listing>();
  #old = new Map<number, Listing>();

  get(row: number): Listing | undefined {
    const found = this.#young.get(row);
    if (found !== undefined) return found;
    const older = this.#old.get(row);
    if (older !== undefined) this.set(row, older);
    return older;
  }

  set(row: number, listing: Listing): void {
    if (this.#young.size >= HALF) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(row, listing);
  }
}
