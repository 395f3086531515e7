/** With four fifths taken a search that finds something looks at about three slots. */
const FULLEST = 0.8;
/** Honest hashes stay below a hundred; longer ones are made to collide. */
const LONGEST_SEARCH = 2_000;

/**
 * Row numbers by hash: open addressing in one typed array, a hash and a row to each slot, so that 200,000 rows cost four
 * megabytes and no object.
 */
export class RowTable {
  readonly #slots: Int32Array;
  readonly #mask: number;
  #last = 0;

  /** Room for so many rows. */
  constructor(rows: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(1, rows) / FULLEST + 1));
    this.#slots = new Int32Array(slots * 2);
    this.#mask = slots - 1;
  }

  /** Where to look for a hash first. */
  start(hash: number): number {
    return spread(hash) & this.#mask;
  }

  /** The next slot from `slot` on that holds this hash, or -1: several rows may share one. */
  seek(hash: number, slot: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let at = slot & mask; slots[at * 2 + 1] !== 0; at = (at + 1) & mask) if (slots[at * 2] === hash) return at;
    return -1;
  }

  rowIn(slot: number): number {
    return (this.#slots[slot * 2 + 1] ?? 0) - 1;
  }

  /**
   * Adds a row unless there is one with this hash that `same` says is the same; then gives that one, else -1. Null when
   * so many rows share a place that somebody made them to.
   */
  addNew(hash: number, row: number, same: (other: number) => boolean): number | null {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = spread(hash) & mask;
    for (let looked = 0; looked < LONGEST_SEARCH; looked += 1) {
      const other = (slots[slot * 2 + 1] ?? 0) - 1;
      if (other === -1) {
        slots[slot * 2] = hash;
        slots[slot * 2 + 1] = row + 1;
        this.#last = slot;
        return -1;
      }
      if (slots[slot * 2] === hash && same(other)) return other;
      slot = (slot + 1) & mask;
    }
    return null;
  }

  /** Takes the row back that was added last. */
  takeBack(): void {
    this.#slots[this.#last * 2 + 1] = 0;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }
}

/** Neighbouring names have neighbouring hashes; this takes them apart (the finishing steps of MurmurHash3). */
function spread(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
