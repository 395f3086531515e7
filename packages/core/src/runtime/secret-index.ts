import { shapesOf } from './secret-shapes.js';

/** A part of a text, from its first character up to, and not including, `to`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const WINDOW = 8;
const HALF = 4;
/** A power of two. */
const SLOTS = 65_536;

/**
 * Finds secrets in texts, in any of their shapes, however many secrets there are: one pass over the text looks at the last
 * eight characters only, and asks who has a shape that ends with these. Ends, since tokens of one broker all begin alike.
 */
export class SecretIndex {
  /** By the last eight characters of each shape. */
  readonly #ends = new Fingerprints();
  /** By the last four of shapes that are shorter. */
  readonly #shortEnds = new Fingerprints();
  /** By the first eight characters of each value: of one that a text was cut in, they are left. */
  readonly #starts = new Fingerprints();

  add(value: string): void {
    this.#each(value, (prints, print) => prints.add(print, value));
  }

  remove(value: string): void {
    this.#each(value, (prints, print) => prints.remove(print, value));
  }

  /**
   * Where secrets stand, in order and apart from each other. The end of the text counts when it is the beginning of a
   * value: somebody may have cut it there.
   */
  spansOf(text: string): readonly Span[] {
    const spans: Span[] = [];
    let last = 0;
    let before = 0;
    for (let to = 1; to <= text.length; to += 1) {
      last = (last << 8) ^ text.charCodeAt(to - 1);
      if (to > HALF) before = (before << 8) ^ text.charCodeAt(to - 1 - HALF);
      if (!this.#shortEnds.isEmpty) findEnd(text, to, this.#shortEnds.of(printOf(last, 0)), spans);
      if (to < WINDOW) continue;
      const print = printOf(last, before);
      findEnd(text, to, this.#ends.of(print), spans);
      findCut(text, to - WINDOW, this.#starts.of(print), spans);
    }
    return spans;
  }

  #each(value: string, use: (prints: Fingerprints, print: number) => void): void {
    const ends = new Set<number>();
    const shortEnds = new Set<number>();
    for (const shape of shapesOf(value)) {
      if (shape.length >= WINDOW) ends.add(printAt(shape, shape.length, WINDOW));
      else shortEnds.add(printAt(shape, shape.length, HALF));
    }
    for (const print of ends) use(this.#ends, print);
    for (const print of shortEnds) use(this.#shortEnds, print);
    if (value.length > WINDOW) use(this.#starts, printAt(value, WINDOW, WINDOW));
  }
}

/** The longest: a PIN that is part of a token must not split the token and leave its ends. */
function findEnd(text: string, to: number, values: Iterable<string>, spans: Span[]): void {
  let from = to;
  for (const value of values) {
    for (const shape of shapesOf(value)) if (text.endsWith(shape, to)) from = Math.min(from, to - shape.length);
  }
  if (from < to) put(spans, { from, to });
}

function findCut(text: string, from: number, values: Iterable<string>, spans: Span[]): void {
  for (const value of values) {
    const isCut = text.length - from < value.length && value.startsWith(text.slice(from));
    if (isCut) return put(spans, { from, to: text.length });
  }
}

/** Of the characters before `to`: a whole window of them, or the last half of one. */
function printAt(text: string, to: number, length: typeof WINDOW | typeof HALF): number {
  let last = 0;
  let before = 0;
  for (let back = HALF; back > 0; back -= 1) {
    last = (last << 8) ^ text.charCodeAt(to - back);
    if (length === WINDOW) before = (before << 8) ^ text.charCodeAt(to - back - HALF);
  }
  return printOf(last, before);
}

/** Every bit of a character reaches the upper half, which the table of counts goes by. */
const printOf = (last: number, before: number): number => Math.imul(last, 0x9e3779b1) ^ Math.imul(before, 0x85ebca6b);

/** Joined with those it overlaps. */
function put(spans: Span[], { from, to }: Span): void {
  let joined = { from, to };
  for (let last = spans.at(-1); last !== undefined && last.to > joined.from; last = spans.at(-1)) {
    joined = { from: Math.min(last.from, joined.from), to: Math.max(last.to, joined.to) };
    spans.pop();
  }
  spans.push(joined);
}

const NOBODY: readonly string[] = [];
const MOST = 255;

/** Which values have a fingerprint; a table of counts says of most that nobody has. */
class Fingerprints {
  readonly #counts = new Uint8Array(SLOTS);
  readonly #values = new Map<number, string | Set<string>>();

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  of(print: number): Iterable<string> {
    const values = this.#counts[print >>> 16] === 0 ? undefined : this.#values.get(print);
    return values === undefined ? NOBODY : typeof values === 'string' ? [values] : values;
  }

  add(print: number, value: string): void {
    const others = this.#values.get(print);
    if (others === undefined) this.#values.set(print, value);
    else if (typeof others === 'string') this.#values.set(print, new Set([others, value]));
    else others.add(value);
    const slot = print >>> 16;
    if (this.#counts[slot]! < MOST) this.#counts[slot]! += 1;
  }

  remove(print: number, value: string): void {
    const others = this.#values.get(print);
    if (others instanceof Set) others.delete(value);
    if (others === value || (others instanceof Set && others.size === 0)) this.#values.delete(print);
    const slot = print >>> 16;
    if (this.#counts[slot]! < MOST) this.#counts[slot]! -= 1; // a full one stays full: nobody knows how many they were
  }
}
