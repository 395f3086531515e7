import type { RowKeys } from './row-hash.js';

const FIRST_ROWS = 1_024;
const OUT = 0x80;
const SHARES_SYMBOL = 0x40;

/** What rows are filtered by, a few bytes each: a search reads only the rows that may fit. */
export class RowColumns {
  #names = new Int32Array(FIRST_ROWS);
  #traits = new Uint8Array(FIRST_ROWS);
  #expiries = new Uint16Array(FIRST_ROWS);

  add(row: number, { name, traits, expiry }: RowKeys): void {
    if (row >= this.#names.length) this.#resize(Math.max(row + 1, this.#names.length * 2));
    this.#names[row] = name;
    this.#traits[row] = traits;
    this.#expiries[row] = expiry;
  }

  name(row: number): number {
    return this.#names[row] ?? 0;
  }

  /** Exchange and kind: see `traitsOf`. */
  traits(row: number): number {
    return (this.#traits[row] ?? OUT) & (SHARES_SYMBOL - 1);
  }

  expiry(row: number): number {
    return this.#expiries[row] ?? 0;
  }

  /** The row gave way to another one: its bytes are kept, nobody finds it. */
  takeOut(row: number): void {
    this.#traits[row] = (this.#traits[row] ?? 0) | OUT;
  }

  isOut(row: number): boolean {
    return ((this.#traits[row] ?? OUT) & OUT) !== 0;
  }

  /** Another row of the segment has the same trading symbol: it names neither. */
  shareSymbol(row: number): void {
    this.#traits[row] = (this.#traits[row] ?? 0) | SHARES_SYMBOL;
  }

  sharesSymbol(row: number): boolean {
    return ((this.#traits[row] ?? 0) & SHARES_SYMBOL) !== 0;
  }

  get bytes(): number {
    return this.#names.byteLength + this.#traits.byteLength + this.#expiries.byteLength;
  }

  /** Gives back what `rows` rows do not need. */
  trim(rows: number): void {
    this.#resize(rows);
  }

  #resize(rows: number): void {
    this.#names = resized(this.#names, new Int32Array(rows));
    this.#traits = resized(this.#traits, new Uint8Array(rows));
    this.#expiries = resized(this.#expiries, new Uint16Array(rows));
  }
}

/** `to` with as much of `from` as it has room for. */
export function resized<Numbers extends Int32Array | Uint8Array | Uint16Array | Uint32Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from.subarray(0, to.length));
  return to;
}
