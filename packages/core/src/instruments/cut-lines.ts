import type { RowCutter, RowSink } from './row-cutter.js';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Lines without their ends, without a byte order mark and without empty ones; a longer one than `longest` is dropped unread. */
export class LineCutter implements RowCutter {
  readonly #sink: RowSink;
  readonly #longest: number;
  /** The beginning of a line whose end has not come yet. */
  #rest: Buffer | null = null;
  /** Within a line that is too long: everything up to its end is dropped. */
  #dropping = false;
  #began = false;

  constructor(sink: RowSink, longest: number) {
    this.#sink = sink;
    this.#longest = longest;
  }

  push(piece: Buffer): void {
    let bytes = piece;
    if (this.#rest !== null) {
      const first = piece.indexOf(LINE_FEED) + 1;
      const head = first === 0 ? piece : piece.subarray(0, first);
      bytes = Buffer.concat([this.#rest, head]); // a new buffer: the sink may keep it until it is told otherwise
      this.#rest = null;
      this.#cut(bytes);
      if (first === 0) return;
      bytes = piece.subarray(first);
    }
    this.#cut(bytes);
  }

  end(): void {
    const last = this.#rest ?? Buffer.alloc(0);
    this.#rest = null;
    if (this.#dropping) this.#sink.tooLong();
    else this.#line(last, this.#startOf(last), last.length);
  }

  #cut(bytes: Buffer): void {
    let from = 0;
    if (!this.#began) {
      if (BYTE_ORDER_MARK.subarray(0, bytes.length).equals(bytes) && bytes.length < BYTE_ORDER_MARK.length) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      from = this.#startOf(bytes);
    }
    for (let to = bytes.indexOf(LINE_FEED, from); to !== -1; to = bytes.indexOf(LINE_FEED, from)) {
      if (this.#dropping) this.#sink.tooLong();
      else this.#line(bytes, from, to);
      this.#dropping = false;
      from = to + 1;
    }
    this.#keep(bytes, from);
  }

  #startOf(bytes: Buffer): number {
    if (this.#began || bytes.length === 0) return 0;
    this.#began = true;
    return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  }

  #line(bytes: Buffer, from: number, end: number): void {
    const to = end > from && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (to - from > this.#longest) this.#sink.tooLong();
    else if (to > from) this.#sink.row(bytes, from, to);
  }

  #keep(bytes: Buffer, from: number): void {
    if (this.#dropping || from >= bytes.length) return;
    // one more than the longest: a carriage return may still be its last byte
    if (bytes.length - from > this.#longest + 1) this.#dropping = true;
    else this.#rest = Buffer.from(bytes.subarray(from)); // the piece is not ours to keep
  }
}
