import { keptMaps } from './pieces.js';

export async function load(file) {
  const bySymbol = new Map();
  const byToken = new Map();
  for (const given of JSON.parse(file.toString('utf8'))) {
    const row = {
      exchange: given.exch_seg,
      token: given.token,
      symbol: given.symbol,
      name: given.name,
      instrument: given.instrumenttype,
      lotSize: Number(given.lotsize),
      expiry: given.expiry,
      strike: Number(given.strike) / 100,
      tick: Number(given.tick_size) / 100,
    };
    bySymbol.set(`${row.exchange}:${row.symbol}`, row);
    byToken.set(`${row.exchange}:${row.token}`, row);
  }
  return keptMaps(bySymbol, byToken);
}
