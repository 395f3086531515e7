import { resized } from './row-columns.js';

const SEGMENT_BITS = 20;
const SEGMENT = 1 << SEGMENT_BITS;
const WITHIN = SEGMENT - 1;
/** Rows this near to each other are copied as one piece, line ends and all. */
const NEAR = 2;
const FIRST_ROWS = 1_024;
const NOTHING = Buffer.alloc(0);

/** The bytes of rows, outside the heap, found by row number. Rows are only ever added. */
export class RowStore {
  readonly #segments: Buffer[] = [];
  #used = SEGMENT;
  /** Start and length of each row in turn: beside each other, so that a look-up waits for memory once. */
  #places = new Uint32Array(FIRST_ROWS * 2);
  #rows = 0;
  /** Rows of one piece that lie side by side and are not copied yet. */
  #run: { readonly piece: Buffer; readonly from: number; to: number; readonly target: number } | null = null;

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    const kept = this.#segments.reduce((sum, segment) => sum + segment.length, 0);
    return kept + this.#places.byteLength;
  }

  /** Adds a row; its bytes must stay as they are until `flush`. @returns its number */
  add(piece: Buffer, from: number, to: number): number {
    const row = this.#rows;
    if (row * 2 === this.#places.length) this.#resize(row * 2);
    this.#places[row * 2] = this.#positionOf(piece, from, to);
    this.#places[row * 2 + 1] = to - from;
    this.#rows += 1;
    return row;
  }

  /** Copies what was added and not copied yet. */
  flush(): void {
    if (this.#run === null) return;
    const { piece, from, to, target } = this.#run;
    const segment = this.#segments.at(-1);
    if (segment !== undefined) piece.copy(segment, target, from, to);
    this.#used = target + to - from;
    this.#run = null;
  }

  /** Gives back what the last segment does not need. */
  trim(): void {
    this.flush();
    const last = this.#segments.pop();
    if (last !== undefined) this.#segments.push(copyOf(last, this.#used));
    this.#resize(this.#rows);
  }

  text(row: number): string {
    const from = this.from(row);
    return this.segment(row).toString('utf8', from, from + this.length(row));
  }

  /** The bytes in which a row stands: from `from(row)` for `length(row)`. */
  segment(row: number): Buffer {
    if (this.#run !== null) this.flush();
    return this.#segments[(this.#places[row * 2] ?? 0) >>> SEGMENT_BITS] ?? NOTHING;
  }

  from(row: number): number {
    return (this.#places[row * 2] ?? 0) & WITHIN;
  }

  length(row: number): number {
    return this.#places[row * 2 + 1] ?? 0;
  }

  #positionOf(piece: Buffer, from: number, to: number): number {
    const run = this.#run;
    if (run !== null && run.piece === piece && from - run.to <= NEAR && run.target + to - run.from <= SEGMENT) {
      run.to = to;
      return this.#globally(run.target + from - run.from);
    }
    this.flush();
    if (this.#used + to - from > SEGMENT) this.#open();
    this.#run = { piece, from, to, target: this.#used };
    return this.#globally(this.#used);
  }

  #open(): void {
    this.#segments.push(Buffer.allocUnsafeSlow(SEGMENT));
    this.#used = 0;
  }

  #globally(within: number): number {
    return (this.#segments.length - 1) * SEGMENT + within;
  }

  #resize(rows: number): void {
    this.#places = resized(this.#places, new Uint32Array(rows * 2));
  }
}

function copyOf(bytes: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length);
  bytes.copy(copy, 0, 0, length);
  return copy;
}
