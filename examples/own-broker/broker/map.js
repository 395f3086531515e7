import { AlgoError, createWireReader, parseIst, toPaise } from '@algo/core/adapter';

/** Words, money and time change form in this file and nowhere else. */
const reader = createWireReader('monsoon');
const { fieldsOf, numberOf, optionalNumber, optionalText, quantityOf, rowsOf, textOf, unreadable, wholeOf } = reader;

const fail = (error) => {
  throw error;
};
const invalid = (field, problem) => fail(new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] }));
export const notSupported = (what) => fail(new AlgoError('ALGO_NOT_SUPPORTED', { broker: 'monsoon', what }));

/** Monsoon's words and ours. A `Map`, since a word such as `constructor` must find nothing. */
export const words = (pairs) => new Map(pairs.split(/\s+/).map((pair) => pair.split('=')));
const WORDS = {
  side: words('B=BUY S=SELL'),
  type: words('MKT=MARKET LMT=LIMIT STOP=SL'),
  product: words('DELIVERY=CNC DAYTRADE=MIS CARRY=NRML'),
  validity: words('DAY=DAY NOW=IOC'),
};
const STATUSES = words(`RECEIVED=PENDING LIVE=OPEN WAITING=TRIGGER_PENDING PARTLY=PARTIALLY_FILLED DONE=FILLED
  WITHDRAWN=CANCELLED REFUSED=REJECTED LAPSED=EXPIRED`);
const toWord = (name, ours) => [...WORDS[name]].find(([, word]) => word === ours)?.[0] ?? notSupported(ours);
const fromWord = (row, name) => WORDS[name].get(textOf(row, name)) ?? fail(unreadable(`${name} is not a known word`));

/** A tag that Monsoon takes whole; an order id, which will stand in a path where nothing else may. */
export const checked = (field, id) =>
  /^\w{1,20}$/.test(id) ? id : invalid(field, 'must be 1 to 20 letters or digits');
const paise = (price) => (price === null ? null : (toPaise(price) ?? invalid('price', 'must be whole paise')));

export function toOrder(order) {
  const { segment, token, contract } = order.listing;
  if (contract.kind === 'index') notSupported('orders in an index');
  const what = { segment, token, side: toWord('side', order.side), product: toWord('product', order.product) };
  return { ref: checked('tag', order.tag), ...what, ...toTerms(order) };
}

/** What a change may change. `quantity` is units and the new total, here as there. */
export function toTerms({ quantity, type, price, triggerPrice, validity }) {
  const prices = { price: paise(price), triggerPrice: paise(triggerPrice) };
  return { quantity, type: toWord('type', type), validity: toWord('validity', validity), ...prices };
}

/** Readers of several fields at once, for those that Monsoon names as we do. */
function each(read) {
  return (data, ...names) => Object.fromEntries(names.map((name) => [name, read(fieldsOf(data, 'a row'), name)]));
}
export const needed = each(textOf);
const texts = each(optionalText);
const ourWords = each(fromWord);
const units = each(quantityOf);
const rupees = each((row, name) => numberOf(row, name) / 100);
const pricesIfAny = each((row, name) => (optionalNumber(row, name) ?? 0) / 100 || null);

function contractOf(row, instruments) {
  const { segment, token, symbol } = needed(row, 'segment', 'token', 'symbol');
  const product = WORDS.product.get(row.product) ?? null; // orders made elsewhere may have one without a word of ours
  return { instrument: instruments.byToken(segment, token)?.instrument ?? null, symbol, product };
}

export function fromOrder(row, instruments, logger) {
  const { id: brokerOrderId, state: brokerStatus, placed, changed } = needed(row, 'id', 'state', 'placed', 'changed');
  if (!STATUSES.has(brokerStatus)) logger.warn('monsoon.status-unknown', { brokerStatus });
  const state = { brokerStatus, status: STATUSES.get(brokerStatus) ?? 'PENDING' }; // a new word ends no order
  const times = { placedAtMs: parseIst(placed), updatedAtMs: parseIst(changed) };
  const prices = pricesIfAny(row, 'price', 'triggerPrice', 'averagePrice');
  const amounts = { ...units(row, 'quantity', 'filledQuantity'), ...prices };
  const ids = { brokerOrderId, tag: optionalText(row, 'ref'), ...texts(row, 'exchangeOrderId', 'reason') };
  const terms = { ...ourWords(row, 'side', 'type', 'validity'), ...amounts };
  return { ...ids, ...contractOf(row, instruments), ...terms, ...state, ...times };
}

export function fromBook(data, instruments, logger) {
  const rows = rowsOf(data, 'the book');
  const orders = rows.flatMap((row) => {
    try {
      return [fromOrder(row, instruments, logger)];
    } catch {
      return []; // such a book is incomplete: it proves no order absent
    }
  });
  return { orders, complete: orders.length === rows.length };
}

export const fromTrades = (data, instruments) =>
  rowsOf(data, 'the trades').map((row) => {
    const { id: tradeId, order: brokerOrderId, at } = needed(row, 'id', 'order', 'at');
    const fill = { ...ourWords(row, 'side'), ...units(row, 'quantity'), ...rupees(row, 'price') };
    const ids = { tradeId, brokerOrderId, exchangeOrderId: null };
    return { ...ids, ...contractOf(row, instruments), ...fill, tradedAtMs: parseIst(at) };
  });

export const fromPositions = (data, instruments) =>
  rowsOf(data, 'the positions').map((row) => ({
    ...contractOf(row, instruments),
    quantity: wholeOf(fieldsOf(row, 'a position'), 'quantity'), // negative when short
    ...units(row, 'boughtQuantity', 'soldQuantity'),
    ...rupees(row, 'averageBuyPrice', 'averageSellPrice', 'realizedProfit', 'unrealizedProfit'),
  }));

export const fromHoldings = (data, instruments) =>
  rowsOf(data, 'the holdings').map((row) => {
    const { instrument, symbol } = contractOf(row, instruments);
    const held = { ...units(row, 'quantity', 'availableQuantity', 'pledgedQuantity'), ...rupees(row, 'averagePrice') };
    return { instrument, symbol, ...texts(row, 'isin'), ...held, lastPrice: null };
  });

export const fromFunds = (data) => rupees(data, 'available', 'used', 'collateral', 'withdrawable', 'openingBalance');
