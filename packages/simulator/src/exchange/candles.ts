import { seedOf } from '../random.js';
import type { Instrument } from './instrument.js';
import { roundToTick } from './instrument.js';

/** Prices are rupees; the time is the start of the bar, epoch milliseconds. */
export interface Candle {
  readonly atMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** One bar of an invented past: the same instrument and time always give the same bar, and bars join without gaps. */
export function candleAt(instrument: Instrument, atMs: number, lengthMs: number): Candle {
  const open = roundToTick(priceAt(instrument, atMs), instrument.tick);
  const close = roundToTick(priceAt(instrument, atMs + lengthMs), instrument.tick);
  const reach = 1 + Math.abs(wave(instrument.id, atMs / lengthMs)) * 0.002;
  return {
    atMs,
    open,
    high: roundToTick(Math.max(open, close) * reach, instrument.tick),
    low: roundToTick(Math.min(open, close) / reach, instrument.tick),
    close,
    volume: (1 + (seedOf(`${instrument.id}/${atMs}`) % 1_000)) * instrument.lot,
  };
}

const HOUR_MS = 3_600_000;

function priceAt(instrument: Instrument, atMs: number): number {
  const slow = wave(instrument.id, atMs / (200 * HOUR_MS));
  const fast = wave(instrument.symbol, atMs / (7 * HOUR_MS));
  return instrument.startPrice * (1 + 0.05 * slow + 0.01 * fast);
}

/** Between -1 and 1, smooth, with a phase of its own per name. */
function wave(name: string, turns: number): number {
  return Math.sin(turns * 2 * Math.PI + (seedOf(name) % 1_000));
}
