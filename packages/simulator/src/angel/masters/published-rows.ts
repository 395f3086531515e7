/** One row of the instrument master: every value is a text. */
export interface MasterRow {
  readonly token: string;
  readonly symbol: string;
  readonly name: string;
  /** `28JUL2026`; empty for shares and indices. */
  readonly expiry: string;
  /** Rupees x 100, currency x 10^7; `-1.000000` for shares and futures, `0.000000` for an index. */
  readonly strike: string;
  /** Units. */
  readonly lotsize: string;
  readonly instrumenttype: string;
  readonly exch_seg: string;
  /** Paise; `0.000000` for an index. */
  readonly tick_size: string;
}

/**
 * Rows of OpenAPIScripMaster.json as quoted in public repositories, 2022 to 2026, for instruments that the exchange has.
 *
 * The RELIANCE row is older than its present tick of ten paise: a price on the row's tick may still be rejected.
 *
 * @see https://margincalculator.angelbroking.com/OpenAPI_File/files/OpenAPIScripMaster.json
 */
export const PUBLISHED_ROWS: readonly MasterRow[] = [
  {
    token: '3045',
    symbol: 'SBIN-EQ',
    name: 'SBIN',
    expiry: '',
    strike: '-1.000000',
    lotsize: '1',
    instrumenttype: '',
    exch_seg: 'NSE',
    tick_size: '5.000000',
  },
  {
    token: '2885',
    symbol: 'RELIANCE-EQ',
    name: 'RELIANCE',
    expiry: '',
    strike: '-1.000000',
    lotsize: '1',
    instrumenttype: '',
    exch_seg: 'NSE',
    tick_size: '5.000000',
  },
  {
    token: '99926000',
    symbol: 'Nifty 50',
    name: 'NIFTY',
    expiry: '',
    strike: '0.000000',
    lotsize: '1',
    instrumenttype: 'AMXIDX',
    exch_seg: 'NSE',
    tick_size: '0.000000',
  },
  {
    token: '99926009',
    symbol: 'Nifty Bank',
    name: 'BANKNIFTY',
    expiry: '',
    strike: '0.000000',
    lotsize: '1',
    instrumenttype: 'AMXIDX',
    exch_seg: 'NSE',
    tick_size: '0.000000',
  },
];
