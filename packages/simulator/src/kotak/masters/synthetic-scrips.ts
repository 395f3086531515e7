import type { Instrument } from '../../exchange/instrument.js';
import { bandOf, createMarket } from '../../exchange/market.js';
import type { ResolvedKotakOptions } from '../options.js';
import { monthName } from '../text.js';
import type { KotakSegment } from '../words.js';
import { EXCHANGE_WORDS, instrumentTypeWord, optionTypeWord } from '../words.js';
import type { ScripRow } from './scrip-columns.js';

/** Which encodings of the scrip files to pretend. */
export type ScripOptions = Pick<ResolvedKotakOptions, 'strikes' | 'mcxExpiry'>;

/**
 * A SYNTHETIC row, published by nobody: an instrument of the pretend exchange in the layout of Kotak's files, for those
 * that the published sample leaves out. Trading symbols follow the exchange's own pattern.
 */
export function syntheticRow(
  instrument: Instrument,
  segment: KotakSegment,
  token: string,
  options: ScripOptions,
): ScripRow {
  const { contract } = instrument;
  const underlying = underlyingOf(instrument);
  const lot = String(instrument.lot);
  const expiry = contract === null ? '-1' : String(encodedExpiry(contract.expiry, segment, options));
  return {
    pSymbol: token,
    pGroup: groupOf(segment, instrument),
    pExchSeg: segment,
    pInstType: instrumentTypeWord(instrument, underlying),
    pSymbolName: underlying,
    pTrdSymbol: tradingSymbolOf(instrument, segment),
    pOptionType: optionTypeWord(instrument),
    pScripRefKey: referenceOf(instrument),
    pISIN: instrument.isin ?? '',
    pDesc: instrument.name.toUpperCase(),
    dTickSize: instrument.segment === 'INDEX' ? '-1' : printed(instrument.tick * 100, options),
    lLotSize: lot,
    lExpiryDate: expiry,
    lMultiplier: contract === null ? '-1' : '1',
    lPrecision: String(precisionOf(segment)),
    dStrikePrice: contract === null || contract.kind === 'FUT' ? '-1' : printed(contract.strike * 100, options),
    pExchange: instrument.segment === 'INDEX' ? '' : EXCHANGE_WORDS[segment],
    pExpiryDate: contract === null ? '' : expiry,
    iPermittedToTrade: '0',
    iBoardLotQty: lot,
    iLotSize: lot,
    dOpenInterest: '0',
    ...rangeOf(instrument, options),
    dPriceNum: '1',
    dGenDen: '1',
    dGenNum: '1',
    dPriceDen: '1',
    lFreezeQty: freezeOf(instrument, segment),
  };
}

/** Digits after the point in prices. */
export const precisionOf = (segment: KotakSegment): number => (segment === 'cde_fo' ? 4 : 2);

/** `NIFTY` for all contracts on it; a share's own symbol. The name begins with it, whatever the symbol looks like. */
export function underlyingOf({ contract, symbol, name }: Instrument): string {
  return contract === null ? symbol : (name.split(' ')[0] ?? symbol);
}

/** What an order names: `RELIANCE-EQ`, `NIFTY26DECFUT`, `NIFTY26DEC26000CE` for a month's last expiry, `NIFTY26D0126000CE` for others. */
function tradingSymbolOf(instrument: Instrument, segment: KotakSegment): string {
  const { contract, symbol } = instrument;
  if (contract === null) return segment === 'nse_cm' && instrument.segment !== 'INDEX' ? `${symbol}-EQ` : symbol;
  const [year = '', month = '', day = ''] = contract.expiry.split('-');
  const head = underlyingOf(instrument) + year.slice(2);
  const monthWord = monthName(Number(month)).toUpperCase();
  if (contract.kind === 'FUT') return `${head}${monthWord}FUT`;
  const period = isLastOfMonth(contract.expiry) ? monthWord : WEEKLY_MONTHS.charAt(Number(month) - 1) + day;
  return `${head}${period}${contract.strike}${contract.kind}`;
}

const WEEKLY_MONTHS = '123456789OND';
const WEEK_MS = 604_800_000;

function isLastOfMonth(expiry: string): boolean {
  const next = new Date(Date.parse(`${expiry}T00:00:00Z`) + WEEK_MS).toISOString();
  return next.slice(0, 7) !== expiry.slice(0, 7);
}

/** `NIFTY01DEC2626000.00CE`. */
function referenceOf(instrument: Instrument): string {
  const { contract } = instrument;
  if (contract === null) return instrument.symbol;
  const [year = '', month = '', day = ''] = contract.expiry.split('-');
  const date = `${day}${monthName(Number(month)).toUpperCase()}${year.slice(2)}`;
  const tail = contract.kind === 'FUT' ? 'FUT' : `${contract.strike.toFixed(2)}${contract.kind}`;
  return underlyingOf(instrument) + date + tail;
}

function groupOf(segment: KotakSegment, { segment: own, contract }: Instrument): string {
  if (own === 'INDEX') return '';
  if (contract !== null) return segment === 'mcx_fo' ? '' : 'XX';
  return segment === 'bse_cm' ? 'A' : 'EQ';
}

/** Seconds from 1970-01-01 UTC to 1980-01-01 IST: NSE's clock starts there. */
const NSE_EPOCH_SECONDS = 315_513_000;

/** Two rules in one set of files: NSE derivatives and currency count from 1980, BSE and MCX from 1970. */
function encodedExpiry(expiry: string, segment: KotakSegment, { mcxExpiry }: ScripOptions): number {
  if (segment === 'mcx_fo') return Date.parse(`${expiry}T23:59:59${mcxExpiry === 'ist' ? '+05:30' : 'Z'}`) / 1_000;
  const seconds = Date.parse(`${expiry}T14:30:00+05:30`) / 1_000;
  return segment === 'bse_fo' ? seconds : seconds - NSE_EPOCH_SECONDS;
}

/** Paise; zeros where nothing bounds the price. */
function rangeOf(instrument: Instrument, options: ScripOptions): ScripRow {
  const isBound = instrument.segment !== 'INDEX' && instrument.band !== null;
  if (!isBound) return { dHighPriceRange: '0', dLowPriceRange: '0' };
  const { low, high } = bandOf(createMarket(instrument, 0));
  return { dHighPriceRange: printed(high * 100, options), dLowPriceRange: printed(low * 100, options) };
}

/** NSE prints the first quantity it freezes, BSE and MCX the last they take; 0 is unknown. */
function freezeOf({ maxQuantity }: Instrument, segment: KotakSegment): string {
  if (maxQuantity === null) return '0';
  const isFirstFrozen = segment === 'nse_cm' || segment === 'nse_fo' || segment === 'cde_fo';
  return String(isFirstFrozen ? maxQuantity + 1 : maxQuantity);
}

/** As the published file prints its doubles: six digits, and an exponent from a million on (`3.65905e+09`). */
function printed(value: number, { strikes }: ScripOptions): string {
  if (strikes === 'plain' || Math.abs(value) < 1_000_000) return String(Number(value.toFixed(4)));
  const [digits = '', exponent = ''] = value.toExponential(5).split('e+');
  return `${String(Number(digits))}e+${exponent.padStart(2, '0')}`;
}
