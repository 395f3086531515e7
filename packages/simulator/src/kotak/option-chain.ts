import { hasExpired } from '../exchange/admission.js';
import type { Contract } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import type { Reply } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import type { KotakScrip } from './masters/catalogue.js';
import { dayOf, price } from './quotes.js';
import { json, unknownInstrument } from './replies.js';
import type { Row } from './rows.js';
import { dateText } from './text.js';

/** `GET /market-data/1.0/watchlist/expiries`: ascending. */
export function expiries(context: KotakContext, call: KotakUserCall): Reply {
  const listed = contractsOf(context, call);
  if (listed.length === 0) return unknownInstrument();
  const dates = new Set(listed.map(({ contract }) => contract.expiry));
  const [exchange, underlying] = [call.query.get('exchange'), call.query.get('underlying')];
  return json(200, { exchange, underlying, expiries: [...dates].sort() });
}

/** `GET /market-data/1.0/watchlist/option-chain`: the nearest expiry unless told another; futures in a shape of their own. */
export function optionChain(context: KotakContext, call: KotakUserCall): Reply {
  const listed = contractsOf(context, call);
  const count = Number(call.query.get('count') ?? 40);
  const [first] = listed;
  if (first === undefined || !(count > 0) || count % 10 !== 0) return unknownInstrument();
  const asked = call.query.get('expiry');
  if (wantsFutures(call)) {
    const futures = listed.filter(({ contract }) => asked === null || contract.expiry === asked);
    return json(200, {
      data: { common_data: commonOf(first, asked), call: [], put: [], fut: futures.map(futureItem) },
    });
  }
  const expiry = asked ?? first.contract.expiry;
  const ofExpiry = listed.filter(({ contract }) => contract.expiry === expiry);
  if (ofExpiry.length === 0) return unknownInstrument();
  const spot = spotOf(context, first.scrip.underlying);
  const side = (kind: Contract['kind']): readonly Row[] =>
    ofExpiry
      .filter(({ contract }) => contract.kind === kind)
      .slice(0, count)
      .map((option) => optionItem(option, spot));
  return json(200, { data: { common_data: commonOf(first, expiry), call: side('CE'), put: side('PE') } });
}

interface Listed {
  readonly scrip: KotakScrip;
  readonly market: Market;
  readonly contract: Contract;
}

const CHAIN_SEGMENTS: readonly string[] = ['nse_fo', 'bse_fo', 'mcx_fo'];

const wantsFutures = ({ query }: KotakUserCall): boolean => query.get('instrument_type') === 'fut';

/** Living contracts on the underlying, by expiry and then strike. */
function contractsOf(context: KotakContext, call: KotakUserCall): readonly Listed[] {
  const exchange = call.query.get('exchange') ?? '';
  const underlying = call.query.get('underlying') ?? '';
  if (!CHAIN_SEGMENTS.includes(exchange)) return [];
  const listed = context.catalogue.scrips.flatMap((scrip): readonly Listed[] => {
    const market = context.exchange.market(scrip.instrument?.id ?? '');
    const contract = market?.instrument.contract;
    if (market === undefined || contract === undefined || contract === null) return [];
    const isAsked = scrip.segment === exchange && scrip.underlying === underlying;
    const isKind = (contract.kind === 'FUT') === wantsFutures(call);
    return isAsked && isKind && !hasExpired(market.instrument, call.atMs) ? [{ scrip, market, contract }] : [];
  });
  return listed.sort(
    (a, b) => a.contract.expiry.localeCompare(b.contract.expiry) || a.contract.strike - b.contract.strike,
  );
}

function commonOf({ scrip, market }: Listed, expiryDt: string | null): Row {
  return {
    mktLot: String(market.instrument.lot),
    multiplier: '1',
    unlSymbol: scrip.underlying,
    exSeg: scrip.segment,
    expiryDt,
  };
}

function optionItem({ scrip, market, contract }: Listed, spot: number): Row {
  const { open, high, low } = dayOf(market);
  return {
    instrument: {
      neoSymbol: `${scrip.segment}|${scrip.token}`,
      symbol: scrip.tradingSymbol,
      optionType: contract.kind,
      strikePrice: String(contract.strike),
      moneyness: moneynessOf(contract, spot),
    },
    quote: {
      ltp: price(market.last),
      open: price(open),
      high: price(high),
      low: price(low),
      prevClose: price(market.previousClose),
      close: null,
      volume: market.volume,
    },
    openInterest: { current: 0, previous: 0, change: 0, changePct: 0 },
  };
}

function futureItem({ scrip, market, contract }: Listed): Row {
  const { open, high, low } = dayOf(market);
  return {
    inst: {
      neoSymbol: `${scrip.segment}|${scrip.token}`,
      symbol: scrip.tradingSymbol,
      expiryDt: dateText(Date.parse(`${contract.expiry}T00:00:00+05:30`)).toUpperCase(),
    },
    quote: {
      ltp: market.last.toFixed(2),
      o: open.toFixed(2),
      h: high.toFixed(2),
      l: low.toFixed(2),
      c: market.last.toFixed(2),
      pc: market.previousClose.toFixed(2),
      vol: String(market.volume),
    },
    oi: { cur: '0', prev: '0', chg: '0', chgPct: '0.00' },
  };
}

function spotOf({ exchange }: KotakContext, underlying: string): number {
  return exchange.find(underlying)?.last ?? 0;
}

function moneynessOf({ kind, strike }: Contract, spot: number): string {
  if (strike === spot) return 'ATM';
  return strike < spot === (kind === 'CE') ? 'ITM' : 'OTM';
}
