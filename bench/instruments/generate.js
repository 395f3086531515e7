import { seeded } from '../lib/shuffle.js';

/** What stands behind the columns that matter in Dhan's detailed master: 22 more, of which the adapter reads none. */
const FURTHER = [
  'BRACKET_FLAG',
  'COVER_FLAG',
  'ASM_GSM_FLAG',
  'ASM_GSM_CATEGORY',
  'BUY_SELL_INDICATOR',
  ...['BUY', 'SELL'].map((side) => `${side}_CO_MIN_MARGIN_PER`),
  ...['MAX', 'MIN'].flatMap((end) => ['BUY', 'SELL'].map((side) => `${side}_CO_SL_RANGE_${end}_PERC`)),
  ...['BUY', 'SELL'].map((side) => `${side}_BO_MIN_MARGIN_PER`),
  ...['MAX', 'MIN'].flatMap((end) => ['BUY', 'SELL'].map((side) => `${side}_BO_SL_RANGE_${end}_PERC`)),
  ...['MAX', 'MIN'].flatMap((end) => ['BUY', 'SELL'].map((side) => `${side}_BO_PROFIT_RANGE_${end}_PERC`)),
  'MTF_LEVERAGE',
];
const HEADER =
  'EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,' +
  `INSTRUMENT_TYPE,SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,EXPIRY_FLAG,SM_FREEZE_QTY,${FURTHER.join(',')},`;
const REST = 'N,N,N,NA,A,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const UNDERLYINGS = 220;
const two = (number) => String(number).padStart(2, '0');

/** @typedef {{ readonly kind: 'equity' | 'future' | 'option', readonly exchange: 'NSE' | 'BSE', readonly name: string, readonly year?: number, readonly month?: number, readonly day?: number, readonly strike?: number, readonly right?: 'CE' | 'PE' }} Made */

/**
 * So many contracts in about the proportions of a real master: one in sixteen a share, the others options on 220
 * underlyings with a future here and there. The same for the same seed.
 *
 * @param {number} rows
 * @param {number} seed
 * @returns {Generator<Made>}
 */
function* contracts(rows, seed) {
  const random = seeded(seed);
  const letters = () => String.fromCharCode(65 + Math.floor(random() * 26));
  const word = (length) => Array.from({ length }, letters).join('');
  const names = Array.from({ length: UNDERLYINGS }, (_, at) => `${word(3 + (at % 6))}${at}`);
  const shares = Math.floor(rows / 16);
  for (let at = 0; at < shares; at += 1) {
    yield { kind: 'equity', exchange: at % 3 === 0 ? 'BSE' : 'NSE', name: `${names[at % UNDERLYINGS]}${word(2)}${at}` };
  }
  for (let at = 0; at < rows - shares; at += 1) {
    const name = names[at % UNDERLYINGS];
    const turn = Math.floor(at / UNDERLYINGS);
    const month = 1 + (turn % 12);
    const made = { exchange: 'NSE', name, year: 2027, month, day: 1 + (Math.floor(turn / 12) % 28) };
    const step = Math.floor(turn / (12 * 28));
    if (step === 0 && turn % 29 === 0) yield { ...made, kind: 'future' };
    else
      yield {
        ...made,
        kind: 'option',
        strike: 100 + 50 * (at % 997) + (at % 7 === 0 ? 2.5 : 0),
        right: at % 2 === 0 ? 'CE' : 'PE',
      };
  }
}

const isoOf = ({ year, month, day }) => `${year}-${two(month)}-${two(day)}`;

/** Canonical text. @param {Made} made */
function canonical(made) {
  if (made.kind === 'equity') return `${made.exchange}:${made.name}`;
  const dated = `NFO:${made.name}:${isoOf(made)}`;
  return made.kind === 'future' ? `${dated}:FUT` : `${dated}:${made.strike}:${made.right}`;
}

function dhanRow(made, token) {
  const { kind, exchange, name, month = 1, year, day, strike = 0, right = 'XX' } = made;
  if (kind === 'equity') {
    const company = `${name} INDUSTRIES LIMITED`;
    const series = exchange === 'NSE' ? 'EQ' : 'A';
    return `${exchange},E,${token},INE${String(token).padStart(6, '0')}018,EQUITY,,${name},${company},${company},ES,${series},1.0,,,,5.0000,NA,100000,${REST},`;
  }
  const option = kind === 'option';
  const symbol = `${name}-${MONTHS[month - 1]}${year}-${option ? `${strike}-${right}` : 'FUT'}`;
  const display = `${name} ${day} ${(MONTHS[month - 1] ?? '').toUpperCase()} ${option ? `${strike} ${right === 'CE' ? 'CALL' : 'PUT'}` : 'FUT'}`;
  return `NSE,D,${token},NA,${option ? 'OPTSTK' : 'FUTSTK'},1,${name},${symbol},${display},${option ? 'OP' : 'FUT'},NA,65.0,${isoOf(made)},${option ? strike.toFixed(5) : '-0.01000'},${right},5.0000,M,1800,${REST},`;
}

function angelRow(made, token) {
  const { kind, exchange, name, month = 1, year, day, strike = 0, right } = made;
  const date = `${two(day ?? 1)}${(MONTHS[month - 1] ?? '').toUpperCase()}`;
  const fields = {
    token: String(token),
    symbol:
      kind === 'equity'
        ? exchange === 'NSE'
          ? `${name}-EQ`
          : name
        : `${name}${date}${String(year).slice(2)}${kind === 'future' ? 'FUT' : `${strike}${right}`}`,
    name,
    expiry: kind === 'equity' ? '' : `${date}${year}`,
    strike: kind === 'option' ? (strike * 100).toFixed(6) : '-1.000000',
    lotsize: kind === 'equity' ? '1' : '65',
    instrumenttype: kind === 'equity' ? '' : kind === 'future' ? 'FUTSTK' : 'OPTSTK',
    exch_seg: kind === 'equity' ? exchange : 'NFO',
    tick_size: '5.000000',
  };
  return JSON.stringify(fields);
}

const DHAN_SEGMENTS = { NSE: ['NSE_EQ', 'E'], BSE: ['BSE_EQ', 'E'], NFO: ['NSE_FNO', 'D'] };

/** How each case names a contract: by canonical text and segment, and by the keys of the maps. */
function keyOf(layout, made, token) {
  const exchange = made.kind === 'equity' ? made.exchange : 'NFO';
  const instrument = canonical(made);
  if (layout === 'angel') {
    const { symbol } = JSON.parse(angelRow(made, token));
    const tokenKey = `${exchange}:${token}`;
    return { token: String(token), instrument, segment: exchange, mapKey: `${exchange}:${symbol}`, tokenKey };
  }
  const fields = dhanRow(made, token).split(',');
  const [segment, letter] = DHAN_SEGMENTS[exchange];
  const mapKey = `${fields[0]}:${fields[7]}:${fields[12]}`;
  return { token: String(token), instrument, segment, mapKey, tokenKey: `${fields[0]}:${letter}:${token}` };
}

/**
 * A master and what is in it, by row.
 *
 * @param {'dhan' | 'angel'} layout
 * @param {number} rows
 * @param {number} seed
 */
export function generate(layout, rows, seed) {
  const keys = [];
  const lines = [];
  for (const made of contracts(rows, seed)) {
    const token = keys.length + 1;
    keys.push(keyOf(layout, made, token));
    lines.push(layout === 'dhan' ? dhanRow(made, token) : angelRow(made, token));
  }
  const text = layout === 'dhan' ? `${HEADER}\n${lines.join('\n')}\n` : `[${lines.join(',')}]`;
  return { file: Buffer.from(text), keys };
}
