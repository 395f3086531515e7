import { numberOf, parseBody } from '../body.js';
import type { Account } from '../exchange/account.js';
import { fundsOf, totalsOf } from '../exchange/account.js';
import { requiredFunds } from '../exchange/admission.js';
import type { Instrument } from '../exchange/instrument.js';
import { rupees } from '../exchange/instrument.js';
import type { Reply } from '../wire.js';
import type { JainamContext, JainamUserCall } from './context.js';
import { clientOf, isReply, marketOf } from './context.js';
import { createFieldReader } from './fields.js';
import type { JainamCatalogue } from './masters/catalogue.js';
import { cancelWorking, placeTicket } from './orders.js';
import { daysPart, positionRow } from './portfolio-rows.js';
import { badRequest, noData, pageNotFound, refused, required, success, unknownInstrument } from './replies.js';
import { isPendingNew, tradeRow } from './rows.js';
import type { SegmentName } from './words.js';
import { ORDER_TYPES, SEGMENTS_BY_NUMBER, SEGMENT_NAMES, SIDES, productsOf } from './words.js';

/** `GET /interactive/orders/trades`: today's fills, one row each. */
export function trades(context: JainamContext, call: JainamUserCall): Reply {
  return call.login.dealer ? refused('investors-only') : tradesOf(context, call);
}

/** `GET /interactive/orders/dealertradebook?clientID=`. */
export function dealerTrades(context: JainamContext, call: JainamUserCall): Reply {
  return call.login.dealer ? tradesOf(context, call) : refused('dealers-only');
}

/** `GET /interactive/portfolio/positions?dayOrNet=NetWise|DayWise`: closed ones too. */
export function positions(context: JainamContext, call: JainamUserCall): Reply {
  return call.login.dealer ? refused('investors-only') : positionsOf(context, call);
}

/** `GET /interactive/portfolio/dealerpositions?dayOrNet=&clientID=`. */
export function dealerPositions(context: JainamContext, call: JainamUserCall): Reply {
  return call.login.dealer ? positionsOf(context, call) : refused('dealers-only');
}

/** `GET /interactive/portfolio/holdings`: an object by ISIN; the instrument ids say where it may be sold, 0 nowhere. */
export function holdings(context: JainamContext, call: JainamUserCall): Reply {
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  if (isReply(account)) return account;
  const rows = holdingRows(context, account);
  if (Object.keys(rows).length === 0) return noData('holdings');
  const isList = context.options.holdingRows === 'list';
  const shown = isList ? { RMSHoldingList: [{ Holdings: rows }] } : { RMSHoldings: { Holdings: rows } };
  return success('s-holdings-0001', 'Success holdings', { ClientId: account.terms.clientId, ...shown });
}

/** `GET /interactive/user/balance`, for investors only. Numbers, numbers as text and "NaN" stand side by side, as seen. */
export function balance(context: JainamContext, call: JainamUserCall): Reply {
  if (call.login.dealer) return refused('investors-only');
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  if (isReply(account)) return account;
  const { available, used } = fundsOf(account);
  const { realized, unrealized } = profitOf(context, account);
  const hasPositions = account.positions.size > 0;
  const limitObject = {
    RMSSubLimits: {
      cashAvailable: account.cash,
      collateral: 0,
      marginUtilized: String(used),
      netMarginAvailable: String(available),
      MTM: String(rupees(realized + unrealized)),
      UnrealizedMTM: hasPositions ? String(unrealized) : 'NaN',
      RealizedMTM: String(realized),
    },
    marginAvailable: { CashMarginAvailable: account.cash, AdhocMargin: 0, NotinalCash: 0, PayInAmount: '0' },
    marginUtilized: { GrossExposureMarginPresent: used, SpanMargin: 0, MarginUsed: used },
    limitsAssigned: { CNCLimit: 0, TurnoverLimitPresent: 0, MTMLossLimitPresent: 0 },
    AccountID: account.terms.clientId,
  };
  return success('s-user-0001', 'Success balance', { BalanceList: [{ limitHeader: 'ALL|ALL|ALL', limitObject }] });
}

/** `POST /interactive/orders/margindetails {portfolio}`: what the pretend exchange would hold back. */
export function margin(context: JainamContext, call: JainamUserCall): Reply {
  if (context.options.margin === 'absent') return pageNotFound('/interactive/orders/margindetails');
  const body = parseBody(call.bodyText) ?? {};
  const account = clientOf(context, call, body['clientID'], 'body');
  if (isReply(account)) return account;
  const portfolio: unknown = body['portfolio'];
  if (!Array.isArray(portfolio) || portfolio.length === 0) return badRequest([required('portfolio', 'body')]);
  let needed = 0;
  for (const item of portfolio) {
    const one = marginOf(context, account, item);
    if (typeof one !== 'number') return one;
    needed += one;
  }
  const { available } = fundsOf(account);
  const shortfall = rupees(Math.max(0, needed - available));
  return success('s-calculatemargin-0001', 'Margin details', {
    brokerageDeatils: {
      IsValid: shortfall === 0,
      MarginRequired: rupees(needed),
      MarginAvailable: available,
      MarginShortfall: shortfall,
      ErrorMessage: shortfall === 0 ? '' : 'Margin Shortfall',
    },
  });
}

/** `PUT /interactive/portfolio/positions/convert`: the pretend exchange converts nothing. */
export function convertPosition(): Reply {
  return refused('conversion');
}

/** `PUT /interactive/portfolio/squareoff`: a market order against the position, `ExactQty` units or a `Percentage`. */
export function squareOff(context: JainamContext, call: JainamUserCall): Reply {
  const body = parseBody(call.bodyText) ?? {};
  const reader = createFieldReader(body);
  const segment = reader.word('exchangeSegment', SEGMENT_NAMES);
  const token = reader.whole('exchangeInstrumentID');
  const product = reader.word('productType', productsOf(context.options.mtf));
  const kind = reader.word('positionSquareOffQuantityType', { ExactQty: 'units', Percentage: 'percent' } as const);
  const value = reader.amount('squareOffQtyValue');
  if (segment === undefined || token === undefined || product === undefined || kind === undefined) {
    return badRequest(reader.problems);
  }
  if (value === undefined) return badRequest(reader.problems);
  const account = clientOf(context, call, body['clientID'], 'body');
  if (isReply(account)) return account;
  const listing = context.catalogue.find(segment, String(token));
  if (listing?.instrument === undefined) return unknownInstrument();
  if (body['cancelOrders'] === true) cancelWorking(context, account, (other) => other.token === listing.token);

  const position = account.positions.get(`${listing.instrument.id}/${product}`);
  const net = position === undefined ? 0 : totalsOf(position).net;
  const { lot } = listing.instrument;
  const open = Math.abs(net);
  const quantity = kind === 'units' ? value : Math.floor((open * value) / 100 / lot) * lot;
  if (quantity <= 0 || quantity > open || !Number.isInteger(quantity)) return refused('no-position');
  const price = { type: 'MARKET', validity: 'DAY', price: 0, triggerPrice: 0, disclosedQuantity: 0 } as const;
  const order = { ...price, side: net > 0 ? 'SELL' : 'BUY', product, quantity, tag: '' } as const;
  return placeTicket(context, call, account, listing, order);
}

function tradesOf(context: JainamContext, call: JainamUserCall): Reply {
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  if (isReply(account)) return account;
  const rows = context.exchange
    .visibleTrades(account)
    .filter(({ order }) => !isPendingNew(order, call.atMs, context.options))
    .map((trade) => tradeRow(context, trade, call.atMs));
  return rows.length === 0 ? noData('tradebook') : success('s-orders-0001', 'Success trade book', rows);
}

function positionsOf(context: JainamContext, call: JainamUserCall): Reply {
  const dayOrNet = call.query.get('dayOrNet') ?? '';
  if (dayOrNet !== 'NetWise' && dayOrNet !== 'DayWise') return badRequest([required('dayOrNet', 'query')]);
  const account = clientOf(context, call, call.query.get('clientID'), 'query');
  if (isReply(account)) return account;
  const all = [...account.positions.values()];
  const shown = dayOrNet === 'NetWise' ? all : all.map(daysPart).filter((part) => !isEmpty(part));
  if (shown.length === 0) return noData('portfolio');
  const { clientId } = account.terms;
  const positionList = shown.map((position) => positionRow(context, clientId, position, dayOrNet));
  return success('s-portfolio-0001', 'Success position', { positionList });
}

function isEmpty(part: Parameters<typeof totalsOf>[0]): boolean {
  const { bought, sold } = totalsOf(part);
  return bought === 0 && sold === 0;
}

/** Shares of one company held at both exchanges are one row. */
function holdingRows({ catalogue }: JainamContext, account: Account) {
  const held = new Map<string, { instrument: Instrument; quantity: number; cost: number }>();
  for (const { instrument, quantity, averagePrice } of account.holdings.values()) {
    const isin = instrument.isin ?? instrument.id;
    const { quantity: had, cost } = held.get(isin) ?? { quantity: 0, cost: 0 };
    held.set(isin, { instrument, quantity: had + quantity, cost: cost + quantity * averagePrice });
  }
  const rows: [string, Readonly<Record<string, unknown>>][] = [...held].map(
    ([isin, { instrument, quantity, cost }]) => [
      isin,
      {
        ISIN: isin,
        ClientId: account.terms.clientId,
        ExchangeNSEInstrumentId: tokenAt(catalogue, 'NSECM', instrument),
        ExchangeBSEInstrumentId: tokenAt(catalogue, 'BSECM', instrument),
        HoldingQuantity: quantity,
        CollateralQuantity: 0,
        PledgeQuantity: 0,
        BuyAvgPrice: rupees(cost / quantity),
      },
    ],
  );
  return Object.fromEntries(rows);
}

/** The same company's number at an exchange, 0 when it is not listed there. */
function tokenAt({ listings }: JainamCatalogue, segment: SegmentName, { id, isin }: Instrument): number {
  const found = listings.find(({ segment: home, instrument }) => {
    if (home !== segment || instrument === undefined) return false;
    return instrument.id === id || (isin !== null && instrument.isin === isin);
  });
  return Number(found?.token ?? 0);
}

function profitOf(context: JainamContext, account: Account) {
  let realized = 0;
  let unrealized = 0;
  for (const position of account.positions.values()) {
    const totals = totalsOf(position);
    const cost = totals.net >= 0 ? totals.buyAverage : totals.sellAverage;
    realized += totals.realized;
    unrealized += totals.net * (marketOf(context, position.instrument.id).last - cost);
  }
  return { realized: rupees(realized), unrealized: rupees(unrealized) };
}

/** Rupees for one order of a margin call; its exchange is a number, its id is spelled with a small d. */
function marginOf(context: JainamContext, account: Account, item: unknown): number | Reply {
  const body = parseBody(JSON.stringify(item)) ?? {};
  const reader = createFieldReader(body);
  const segment = reader.word('exchange', SEGMENTS_BY_NUMBER);
  const token = reader.whole('exchangeInstrumentId');
  const product = reader.word('productType', productsOf(context.options.mtf));
  const type = reader.word('orderType', ORDER_TYPES);
  const side = reader.word('orderSide', SIDES);
  const quantity = reader.whole('quantity');
  const price = numberOf(body, 'price') ?? 0;
  const triggerPrice = numberOf(body, 'stopPrice') ?? 0;
  if (segment === undefined || token === undefined || product === undefined) return badRequest(reader.problems);
  if (type === undefined || side === undefined || quantity === undefined) return badRequest(reader.problems);
  const instrument = context.catalogue.find(segment, String(token))?.instrument;
  if (instrument === undefined) return unknownInstrument();
  return requiredFunds(
    account,
    marketOf(context, instrument.id),
    { side, product },
    { type, quantity, price, triggerPrice },
  );
}
