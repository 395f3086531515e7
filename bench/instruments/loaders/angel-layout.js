import { formatInstrument, isDigits, priceIn, textFields, wholeIn, withoutZeros } from '@algo/core/adapter';

/**
 * Angel's JSON as far as the generated file goes: shares, futures and options. A bench of core's cutter and index over
 * JSON; the rules of the real file are the adapter's.
 */
export const ANGEL_LAYOUT = {
  rows: { kind: 'json-objects' },
  symbolsAreUnique: true,
  open: () => ({ read, mark: createMarker() }),
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const UNITS = { kind: 'units' };

function read(text) {
  const {
    token,
    symbol,
    name,
    expiry,
    strike,
    lotsize,
    instrumenttype,
    exch_seg: exchange,
    tick_size,
  } = JSON.parse(text);
  const month = two(MONTHS.indexOf(expiry.slice(2, 5)) + 1);
  const dated = { exchange, underlying: name, expiry: `${expiry.slice(5)}-${month}-${expiry.slice(0, 2)}` };
  const contract =
    instrumenttype === ''
      ? { kind: 'equity', exchange, symbol: name, series: null }
      : instrumenttype === 'FUTSTK'
        ? { kind: 'future', ...dated }
        : { kind: 'option', ...dated, strike: String(Number(strike) / 100), right: symbol.slice(-2) };
  const listing = {
    instrument: formatInstrument(contract),
    contract,
    token,
    segment: exchange,
    symbol,
    name,
    isin: null,
    lotSize: Number(lotsize),
    tick: Number(tick_size) * 100,
    freezeQuantity: null,
    quantityUnit: UNITS,
  };
  return { kind: 'listing', listing, yields: false };
}

const two = (number) => String(number).padStart(2, '0');

const FIELDS = ['token', 'symbol', 'name', 'expiry', 'strike', 'lotsize', 'instrumenttype', 'exch_seg', 'tick_size'];
const EXCHANGES = new Map(['NSE', 'BSE', 'NFO'].map((name) => [packed(Buffer.from(name), 0), name]));
const MONTH_OF = new Map(MONTHS.map((name, index) => [packed(Buffer.from(name), 0), index + 1]));

function packed(bytes, at) {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}

/** By bytes; what is not of the usual form is left to `read`. */
function createMarker() {
  const spans = FIELDS.map(() => ({ from: 0, to: 0 }));
  const findFields = textFields(FIELDS);
  const [token, symbol, name, expiry, strike, lot, type, exchange, tick] = spans;
  return (row, from, to, marks) => {
    if (!findFields(row, from, to, spans)) return 'unsure';
    const known = exchange.to - exchange.from === 3 ? EXCHANGES.get(packed(row, exchange.from)) : undefined;
    if (known === undefined || !isDigits(row, token.from, token.to, 15)) return 'unsure';
    marks.exchange = known;
    marks.segment = known;
    point(marks.token, token);
    point(marks.symbol, symbol);
    point(marks.name, name);
    point(marks.title, name);
    marks.isin.from = marks.isin.to = marks.series.from = marks.series.to = 0;
    marks.lotSize = wholeIn(row, lot.from, lot.to);
    marks.tick = priceIn(row, tick.from, tick.to) / 100;
    marks.freezeQuantity = null;
    marks.quantityUnit = UNITS;
    marks.yields = false;
    if (marks.lotSize <= 0 || marks.tick <= 0) return 'unsure';
    if (type.from === type.to) {
      marks.kind = 'equity';
      return 'listing';
    }
    const month = MONTH_OF.get(packed(row, expiry.from + 2));
    if (expiry.to - expiry.from !== 9 || month === undefined) return 'unsure';
    marks.expiry =
      wholeIn(row, expiry.from + 5, expiry.to) * 10_000 + month * 100 + wholeIn(row, expiry.from, expiry.from + 2);
    marks.kind = row[type.from] === 0x46 ? 'future' : 'option';
    if (marks.kind === 'future') return 'listing';
    marks.right = row[symbol.to - 2] === 0x43 ? 'CE' : 'PE';
    // paise: two digits less, where they are zeros
    const end = withoutZeros(row, strike.from, strike.to);
    if (end - strike.from < 3 || row[end - 1] !== 0x30 || row[end - 2] !== 0x30) return 'unsure';
    marks.strike.from = strike.from;
    marks.strike.to = end - 2;
    return 'listing';
  };
}

function point(span, at) {
  span.from = at.from;
  span.to = at.to;
}
