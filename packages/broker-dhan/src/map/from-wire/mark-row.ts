import {
  bytesAre,
  bytesFinder,
  dateIn,
  isDigits,
  isPadded,
  priceIn,
  splitRow,
  wholeIn,
  withoutZeros,
} from '@algo/core/adapter';
import type { Contract, Exchange, QuantityUnit, RowMark, RowMarks, Span } from '@algo/core/adapter';
import type { MasterColumns } from '../../wire/masters.js';
import { INDEX_SEGMENT, SEGMENTS } from '../words.js';
import { underlyingIn } from './mark-underlying.js';

/**
 * The short way through a row of either master, by its bytes. It takes rows of the usual form and leaves every other one
 * to `toListing`, whose rules these are: whatever is accepted here is accepted there, as the same listing.
 */
export function createMarker({
  count,
  at,
}: MasterColumns): (row: Uint8Array, from: number, to: number, marks: RowMarks) => RowMark {
  const cuts = new Int32Array(count + 2);
  const fields: Fields = { row: new Uint8Array(0), cuts, at };
  const texts = Int32Array.from(new Set(TEXTS.map((name) => at[name]).filter((column) => column >= 0)));
  return (row, from, to, marks) => {
    const found = splitRow(row, from, to, COMMA, cuts);
    if (found === 0) return 'unsure';
    if (found < count) return 'malformed';
    // every line of the detailed master ends in a comma; more than that has to be looked at
    if (found > count && !(found === count + 1 && row[to - 1] === COMMA)) return 'unsure';
    for (let text = 0; text < texts.length; text += 1) {
      const column = texts[text] ?? 0;
      if (isPadded(row, start(cuts, column), end(cuts, column))) return 'unsure';
    }
    fields.row = row;
    return markRow(fields, marks);
  };
}

/** The columns that `toListing` takes as they are, but for space around them; numbers and words tell by themselves. */
const TEXTS = [
  'symbol',
  'underlying',
  'displayName',
  'companyName',
  'isin',
  'instrumentType',
  'series',
  'freezeQuantity',
] as const satisfies readonly (keyof MasterColumns['at'])[];

/** A row that was split. */
interface Fields {
  row: Uint8Array;
  readonly cuts: Int32Array;
  readonly at: MasterColumns['at'];
}

const COMMA = 0x2c;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const start = (cuts: Int32Array, column: number): number => (column < 0 ? 0 : (cuts[column] ?? 0) + 1);
const end = (cuts: Int32Array, column: number): number => (column < 0 ? 0 : (cuts[column + 1] ?? 0));

/** Points a span at a field. @returns false for an empty one, and for one that this master does not have */
function point({ cuts }: Fields, column: number, span: Span): boolean {
  span.from = start(cuts, column);
  span.to = end(cuts, column);
  return span.from < span.to;
}

const is = ({ row, cuts }: Fields, column: number, word: Uint8Array): boolean =>
  bytesAre(row, start(cuts, column), end(cuts, column), word);

function isOneOf(fields: Fields, column: number, words: readonly Uint8Array[]): boolean {
  for (const word of words) if (is(fields, column, word)) return true;
  return false;
}

function markRow(fields: Fields, marks: RowMarks): RowMark {
  const { row, cuts, at } = fields;
  if (isTest(row, start(cuts, at.symbol), end(cuts, at.symbol))) return 'unsure';
  if (isTest(row, start(cuts, at.underlying), end(cuts, at.underlying))) return 'unsure';
  const exchange = exchangeIn(fields);
  if (exchange === null || !markNumbers(fields, marks) || !point(fields, at.securityId, marks.token)) return 'unsure';
  if (!isDigits(row, marks.token.from, marks.token.to, 15)) return 'unsure';
  marks.exchange = exchange;
  marks.segment = SEGMENTS[exchange];
  marks.yields = false;
  if (!isIsin(row, start(cuts, at.isin), end(cuts, at.isin))) marks.isin.from = marks.isin.to = 0;
  else point(fields, at.isin, marks.isin);
  switch (row[start(cuts, at.instrument)]) {
    case LETTER_E:
      return is(fields, at.instrument, EQUITY) ? markEquity(fields, exchange, marks) : 'unsure';
    case LETTER_I:
      return is(fields, at.instrument, INDEX) ? markIndex(fields, exchange, marks) : 'unsure';
    case LETTER_F:
      return isOneOf(fields, at.instrument, FUTURES) ? markDerivative(fields, exchange, false, marks) : 'unsure';
    case LETTER_O:
      return isOneOf(fields, at.instrument, OPTIONS) ? markDerivative(fields, exchange, true, marks) : 'unsure';
    default:
      return 'unsure';
  }
}

const LETTER_E = 0x45;
const LETTER_F = 0x46;
const LETTER_I = 0x49;
const LETTER_O = 0x4f;
const FUTURES = ['FUTSTK', 'FUTIDX', 'FUTCOM', 'FUTCUR'].map(bytes);
const OPTIONS = ['OPTSTK', 'OPTIDX', 'OPTFUT', 'OPTCUR'].map(bytes);
const isTest = bytesFinder('NSETEST');
const EQUITY = bytes('EQUITY');
const INDEX = bytes('INDEX');

/** The three letters of an exchange and the one of a segment, as one number. */
const venue = (letters: string): number => [...bytes(letters)].reduce((number, byte) => number * 256 + byte, 0);

const VENUES: ReadonlyMap<number, Exchange> = new Map([
  [venue('NSEE'), 'NSE'],
  [venue('NSED'), 'NFO'],
  [venue('NSEC'), 'CDS'],
  [venue('NSEI'), 'NSE'],
  [venue('BSEE'), 'BSE'],
  [venue('BSED'), 'BFO'],
  [venue('BSEC'), 'BCD'],
  [venue('BSEI'), 'BSE'],
  [venue('MCXM'), 'MCX'],
]);

function exchangeIn({ row, cuts, at }: Fields): Exchange | null {
  const from = start(cuts, at.exchange);
  const segment = start(cuts, at.segment);
  if (end(cuts, at.exchange) - from !== 3 || end(cuts, at.segment) - segment !== 1) return null;
  const letters = ((row[from] ?? 0) * 256 + (row[from + 1] ?? 0)) * 256 + (row[from + 2] ?? 0);
  return VENUES.get(letters * 256 + (row[segment] ?? 0)) ?? null;
}

/** Lot, tick and freeze quantity; false where lot or tick is not the usual number. */
function markNumbers(fields: Fields, marks: RowMarks): boolean {
  const { row, cuts, at } = fields;
  const freeze = wholeIn(row, start(cuts, at.freezeQuantity), end(cuts, at.freezeQuantity));
  const tick = priceIn(row, start(cuts, at.tickSize), end(cuts, at.tickSize));
  marks.lotSize = wholeIn(row, start(cuts, at.lotSize), end(cuts, at.lotSize));
  marks.freezeQuantity = freeze > 0 ? freeze : null;
  marks.tick = row[start(cuts, at.instrument)] === LETTER_I ? tick : tick / 100; // paise, but rupees for an index
  return tick > 0 && Number.isInteger(marks.tick) && marks.lotSize > 0;
}

function isIsin(row: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 12 || row[from] !== 0x49 || row[from + 1] !== 0x4e) return false;
  for (let at = from + 2; at < to; at += 1) {
    const byte = row[at] ?? 0;
    if (!(byte >= 0x30 && byte <= 0x39) && !(byte >= 0x41 && byte <= 0x5a)) return false;
  }
  return true;
}

const UNITS: QuantityUnit = { kind: 'units' };

function markEquity(fields: Fields, exchange: Exchange, marks: RowMarks): RowMark {
  const { at } = fields;
  if (fields.row[start(fields.cuts, at.segment)] !== LETTER_E || !markSymbol(fields, marks)) return 'unsure';
  marks.kind = 'equity';
  marks.quantityUnit = UNITS;
  markTitle(fields, marks);
  if (exchange === 'NSE' ? isOneOf(fields, at.series, SHARE_SERIES) : isOneOf(fields, at.instrumentType, SHARE_TYPES)) {
    marks.series.from = marks.series.to = 0;
    marks.yields = exchange === 'NSE' && !is(fields, at.series, EQ);
    return 'listing';
  }
  return point(fields, at.series, marks.series) && !isOneOf(fields, at.series, NO_SERIES) ? 'listing' : 'unsure';
}

const EQ = bytes('EQ');
const SHARE_SERIES = ['EQ', 'BE', 'BZ', 'SM', 'ST'].map(bytes);
const SHARE_TYPES = ['ES', 'ETF'].map(bytes);
const NO_SERIES = ['NA', 'INDEX'].map(bytes);

function markIndex(fields: Fields, exchange: Exchange, marks: RowMarks): RowMark {
  if (fields.row[start(fields.cuts, fields.at.segment)] !== LETTER_I || !markSymbol(fields, marks)) return 'unsure';
  marks.kind = 'index';
  marks.quantityUnit = UNITS;
  if (exchange !== 'MCX') marks.segment = INDEX_SEGMENT;
  markTitle(fields, marks);
  return 'listing';
}

/** The symbol of a share or index, which is its name in the canonical text too. */
function markSymbol(fields: Fields, marks: RowMarks): boolean {
  const { at } = fields;
  if (!point(fields, at.underlying, marks.symbol) && !point(fields, at.symbol, marks.symbol)) return false;
  return markName(fields.row, marks.symbol, marks);
}

/** Core checks the letters; this word alone would be taken for another part of the canonical text. */
function markName(row: Uint8Array, { from, to }: Span, marks: RowMarks): boolean {
  marks.name.from = from;
  marks.name.to = to;
  return !bytesAre(row, from, to, INDEX);
}

/** What `nameOf` gives: the company of a share, the display name of anything else, the symbol where there is neither. */
function markTitle(fields: Fields, { kind, title }: { readonly kind: Contract['kind']; readonly title: Span }): void {
  const { at } = fields;
  if (kind === 'equity' && point(fields, at.companyName, title)) return;
  if (!point(fields, at.displayName, title)) point(fields, at.symbol, title);
}

function markDerivative(fields: Fields, exchange: Exchange, isOption: boolean, marks: RowMarks): RowMark {
  const { row, cuts, at } = fields;
  const segment = row[start(cuts, at.segment)];
  if (segment === LETTER_E || segment === LETTER_I) return 'unsure';
  point(fields, at.symbol, marks.symbol);
  if (!point(fields, at.underlying, marks.name) && !underlyingIn(row, marks.symbol, isOption, marks.name))
    return 'unsure';
  if (!markName(row, marks.name, marks)) return 'unsure';
  const expiry = start(cuts, at.expiry);
  marks.expiry = dateIn(row, expiry, Math.min(end(cuts, at.expiry), expiry + 10)); // core checks that it is a real one
  marks.kind = isOption ? 'option' : 'future';
  // of the other exchanges the configuration tells, by the underlying's name
  marks.quantityUnit = exchange === 'NFO' || exchange === 'BFO' ? UNITS : null;
  markTitle(fields, marks);
  return !isOption || markOption(fields, marks) ? 'listing' : 'unsure';
}

const CE = bytes('CE');
const PE = bytes('PE');
const DIGIT_0 = 0x30;
const DOT = 0x2e;

function markOption(fields: Fields, marks: RowMarks): boolean {
  const { row, at } = fields;
  const { strike } = marks;
  if (!point(fields, at.strike, strike) || priceIn(row, strike.from, strike.to) <= 0) return false;
  if (row[strike.from] === DIGIT_0 && row[strike.from + 1] !== DOT) return false;
  strike.to = withoutZeros(row, strike.from, strike.to);
  const isCall = is(fields, at.optionType, CE);
  marks.right = isCall ? 'CE' : 'PE';
  return isCall || is(fields, at.optionType, PE);
}
