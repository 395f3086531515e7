import { SIDES } from '@algo/core/adapter';
import type { InstrumentId, OrderStatus, Side } from '@algo/core/adapter';
import type { ColumnName, Layout } from '../layout/layouts.js';
import { statusWord } from '../layout/resolve-layout.js';
import type { RawRow } from '../source/raw-row.js';
import { RowRefused } from '../source/refusals.js';
import { shown } from '../source/shown.js';
import { instrumentFrom } from './instrument.js';
import { timeFrom } from './time.js';

const LONGEST_TEXT = 128;
/** Above any quantity or price there is, and far below where numbers lose their last digits. */
const LARGEST = 1_000_000_000;

/**
 * Reads one row in our words. What cannot be right ends the row with `RowRefused`; what is missing is null, and `need`
 * refuses that too.
 */
export class RowReader {
  /** True once the side that the file does not name was taken from the layout. */
  sideAssumed = false;

  constructor(
    private readonly source: RawRow,
    private readonly layout: Layout,
    private readonly nowMs: number,
  ) {}

  /** @throws {RowRefused} when `value` is null: the row lacks that column */
  need<Value>(name: ColumnName, value: Value | null): Value {
    if (value === null) throw new RowRefused(`${this.#columns(name).join(' or ')} is missing`);
    return value;
  }

  instrument(): { readonly instrument: InstrumentId; readonly symbol: string } {
    const symbol = this.need('symbol', this.text('symbol'));
    const instrument = instrumentFrom(symbol, this.layout.exchange);
    if (instrument === null) throw this.refused('symbol', 'is not a symbol');
    return { instrument, symbol };
  }

  side(): Side {
    const word = this.text('side')?.toUpperCase();
    if (word === undefined) {
      this.sideAssumed = true;
      return this.need('side', this.layout.side);
    }
    const side = SIDES.find((known) => known === word || known[0] === word);
    if (side === undefined) throw this.refused('side', 'is neither BUY nor SELL');
    return side;
  }

  /** Our word for it, and theirs. */
  status(): { readonly status: OrderStatus; readonly printed: string } {
    const printed = this.need('status', this.text('status'));
    const word = statusWord(printed);
    const status = Object.hasOwn(this.layout.statuses, word) ? this.layout.statuses[word] : undefined;
    if (status === undefined) throw this.refused('status', 'is not a status that is known');
    return { status, printed };
  }

  quantity(name: 'quantity' | 'filledQuantity'): number | null {
    const quantity = this.#number(name);
    if (quantity === null) return null;
    if (!Number.isInteger(quantity)) throw this.refused(name, 'is not a whole number');
    if (quantity === 0 && name === 'quantity') throw this.refused(name, 'is zero');
    return quantity;
  }

  /** Above zero; a zero stands for none. */
  price(name: 'price' | 'exitPrice' | 'triggerPrice' | 'averagePrice'): number | null {
    const price = this.#number(name);
    return price === 0 ? null : price;
  }

  /** May be below zero. */
  money(name: 'unrealizedProfit'): number | null {
    return this.#number(name, -LARGEST);
  }

  /** Epoch milliseconds, not after now. */
  time(name: 'time' | 'exitTime'): number | null {
    const value = this.#at(name);
    if (value === null) return null;
    this.#checkText(name, value);
    const atMs = timeFrom(value);
    if (atMs === null) throw this.refused(name, 'is not a time');
    if (atMs > this.nowMs) throw this.refused(name, 'is in the future');
    return atMs;
  }

  /** A word or an id; a whole number counts as its digits. */
  text(name: ColumnName): string | null {
    const value = this.#at(name);
    if (value === null) return null;
    if (typeof value !== 'string' && !Number.isSafeInteger(value)) throw this.refused(name, 'is not a text');
    this.#checkText(name, value);
    return String(value).trim();
  }

  #number(name: ColumnName, smallest = 0): number | null {
    const value = this.#at(name);
    if (value === null) return null;
    this.#checkText(name, value, MINUS);
    const number = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) throw this.refused(name, 'is not a number');
    if (number < smallest) throw this.refused(name, smallest === 0 ? 'is negative' : 'is too small');
    if (number > LARGEST) throw this.refused(name, 'is too large');
    return number;
  }

  /** Against what a spreadsheet would run, a terminal obey or a store refuse. */
  #checkText(name: ColumnName, value: unknown, allowed = NOTHING): void {
    if (typeof value !== 'string') return;
    if (value.length > LONGEST_TEXT) throw this.refused(name, 'is too long');
    if (FORMULA.test(value) && !allowed.test(value)) throw this.refused(name, 'looks like a formula');
    if (CONTROLS.test(value)) throw this.refused(name, 'has control characters');
  }

  /** Null for what is not there: no column, null, or nothing but blanks. */
  #at(name: ColumnName): unknown {
    for (const column of this.#columns(name)) {
      const value = this.source.at(column);
      if (value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '')) return value;
    }
    return null;
  }

  #columns(name: ColumnName): readonly string[] {
    return this.layout.columns[name] ?? [name];
  }

  /** For a check of the caller's own. */
  refused(name: ColumnName, problem: string): RowRefused {
    const column = this.#columns(name).find((known) => this.source.at(known) !== undefined) ?? name;
    return new RowRefused(`${column} ${problem}: ${shown(this.#at(name))}`);
  }
}

const NUMBER = /^-?\d{1,12}(?:\.\d{1,12})?$/;
const FORMULA = /^\s*[=+\-@]|^[\t\r]/;
/** A number below zero begins like a formula and is none. */
const MINUS = /^\s*-[\d.]/;
const NOTHING = /(?!)/;
const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
