import type { Position } from '../exchange/account.js';
import { totalsOf } from '../exchange/account.js';
import { rupees } from '../exchange/instrument.js';
import type { JainamContext } from './context.js';
import { listingOf, marketOf } from './context.js';
import type { Row } from './rows.js';
import { amountText } from './rows.js';

/** A position without what was carried into the day. */
export function daysPart(position: Position): Position {
  const nothing = { carriedBuyQuantity: 0, carriedBuyValue: 0, carriedSellQuantity: 0, carriedSellValue: 0 };
  return { ...position, ...nothing };
}

interface Figures {
  readonly bought: number;
  readonly sold: number;
  readonly net: number;
  /** Rupees as text from here on. */
  readonly buyAverage: string;
  readonly sellAverage: string;
  readonly buyValue: string;
  readonly sellValue: string;
  readonly netValue: string;
  readonly unrealized: string;
  readonly realized: string;
  readonly total: string;
}

/** One row of `GET /interactive/portfolio/positions`: everything that is a number comes as text. */
export function positionRow(context: JainamContext, clientId: string, position: Position, dayOrNet: string): Row {
  const { options } = context;
  const { segment, segmentNumber, token, fields, instrument } = listingOf(context, position.instrument.id);
  const figures = figuresOf(context, position, segmentNumber);
  const head = {
    AccountID: clientId,
    TradingSymbol: displayNameOf(fields),
    ExchangeSegment: segment,
    ProductType: position.product,
    Marketlot: String(instrument.lot),
    Multiplier: fields[13] ?? '1',
    BuyAveragePrice: figures.buyAverage,
    SellAveragePrice: figures.sellAverage,
    UnrealizedMTM: figures.unrealized,
    RealizedMTM: figures.realized,
    MTM: figures.total,
    BEP: '0.00',
    SumOfTradedQuantityAndPriceBuy: figures.buyValue,
    SumOfTradedQuantityAndPriceSell: figures.sellValue,
  };
  const tail = { StatisticsLevel: 'ParentLevel', IsInterOpPosition: true, childPositions: {} };
  if (options.positionRows === 'present') return { ...head, ...presentNames(figures, token), ...tail };
  return {
    ...head,
    ExchangeInstrumentID: token,
    LongPosition: String(figures.bought),
    ShortPosition: String(figures.sold),
    NetPosition: String(figures.net),
    BuyValue: figures.buyValue,
    SellValue: figures.sellValue,
    NetValue: figures.netValue,
    UniqueKey: `${clientId}_${segment}_${token}_${position.product}_${dayOrNet}`,
    ...tail,
  };
}

/** The `d` of the id is small here, and large in orders. */
function presentNames(figures: Figures, token: string): Row {
  return {
    ExchangeInstrumentId: token,
    OpenBuyQuantity: String(figures.bought),
    OpenSellQuantity: String(figures.sold),
    Quantity: String(figures.net),
    BuyAmount: figures.buyValue,
    SellAmount: figures.sellValue,
    NetAmount: figures.netValue,
  };
}

function figuresOf(context: JainamContext, position: Position, segmentNumber: number): Figures {
  const { bought, buyAverage, sold, sellAverage, net, realized } = totalsOf(position);
  const { last } = marketOf(context, position.instrument.id);
  const unrealized = rupees(net * (last - (net >= 0 ? buyAverage : sellAverage)));
  const text = (amount: number): string => amountText(amount, segmentNumber);
  return {
    bought,
    sold,
    net,
    buyAverage: text(buyAverage),
    sellAverage: text(sellAverage),
    buyValue: text(bought * buyAverage),
    sellValue: text(sold * sellAverage),
    netValue: text(sold * sellAverage - bought * buyAverage),
    unrealized: text(unrealized),
    realized: text(realized),
    total: text(rupees(realized + unrealized)),
  };
}

/** DisplayName stands in another column for shares, futures and options. */
export function displayNameOf(fields: readonly string[]): string {
  switch (fields[2]) {
    case '1':
      return fields[17] ?? '';
    case '2':
      return fields[19] ?? '';
    default:
      return fields[14] ?? '';
  }
}
