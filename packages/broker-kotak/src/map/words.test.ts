import { expect, test } from 'vitest';
import { STATUS_OF, indexName, indexSymbol } from './words.js';

test.each([
  ['NSE', 'NIFTY', 'NIFTY'],
  ['NSE', 'Nifty 50', 'NIFTY'],
  ['NSE', 'Nifty Bank', 'BANKNIFTY'],
  ['NSE', 'BANKNIFTY', 'BANKNIFTY'],
  ['NSE', 'Nifty Fin Service', 'FINNIFTY'],
  ['NSE', 'FINNIFTY', 'FINNIFTY'],
  ['NSE', 'NIFTY MID SELECT', 'MIDCPNIFTY'],
  ['NSE', 'MIDCPNIFTY', 'MIDCPNIFTY'],
  ['BSE', 'SENSEX', 'SENSEX'],
  ['BSE', 'Bankex', 'BANKEX'],
  ['BSE', 'SNSX50', 'SENSEX50'],
  ['NSE', 'Nifty Auto', 'NIFTY AUTO'],
  ['BSE', 'Nifty 50', 'NIFTY 50'],
] as const)('the index that %s prints as %s is %s', (exchange, printed, symbol) => {
  expect(indexSymbol(exchange, printed)).toBe(symbol);
});

test('a quote of an index is asked by the exact name that the documentation lists', () => {
  expect(indexName('NSE', 'NIFTY')).toBe('Nifty 50');
  expect(indexName('NSE', 'MIDCPNIFTY')).toBe('NIFTY MID SELECT');
  expect(indexName('BSE', 'BANKEX')).toBe('BANKEX');
  expect(indexName('BSE', 'NIFTY')).toBeNull();
});

test('every status word is known in the form it is looked up by', () => {
  for (const word of STATUS_OF.keys()) expect(word).toBe(word.trim().toLowerCase());
});
