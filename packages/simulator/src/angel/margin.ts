import { parseBody, numberOf, textOf } from '../body.js';
import type { Body } from '../body.js';
import type { Account } from '../exchange/account.js';
import { requiredFunds } from '../exchange/admission.js';
import { rupees } from '../exchange/instrument.js';
import type { Instrument } from '../exchange/instrument.js';
import type { Product, Side } from '../exchange/order.js';
import type { Reply } from '../wire.js';
import type { AngelContext, AngelUserCall } from './context.js';
import { marketOf } from './context.js';
import { ok, serviceError } from './replies.js';
import { PRODUCTS } from './words.js';

const MOST_POSITIONS = 50;

/** `POST margin/v1/batch`: what the pretend exchange would hold back for each; no benefit for pairs, no SPAN. */
export function marginBatch(context: AngelContext, call: AngelUserCall): Reply {
  const asked = listIn(call.bodyText, 'positions');
  if (asked === undefined || asked.length === 0 || asked.length > MOST_POSITIONS) return serviceError('AB1007');
  const legs: Leg[] = [];
  for (const body of asked) {
    const leg = readLeg(context, call, body);
    if (leg === undefined) return serviceError('AB1007');
    legs.push(leg);
  }
  const options = legs.filter(({ instrument, side }) => isOption(instrument) && side === 'BUY');
  const derivatives = legs.filter((leg) => leg.instrument.contract !== null && !options.includes(leg));
  const delivered = legs.filter(({ instrument, product }) => instrument.contract === null && product === 'CNC');
  const others = legs.filter(({ instrument, product }) => instrument.contract === null && product !== 'CNC');
  return ok({
    totalMarginRequired: total(legs),
    marginComponents: {
      netPremium: total(options),
      spanMargin: total(derivatives),
      marginBenefit: 0,
      deliveryMargin: total(delivered),
      nonNFOMargin: total(others),
      totOptionsPremium: total(options),
    },
    marginBreakup: breakup(legs),
    optionsBuy: {
      totOptionsPremium: total(options),
      optionDetails: options.map(({ exchange, productType, token, instrument, required }) => ({
        exchange,
        productType,
        token,
        lotMultiplier: instrument.lot,
        optionPremium: required,
      })),
    },
  });
}

/** `POST estimateCharges`: the value of the orders; charges are not pretended and read 0. */
export function estimateCharges(_context: AngelContext, call: AngelUserCall): Reply {
  const orders = listIn(call.bodyText, 'orders');
  if (orders === undefined || orders.length === 0) return serviceError('AB1007');
  let value = 0;
  for (const order of orders) {
    const quantity = numberOf(order, 'quantity');
    const price = numberOf(order, 'price');
    if (quantity === undefined || quantity <= 0 || price === undefined || price < 0) return serviceError('AB1007');
    value += quantity * price;
  }
  return ok({ summary: { total_charges: 0, trade_value: rupees(value), breakup: [] }, charges: [] });
}

interface Leg {
  readonly exchange: string;
  readonly productType: string;
  readonly token: string;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly product: Product;
  /** Rupees. */
  readonly required: number;
}

function readLeg(context: AngelContext, call: { account: Account; atMs: number }, body: Body): Leg | undefined {
  const exchange = textOf(body, 'exchange') ?? '';
  const token = textOf(body, 'token') ?? '';
  const productType = textOf(body, 'productType') ?? '';
  const side = textOf(body, 'tradeType');
  const quantity = numberOf(body, 'qty');
  const price = numberOf(body, 'price');
  const listing = context.catalogue.find(exchange, token, call.atMs);
  const product = PRODUCTS[productType];
  if (listing === undefined || product === undefined || (side !== 'BUY' && side !== 'SELL')) return undefined;
  if (quantity === undefined || quantity <= 0 || price === undefined || price < 0) return undefined;
  const market = marketOf(context, listing.instrument.id);
  const terms = { type: 'LIMIT', quantity, price, triggerPrice: 0 } as const;
  const required = rupees(requiredFunds(call.account, market, { side, product }, terms));
  return { exchange, productType, token, instrument: listing.instrument, side, product, required };
}

/** One entry for each exchange and product. */
function breakup(legs: readonly Leg[]) {
  const groups = new Map<string, Leg[]>();
  for (const leg of legs) {
    const key = `${leg.exchange}/${leg.productType}`;
    groups.set(key, [...(groups.get(key) ?? []), leg]);
  }
  return [...groups.values()].map((group) => ({
    exchange: group[0]?.exchange,
    productType: group[0]?.productType,
    totalMarginRequired: total(group),
  }));
}

function total(legs: readonly Leg[]): number {
  return rupees(legs.reduce((sum, { required }) => sum + required, 0));
}

function isOption({ contract }: Instrument): boolean {
  return contract !== null && contract.kind !== 'FUT';
}

/** The objects of a list in the body; `undefined` when there is no such list, or not of objects. */
function listIn(bodyText: string, key: string): readonly Body[] | undefined {
  const value = parseBody(bodyText)?.[key];
  if (!Array.isArray(value)) return undefined;
  const bodies = value.map((item: unknown) => parseBody(JSON.stringify(item)));
  return bodies.every((body) => body !== undefined) ? bodies : undefined;
}
