/** One row of Dhan's detailed master as an object, in both maps. The symbol alone is not unique, so its name carries more. */
export function addRow(bySymbol, byToken, field) {
  const row = {
    exchange: field('EXCH_ID'),
    segment: field('SEGMENT'),
    token: field('SECURITY_ID'),
    isin: field('ISIN'),
    instrument: field('INSTRUMENT'),
    underlying: field('UNDERLYING_SYMBOL'),
    symbol: field('SYMBOL_NAME'),
    name: field('DISPLAY_NAME'),
    series: field('SERIES'),
    lotSize: Number(field('LOT_SIZE')),
    expiry: field('SM_EXPIRY_DATE'),
    strike: Number(field('STRIKE_PRICE')),
    right: field('OPTION_TYPE'),
    tick: Number(field('TICK_SIZE')),
  };
  bySymbol.set(`${row.exchange}:${row.symbol}:${row.expiry}`, row);
  byToken.set(`${row.exchange}:${row.segment}:${row.token}`, row);
}
