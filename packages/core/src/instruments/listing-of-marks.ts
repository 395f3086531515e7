import type { RowMarks, Span } from '../contract/instrument-master.js';
import { dayNumber, isoDate } from '../domain/calendar-day.js';
import { formatInstrument } from '../domain/instrument.js';
import type { Contract, Listing } from '../domain/instrument.js';

/** ISO texts of dates written as numbers: a master has a few hundred expiries, and each is asked for again and again. */
export class IsoTexts {
  readonly #known = new Map<number, string>();

  /** `20261124` as `2026-11-24`; null for what is not a real date. */
  of(date: number): string | null {
    const known = this.#known.get(date);
    if (known !== undefined) return known;
    const day = dayNumber(date);
    if (day === null) return null;
    const text = isoDate(day);
    this.#known.set(date, text);
    return text;
  }
}

/** A row that was marked, as a listing; null when its reader has to be asked. `text` is the row, of one byte a character. */
export function listingOfMarks(text: string, start: number, marks: RowMarks, dates: IsoTexts): Listing | null {
  const { quantityUnit, segment, lotSize, tick, freezeQuantity, isin } = marks;
  if (quantityUnit === null) return null;
  const contract = contractOf(text, start, marks, dates);
  if (contract === null) return null;
  return {
    instrument: formatInstrument(contract),
    contract,
    token: part(text, start, marks.token),
    segment,
    symbol: part(text, start, marks.symbol),
    name: part(text, start, marks.title),
    isin: isin.from === isin.to ? null : part(text, start, isin),
    lotSize,
    tick,
    freezeQuantity,
    quantityUnit,
  };
}

const part = (text: string, start: number, { from, to }: Span): string => text.slice(from - start, to - start);

function contractOf(text: string, start: number, marks: RowMarks, dates: IsoTexts): Contract | null {
  const { kind, exchange, series, right } = marks;
  const name = part(text, start, marks.name);
  switch (kind) {
    case 'equity':
      return { kind, exchange, symbol: name, series: series.from === series.to ? null : part(text, start, series) };
    case 'index':
      return { kind, exchange, symbol: name };
    case 'future':
    case 'option': {
      const expiry = dates.of(marks.expiry);
      if (expiry === null) return null;
      if (kind === 'future') return { kind, exchange, underlying: name, expiry };
      return { kind, exchange, underlying: name, expiry, strike: part(text, start, marks.strike), right };
    }
  }
}

export const newMarks = (): RowMarks => ({
  exchange: 'NSE',
  kind: 'equity',
  name: { from: 0, to: 0 },
  series: { from: 0, to: 0 },
  expiry: 0,
  strike: { from: 0, to: 0 },
  right: 'CE',
  segment: '',
  token: { from: 0, to: 0 },
  symbol: { from: 0, to: 0 },
  title: { from: 0, to: 0 },
  isin: { from: 0, to: 0 },
  lotSize: 0,
  tick: 0,
  freezeQuantity: null,
  quantityUnit: null,
  yields: false,
});
