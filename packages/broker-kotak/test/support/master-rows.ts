import { fixtureBytes } from './account.js';

export const HEADER = fixtureBytes('scrip_fo.SYNTHETIC.csv').toString('utf8').split('\n')[0] ?? '';

export type Column =
  | 'pSymbol'
  | 'pGroup'
  | 'pExchSeg'
  | 'pInstType'
  | 'pSymbolName'
  | 'pTrdSymbol'
  | 'pOptionType'
  | 'tick'
  | 'lot'
  | 'expiry'
  | 'strike'
  | 'freeze';

/** A row under the derivatives' header: a share unless it is changed. */
export function row(change: Partial<Record<Column, string>> = {}): string {
  const {
    pSymbol = '3045',
    pGroup = 'EQ',
    pExchSeg = 'nse_cm',
    pInstType = '',
    pSymbolName = 'SBIN',
    pTrdSymbol = 'SBIN-EQ',
    pOptionType = '',
    tick = '5',
    lot = '1',
    expiry = '-1',
    strike = '-1',
    freeze = '100',
  } = change;
  const front = [
    pSymbol,
    pGroup,
    pExchSeg,
    pInstType,
    pSymbolName,
    pTrdSymbol,
    pOptionType,
    'KEY',
    'INE1',
    'STATE BANK',
  ];
  return [...front, tick, lot, expiry, '1', '2', strike, 'NSE', expiry, lot, freeze].join(',');
}

export const option = (change: Partial<Record<Column, string>> = {}): string =>
  row({
    pGroup: 'XX',
    pExchSeg: 'nse_fo',
    pInstType: 'OPTIDX',
    pSymbolName: 'NIFTY',
    pTrdSymbol: 'NIFTY26DEC26000CE',
    pOptionType: 'CE',
    lot: '65',
    expiry: '1483021800',
    strike: '2600000',
    ...change,
  });

export const file = (...rows: readonly string[]): string => [HEADER, ...rows].join('\n');
