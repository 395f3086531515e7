import type { Contract, Instrument } from '../../exchange/instrument.js';
import { expiryText } from '../times.js';
import { EXCHANGES } from '../words.js';
import type { AngelExchange } from '../words.js';
import type { MasterRow } from './published-rows.js';

/**
 * SYNTHETIC rows, published by nobody: what the master would say of an instrument that no public row is known of, in the
 * layout and spelling of the rows that are.
 */
export function syntheticRow(instrument: Instrument, indices: readonly string[]): MasterRow | undefined {
  if (instrument.segment === 'INDEX') return indexRow(instrument);
  const exchange = EXCHANGES[instrument.segment];
  if (exchange === undefined) return undefined;
  const { contract, token, tick, lot } = instrument;
  const base = { token, lotsize: String(lot), exch_seg: exchange, tick_size: sixDecimals(tick * 100) };
  if (contract === null) {
    const symbol = exchange === 'NSE' ? `${instrument.symbol}-EQ` : instrument.symbol;
    return { ...base, symbol, name: instrument.symbol, expiry: '', strike: NO_STRIKE, instrumenttype: '' };
  }
  const name = underlyingOf(instrument);
  return {
    ...base,
    symbol: contractSymbol(name, contract, exchange),
    name,
    expiry: expiryText(contract.expiry),
    strike: contract.kind === 'FUT' ? NO_STRIKE : sixDecimals(contract.strike * (exchange === 'CDS' ? 1e7 : 100)),
    instrumenttype: typeOf(contract, exchange, indices.includes(name)),
  };
}

const NO_STRIKE = '-1.000000';

/** The exchange's own names of indices; the broker numbers and spells them in its own way. */
const INDICES: Readonly<Record<string, Pick<MasterRow, 'token' | 'symbol' | 'exch_seg'>>> = {
  NIFTY: { token: '99926000', symbol: 'Nifty 50', exch_seg: 'NSE' },
  BANKNIFTY: { token: '99926009', symbol: 'Nifty Bank', exch_seg: 'NSE' },
  INDIAVIX: { token: '99926017', symbol: 'India VIX', exch_seg: 'NSE' },
  SENSEX: { token: '99919000', symbol: 'SENSEX', exch_seg: 'BSE' },
};

function indexRow({ symbol: name }: Instrument): MasterRow | undefined {
  const known = INDICES[name];
  if (known === undefined) return undefined;
  const nothing = '0.000000';
  return { ...known, name, expiry: '', strike: nothing, lotsize: '1', instrumenttype: 'AMXIDX', tick_size: nothing };
}

/** The first word of the contract's display name. */
function underlyingOf({ name }: Instrument): string {
  return name.split(' ')[0] ?? name;
}

/** `NIFTY28JUL2623500CE`, `GOLD05AUG26FUT`; BSE puts year and month first and leaves the day out: `SENSEX24MAR75000PE`. */
function contractSymbol(name: string, { expiry, kind, strike }: Contract, exchange: AngelExchange): string {
  const text = expiryText(expiry);
  const [day, month, year] = [text.slice(0, 2), text.slice(2, 5), text.slice(7)];
  const date = exchange === 'BFO' ? `${year}${month}` : `${day}${month}${year}`;
  return kind === 'FUT' ? `${name}${date}FUT` : `${name}${date}${strike}${kind}`;
}

function typeOf({ kind }: Contract, exchange: AngelExchange, isOnIndex: boolean): string {
  const isFuture = kind === 'FUT';
  switch (exchange) {
    case 'MCX':
      return isFuture ? 'FUTCOM' : 'OPTFUT';
    case 'CDS':
      return isFuture ? 'FUTCUR' : 'OPTCUR';
    case 'NFO':
    case 'BFO':
    case 'NSE':
    case 'BSE':
      return `${isFuture ? 'FUT' : 'OPT'}${isOnIndex ? 'IDX' : 'STK'}`;
  }
}

function sixDecimals(value: number): string {
  return value.toFixed(6);
}
