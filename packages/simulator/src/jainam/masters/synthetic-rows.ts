import { istWeekday } from '../../ist.js';
import type { Contract, Instrument } from '../../exchange/instrument.js';
import { roundToTick } from '../../exchange/instrument.js';
import { compactDate, monthLetters } from '../times.js';
import type { SegmentName } from '../words.js';
import { SEGMENT_WORDS } from '../words.js';

/**
 * SYNTHETIC rows, published by nobody: every instrument of the exchange that no sample row describes, written in the
 * broker's layout. Tokens of contracts from 900001 are the exchange's own inventions too.
 */
export function syntheticRow(instrument: Instrument): string {
  const { contract } = instrument;
  if (instrument.segment === 'INDEX') return indexRow(instrument);
  return contract === null
    ? shareRow(instrument, SEGMENT_WORDS[instrument.segment])
    : contractRow(instrument, contract);
}

/** XTS numbers indices in its own way. 26000 is in a sample and 26001 follows it; the SENSEX number is a guess. */
export const INDEX_HOMES: Readonly<Record<string, readonly [SegmentName, string, string]>> = {
  NIFTY: ['NSECM', '26000', 'NIFTY 50'],
  BANKNIFTY: ['NSECM', '26001', 'NIFTY BANK'],
  SENSEX: ['BSECM', '26065', 'SENSEX'],
};

/** What contracts on an index call it in the column UnderlyingIndexName. */
const INDEX_NAMES: Readonly<Record<string, string>> = { NIFTY: 'Nifty 50', BANKNIFTY: 'Nifty Bank', SENSEX: 'SENSEX' };

/** Units of the goods in one lot, as the exchange sells them. */
const LOT_CONTENTS: Readonly<Record<string, number>> = { CRUDEOIL: 100, GOLDM: 10 };

/** 22 fields. */
function indexRow({ symbol, token, tick }: Instrument): string {
  const [segment, number, name] = INDEX_HOMES[symbol] ?? ['NSECM', token, symbol];
  const head = [segment, number, 16, name, name, 'INDEX', `${name}-INDEX`, number, 0, 0, 0, tick, 1, 1];
  return [...head, name, '', 1, 1, name, '', '', -1].join('|');
}

/** 22 fields. */
function shareRow(instrument: Instrument, segment: SegmentName): string {
  const { symbol, token, isin, tick, lot } = instrument;
  const isNse = segment === 'NSECM';
  const series = isNse ? 'EQ' : 'A';
  const full = isNse ? `${symbol}-EQ` : symbol;
  const { high, low } = bandOf(instrument);
  const longId = `${isNse ? '11001' : '12001'}${token.padStart(8, '0')}`;
  const head = [segment, token, 8, symbol, full, series, `${symbol}-${series}`, longId, high, low];
  const trade = [freezeOf(instrument), tick, lot, 1];
  return [...head, ...trade, symbol, isin ?? '', 1, 1, `${instrument.name.toUpperCase()}-${series}`, 0, -1, -1].join(
    '|',
  );
}

/** 23 fields for an option; 21 for a future, which has no StrikePrice and no OptionType. */
function contractRow(instrument: Instrument, contract: Contract): string {
  const { segment, token, tick, lot, name } = instrument;
  if (segment === 'INDEX') throw new Error(`There is no contract on ${instrument.id}`);
  const word = SEGMENT_WORDS[segment];
  const isFuture = contract.kind === 'FUT';
  const underlying = name.split(' ')[0] ?? name;
  const series = seriesOf(word, underlying, isFuture);
  const description = descriptionOf(underlying, contract, word);
  const { high, low } = bandOf(instrument);
  const multiplier = LOT_CONTENTS[underlying] ?? 1;
  const expiry = `${contract.expiry}T${word === 'BSEFO' ? '00:00:00' : '14:30:00'}`;
  const date = compactDate(contract.expiry);
  const display = isFuture ? `${underlying} ${date}` : `${underlying} ${date} ${contract.kind} ${contract.strike}`;
  const head = [word, token, isFuture ? 1 : 2, underlying, description, series, `${underlying}-${series}`, `2${token}`];
  const trade = [high, low, freezeOf(instrument), tick, lot, multiplier];
  const terms = [-1, INDEX_NAMES[underlying] ?? underlying, expiry];
  const option = isFuture ? [] : [contract.strike, contract.kind === 'CE' ? 3 : 4];
  return [...head, ...trade, ...terms, ...option, display, 1, 1, description].join('|');
}

/** BSE's `IF` is in a sample; `IO` and the commodity words are guesses of the same kind. */
function seriesOf(segment: SegmentName, underlying: string, isFuture: boolean): string {
  const isIndex = INDEX_NAMES[underlying] !== undefined;
  const kind = isFuture ? 'FUT' : 'OPT';
  switch (segment) {
    case 'BSEFO':
      return `${isIndex ? 'I' : 'S'}${isFuture ? 'F' : 'O'}`;
    case 'MCXFO':
      return isFuture ? 'FUTCOM' : 'OPTFUT';
    case 'NSECD':
    case 'BSECD':
      return `${kind}CUR`;
    default:
      return kind + (isIndex ? 'IDX' : 'STK');
  }
}

/** `NIFTY26JUNFUT`, `RELIANCE26JUN1500CE`; a weekly option spells its month with one letter: `NIFTY26D0126000CE`. */
function descriptionOf(underlying: string, { expiry, strike, kind }: Contract, segment: SegmentName): string {
  const year = expiry.slice(2, 4);
  if (kind === 'FUT') return `${underlying}${year}${monthLetters(expiry)}FUT`;
  const weekly = segment !== 'MCXFO' && INDEX_NAMES[underlying] !== undefined && !isLastOfItsMonth(expiry);
  const month = Number(expiry.slice(5, 7));
  const code = weekly ? `${'123456789OND'[month - 1] ?? ''}${expiry.slice(8)}` : monthLetters(expiry);
  return `${underlying}${year}${code}${strike}${kind}`;
}

/** Whether the same weekday does not come again in the month. */
function isLastOfItsMonth(date: string): boolean {
  const noon = Date.parse(`${date}T12:00:00+05:30`);
  const aWeekOn = noon + 7 * 86_400_000;
  return istWeekday(noon) === istWeekday(aWeekOn) && new Date(aWeekOn).getUTCMonth() !== new Date(noon).getUTCMonth();
}

function bandOf({ band, startPrice, tick }: Instrument): { readonly high: number; readonly low: number } {
  if (band === null) return { high: 0, low: 0 };
  return { high: roundToTick(startPrice * (1 + band), tick), low: roundToTick(startPrice * (1 - band), tick) };
}

/** NSE prints the first quantity it freezes, BSE and MCX the last they take; 0 is unknown. */
function freezeOf({ segment, maxQuantity }: Instrument): number {
  if (maxQuantity === null) return 0;
  return segment.startsWith('NSE') ? maxQuantity + 1 : maxQuantity;
}
