import type { Body } from '../body.js';
import type { OrderType, Product, Side, Validity } from '../exchange/order.js';
import type { FieldReader } from './fields.js';
import { createFieldReader } from './fields.js';
import type { ResolvedJainamOptions } from './options.js';
import type { Problem } from './replies.js';
import type { SegmentName } from './words.js';
import { ORDER_TYPES, SEGMENT_NAMES, SIDES, VALIDITIES, productsOf } from './words.js';

/** The part that placing and modifying share. Prices are rupees, 0 where unused; quantity is units. */
export interface OrderTerms {
  readonly product: Product;
  readonly type: OrderType;
  readonly validity: Validity;
  readonly quantity: number;
  readonly disclosedQuantity: number;
  readonly price: number;
  readonly triggerPrice: number;
}

/** A place body that XTS would read. */
export interface PlaceRequest extends OrderTerms {
  readonly segment: SegmentName;
  readonly token: string;
  readonly side: Side;
  readonly tag: string;
}

export interface ModifyRequest extends OrderTerms {
  readonly appOrderId: string;
}

export interface BadFields {
  readonly problems: readonly Problem[];
}

/** Longest `orderUniqueIdentifier` (official documents). */
const TAG_LENGTH = 20;

type Request = Pick<ResolvedJainamOptions, 'mtf'>;

/** `apiOrderSource` and other fields of newer clients are not looked at; numbers may come as text. */
export function readPlace(body: Body, options: Request): PlaceRequest | BadFields {
  const reader = createFieldReader(body);
  const segment = reader.word('exchangeSegment', SEGMENT_NAMES);
  const token = reader.whole('exchangeInstrumentID');
  const side = reader.word('orderSide', SIDES);
  const tag = reader.text('orderUniqueIdentifier', TAG_LENGTH);
  const terms = readTerms(reader, options, PLACE_NAMES);
  const { problems } = reader;
  if (segment === undefined || token === undefined || side === undefined) return { problems };
  if (tag === undefined || terms === undefined) return { problems };
  return { segment, token: String(token), side, tag, ...terms };
}

/** The tag that comes along is not looked at: an order keeps the one it was placed with. */
export function readModify(body: Body, options: Request): ModifyRequest | BadFields {
  const reader = createFieldReader(body);
  const appOrderId = reader.whole('appOrderID');
  const terms = readTerms(reader, options, MODIFY_NAMES);
  if (appOrderId === undefined || terms === undefined) return { problems: reader.problems };
  return { appOrderId: String(appOrderId), ...terms };
}

interface TermNames {
  readonly product: string;
  readonly type: string;
  readonly validity: string;
  readonly quantity: string;
  readonly disclosed: string;
  readonly price: string;
  readonly trigger: string;
}

const PLACE_NAMES: TermNames = {
  product: 'productType',
  type: 'orderType',
  validity: 'timeInForce',
  quantity: 'orderQuantity',
  disclosed: 'disclosedQuantity',
  price: 'limitPrice',
  trigger: 'stopPrice',
};

const MODIFY_NAMES: TermNames = {
  product: 'modifiedProductType',
  type: 'modifiedOrderType',
  validity: 'modifiedTimeInForce',
  quantity: 'modifiedOrderQuantity',
  disclosed: 'modifiedDisclosedQuantity',
  price: 'modifiedLimitPrice',
  trigger: 'modifiedStopPrice',
};

/** Every field has to be there; prices that the order type does not use are ignored, as the official example needs. */
function readTerms(reader: FieldReader, options: Request, names: TermNames): OrderTerms | undefined {
  const product = reader.word(names.product, productsOf(options.mtf));
  const type = reader.word(names.type, ORDER_TYPES);
  const validity = reader.word(names.validity, VALIDITIES);
  const quantity = reader.whole(names.quantity);
  const disclosedQuantity = reader.whole(names.disclosed);
  const price = reader.amount(names.price);
  const triggerPrice = reader.amount(names.trigger);
  if (product === undefined || type === undefined || validity === undefined) return undefined;
  if (quantity === undefined || disclosedQuantity === undefined) return undefined;
  if (price === undefined || triggerPrice === undefined) return undefined;

  const needsPrice = type === 'LIMIT' || type === 'SL';
  const needsTrigger = type === 'SL' || type === 'SL-M';
  const more = (name: string): void => reader.complain(name, 'must be larger than 0', 'number.min');
  if (quantity === 0) more(names.quantity);
  if (needsPrice && price === 0) more(names.price);
  if (needsTrigger && triggerPrice === 0) more(names.trigger);
  if (disclosedQuantity > quantity) reader.complain(names.disclosed, 'must not exceed the quantity', 'number.max');
  if (reader.problems.length > 0) return undefined;
  return {
    product,
    type,
    validity,
    quantity,
    disclosedQuantity,
    price: needsPrice ? price : 0,
    triggerPrice: needsTrigger ? triggerPrice : 0,
  };
}
