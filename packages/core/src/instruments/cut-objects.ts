import { BadMaster } from './bad-master.js';
import type { RowCutter, RowSink } from './row-cutter.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * The objects of one JSON array, whole, with whatever they hold. Braces within texts are texts. What stands between two
 * objects is a comma and space, else the file is not what it should be.
 */
export class ObjectCutter implements RowCutter {
  readonly #sink: RowSink;
  readonly #longest: number;
  #state: 'before' | 'between' | 'inside' | 'after' = 'before';
  /** Braces and brackets that are open within the object. */
  #depth = 0;
  #inText = false;
  #escaped = false;
  #rest: Buffer | null = null;
  #dropping = false;
  #seen = 0;

  constructor(sink: RowSink, longest: number) {
    this.#sink = sink;
    this.#longest = longest;
  }

  push(piece: Buffer): void {
    let from = this.#state === 'inside' ? 0 : -1;
    let at = 0;
    while (at < piece.length) {
      if (this.#state !== 'inside') {
        if (this.#outside(piece[at] ?? 0)) from = at;
        at += 1;
        continue;
      }
      at = this.#objectEnd(piece, at);
      if (this.#depth > 0) break;
      this.#row(piece, from, at);
      this.#state = 'between';
    }
    if (this.#state === 'inside') this.#keep(piece, from);
    this.#seen += piece.length;
  }

  end(): void {
    if (this.#state !== 'after') throw new BadMaster('it breaks off in the middle');
  }

  /** @returns true where an object begins */
  #outside(byte: number): boolean {
    if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) return false;
    if (this.#state === 'before') {
      if (BYTE_ORDER_MARK.includes(byte) && this.#seen === 0) return false;
      if (byte !== OPEN_BRACKET) throw new BadMaster('it is not a JSON array');
      this.#state = 'between';
    } else if (this.#state === 'between' && byte === OPEN_BRACE) {
      this.#state = 'inside';
      this.#depth = 1;
      return true;
    } else if (this.#state === 'between' && byte === CLOSE_BRACKET) this.#state = 'after';
    else if (this.#state === 'after' || byte !== COMMA) throw new BadMaster('it is not an array of JSON objects');
    return false;
  }

  /** Goes on to the end of the object, or to that of the piece. @returns the position after it */
  #objectEnd(piece: Buffer, start: number): number {
    let at = start;
    while (at < piece.length) {
      if (this.#inText) at = this.#textEnd(piece, at);
      if (at >= piece.length) break;
      const byte = piece[at] ?? 0;
      at += 1;
      if (byte === QUOTE) this.#inText = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth -= 1;
        if (this.#depth === 0) return at;
      }
    }
    return piece.length;
  }

  /** Goes on to the end of a text, or to that of the piece. @returns the position after it */
  #textEnd(piece: Buffer, start: number): number {
    let escaped = this.#escaped;
    for (let at = start; at < piece.length; at += 1) {
      const byte = piece[at];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        this.#inText = this.#escaped = false;
        return at + 1;
      }
    }
    this.#escaped = escaped;
    return piece.length;
  }

  #row(piece: Buffer, from: number, to: number): void {
    const length = (this.#rest?.length ?? 0) + to - from;
    if (this.#dropping || length > this.#longest) this.#sink.tooLong();
    else if (this.#rest === null) this.#sink.row(piece, from, to);
    else this.#sink.row(Buffer.concat([this.#rest, piece.subarray(from, to)]), 0, length);
    this.#rest = null;
    this.#dropping = false;
  }

  #keep(piece: Buffer, from: number): void {
    if (this.#dropping) return;
    const kept = this.#rest ?? Buffer.alloc(0);
    if (kept.length + piece.length - from > this.#longest) {
      this.#dropping = true;
      this.#rest = null;
    } else this.#rest = Buffer.concat([kept, piece.subarray(from)]);
  }
}
