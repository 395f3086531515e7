import { AlgoError, isCount, parseInstrument } from '@algo/core/adapter';
import { words } from './map.js';

const HEADER = 'segment,token,symbol,name,isin,expiry,strike,right,lot,tick';
const SEGMENTS = words('CASH=NSE INDEX=NSE:INDEX DERIV=NFO COMM=MCX');

/** The list in our words. A row that cannot be read is counted and left out; a file of another kind is refused whole. */
export function readMaster(text) {
  const [header, ...lines] = text.trim().split('\n');
  if (header !== HEADER) throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: 'monsoon', why: 'a new header' });
  const listings = lines.flatMap((line) => toListing(...line.split(',')));
  return { source: 'instruments.csv', listings, skipped: () => lines.length - listings.length };
}

function toListing(segment, token, symbol, name, isin, expiry, strike, right, lot, tick) {
  const rupees = strike && String(Number(strike) / 100);
  const instrument = [SEGMENTS.get(segment), symbol, expiry, rupees, right].filter((part) => part !== '').join(':');
  const contract = parseInstrument(instrument);
  if (contract === null || !isCount(Number(lot)) || !isCount(Number(tick))) return [];
  // Whether commodities are counted in lots stands nowhere: orders there are refused until somebody knows.
  const quantityUnit = { kind: segment === 'COMM' ? 'unknown' : 'units' };
  const names = { instrument, contract, segment, token, symbol, name, isin: isin || null };
  return [{ ...names, lotSize: Number(lot), tick: Number(tick) * 100, freezeQuantity: null, quantityUnit }];
}
