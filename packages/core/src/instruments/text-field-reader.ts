import { BadMaster } from './bad-master.js';
import type { RowCutter } from './row-cutter.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const LOWER_U = 0x75;
const LONGEST_NAME = 64;

/** What one letter after a backslash stands for. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/**
 * Hands the text of one field of a JSON object on, without its escapes, as it comes: a reply of 40 MB that is one text is
 * never whole in memory. The field must be the object's own, not one of an object within.
 */
export class TextFieldReader implements RowCutter {
  readonly #field: string;
  readonly #inner: RowCutter;
  #state: 'before' | 'name' | 'after-name' | 'value' | 'field' | 'done' = 'before';
  #depth = 0;
  /** Bytes of the text being read, where it may be the field's name. */
  #name: number[] = [];
  /** After a backslash: what of the escape has come so far. */
  #escape: string | null = null;
  #highHalf: number | null = null;

  constructor(field: string, inner: RowCutter) {
    this.#field = field;
    this.#inner = inner;
  }

  push(piece: Buffer): void {
    let at = 0;
    while (at < piece.length && this.#state !== 'done') {
      if (this.#state === 'field') at = this.#handOn(piece, at);
      else {
        this.#look(piece[at] ?? 0);
        at += 1;
      }
    }
  }

  end(): void {
    if (this.#state === 'field') throw new BadMaster('it breaks off in the middle');
    if (this.#state !== 'done') throw new BadMaster(`it has no text field "${this.#field}"`);
    this.#inner.end();
  }

  /** A byte outside the field: keeps count of braces and reads names. */
  #look(byte: number): void {
    if (this.#state === 'name') return this.#nameByte(byte);
    if (byte === QUOTE) {
      if (this.#state === 'value' && this.#depth === 1) this.#state = this.#isField() ? 'field' : 'name';
      else this.#state = 'name';
      if (this.#state === 'name') this.#name = [];
    } else if (byte === 0x7b || byte === 0x5b) this.#depth += 1;
    else if (byte === 0x7d || byte === 0x5d) this.#depth -= 1;
    else if (byte === COLON && this.#state === 'after-name') this.#state = 'value';
    else if (byte === 0x2c) this.#state = 'before';
    else if (this.#depth === 0 && byte > 0x20 && byte < 0x80) throw new BadMaster('it is not a JSON object');
  }

  #nameByte(byte: number): void {
    if (this.#escape !== null) this.#escape = null;
    else if (byte === BACKSLASH) this.#escape = '';
    else if (byte === QUOTE) {
      this.#state = 'after-name';
      return;
    }
    if (this.#name.length <= LONGEST_NAME) this.#name.push(byte);
  }

  #isField(): boolean {
    return Buffer.from(this.#name).toString('utf8') === this.#field;
  }

  /** Hands on up to the end of the text or of the piece. @returns the position after it */
  #handOn(piece: Buffer, start: number): number {
    const plain = Buffer.allocUnsafe(piece.length - start + 8);
    let length = 0;
    for (let at = start; at < piece.length; at += 1) {
      const byte = piece[at] ?? 0;
      if (this.#escape !== null) length = this.#escaped(byte, plain, length);
      else if (byte === BACKSLASH) this.#escape = '';
      else if (byte === QUOTE) {
        this.#state = 'done';
        this.#inner.push(plain.subarray(0, length));
        return at + 1;
      } else {
        plain[length] = byte;
        length += 1;
      }
    }
    this.#inner.push(plain.subarray(0, length));
    return piece.length;
  }

  /** One byte of an escape. @returns the new length of `plain` */
  #escaped(byte: number, plain: Buffer, length: number): number {
    const began = this.#escape ?? '';
    if (began === '' && byte !== LOWER_U) {
      const meant = ESCAPES.get(byte);
      if (meant === undefined) throw new BadMaster('it is not JSON');
      this.#escape = null;
      plain[length] = meant;
      return length + 1;
    }
    const soFar = began + String.fromCharCode(byte);
    if (soFar.length < 5) {
      this.#escape = soFar;
      return length;
    }
    this.#escape = null;
    return length + this.#unit(soFar, plain, length);
  }

  /** One UTF-16 unit; two that belong together are written as one character. */
  #unit(escape: string, plain: Buffer, length: number): number {
    if (!/^u[0-9A-Fa-f]{4}$/.test(escape)) throw new BadMaster('it is not JSON');
    const unit = Number.parseInt(escape.slice(1), 16);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      this.#highHalf = unit;
      return 0;
    }
    const high = this.#highHalf;
    this.#highHalf = null;
    return plain.write(high === null ? String.fromCharCode(unit) : String.fromCharCode(high, unit), length, 'utf8');
  }
}
