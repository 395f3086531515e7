import { describe, expect, test } from 'vitest';
import { dhanCatalogue } from '../src/dhan/masters/catalogue.js';
import { fundsOf, totalsOf } from '../src/exchange/account.js';
import type { Account } from '../src/exchange/account.js';
import type { RecordedCommand } from '../src/exchange/exchange-command.js';
import { Exchange } from '../src/exchange/exchange.js';
import { TRADED_SEGMENTS } from '../src/exchange/instrument.js';
import type { Segment } from '../src/exchange/instrument.js';
import { createLedger } from '../src/exchange/ledger.js';
import type { Order, OrderTicket } from '../src/exchange/order.js';
import { steppingClock } from './support.js';

const RELIANCE = 'NSE_EQ:2885'; // starts at 1400
const NIFTY_FUTURE = 'NSE_FNO:900001'; // starts at 26000, lot 65, freeze 1756

interface Setup {
  readonly exchange: Exchange;
  readonly clock: ReturnType<typeof steppingClock>;
  readonly commands: RecordedCommand[];
  place(changes?: Partial<OrderTicket>): Order;
  placeAny(changes?: Partial<OrderTicket>): ReturnType<Exchange['place']>;
  account(clientId: string): Account;
  price(value: number): void;
}

interface SetupOptions {
  readonly liquidity?: number;
  readonly segments?: readonly Segment[];
}

function setup({ liquidity = Number.POSITIVE_INFINITY, segments = TRADED_SEGMENTS }: SetupOptions = {}): Setup {
  const clock = steppingClock();
  const commands: RecordedCommand[] = [];
  const { instruments } = dhanCatalogue({ syntheticContracts: true });
  const exchange = new Exchange({
    clock,
    instruments,
    liquidity,
    ledger: createLedger(),
    onCommand: (command) => commands.push(command),
  });
  for (const clientId of ['A', 'B', 'C']) {
    exchange.run({
      kind: 'open-account',
      terms: {
        broker: 'house',
        clientId,
        cash: 1_000_000,
        segments,
        dataPlan: true,
        holdings: [{ instrumentId: RELIANCE, quantity: 50, averagePrice: 1200 }],
      },
    });
  }
  const placeAny = (changes: Partial<OrderTicket> = {}) =>
    exchange.place({ ...TICKET, brokerOrderId: String(exchange.orderCount + 1), ...changes });
  return {
    exchange,
    clock,
    commands,
    placeAny,
    place(changes) {
      const result = placeAny(changes);
      if (result.kind === 'refused') throw new Error(`Refused: ${result.refusal}`);
      return result.order;
    },
    account(clientId) {
      const account = exchange.account('house', clientId);
      if (account === undefined) throw new Error(`There is no account ${clientId}`);
      return account;
    },
    price: (price) => exchange.run({ kind: 'set-price', instrumentId: RELIANCE, price }),
  };
}

const TICKET: OrderTicket = {
  broker: 'house',
  clientId: 'A',
  brokerOrderId: '',
  tag: '',
  instrumentId: RELIANCE,
  side: 'BUY',
  type: 'LIMIT',
  product: 'MIS',
  validity: 'DAY',
  quantity: 10,
  disclosedQuantity: 0,
  price: 1390,
  triggerPrice: 0,
  afterMarket: false,
  hiddenForMs: 0,
  wasMarket: false,
};

describe('matching', () => {
  test('fills a marketable order at the last price', () => {
    const { place } = setup();
    const order = place({ price: 1410 });
    expect(order).toMatchObject({ status: 'filled', filledQuantity: 10, filledValue: 14_000 });
  });

  test('rests an order below the market and fills it at its own price when the market gets there', () => {
    const { place, price } = setup();
    const order = place({ price: 1390 });
    expect(order.status).toBe('open');
    price(1385);
    expect(order).toMatchObject({ status: 'filled', filledValue: 13_900 });
  });

  test('serves the better price first and the older order next', () => {
    const { place, price } = setup({ liquidity: 25 });
    const late = place({ clientId: 'A', price: 1390 });
    const better = place({ clientId: 'B', price: 1391 });
    const later = place({ clientId: 'C', price: 1390 });
    price(1390);
    expect([better.filledQuantity, late.filledQuantity, later.filledQuantity]).toEqual([10, 10, 5]);
  });

  test('moves an order to the back of its price when its quantity grows, not when it shrinks', () => {
    const { exchange, place, price } = setup({ liquidity: 9 });
    const first = place({ clientId: 'A' });
    const second = place({ clientId: 'B' });
    exchange.modify({ broker: 'house', clientId: 'A', brokerOrderId: first.ticket.brokerOrderId }, { quantity: 9 });
    price(1390);
    expect([first.filledQuantity, second.filledQuantity]).toEqual([9, 0]);

    const third = place({ clientId: 'C' });
    exchange.modify({ broker: 'house', clientId: 'B', brokerOrderId: second.ticket.brokerOrderId }, { quantity: 11 });
    price(1390);
    expect([third.filledQuantity, second.filledQuantity]).toEqual([9, 0]);
  });

  test('fills in part when the market has less, and goes on at the next price', () => {
    const { place, price, account } = setup({ liquidity: 4 });
    const order = place({ price: 1400 });
    expect(order).toMatchObject({ status: 'open', filledQuantity: 4 });
    price(1399);
    price(1398);
    expect(order).toMatchObject({ status: 'filled', filledQuantity: 10 });
    expect(account('A').trades.map(({ quantity }) => quantity)).toEqual([4, 4, 2]);
  });

  test('lets two accounts trade with each other at the resting price, and never one with itself', () => {
    const { place } = setup({ liquidity: 0 });
    const own = place({ clientId: 'A', side: 'SELL', price: 1395 });
    const other = place({ clientId: 'B', side: 'SELL', price: 1396 });
    const buy = place({ clientId: 'A', price: 1396 });
    expect(buy).toMatchObject({ status: 'filled', filledValue: 13_960 });
    expect([own.filledQuantity, other.filledQuantity]).toEqual([0, 10]);
  });

  test('cancels what an IOC order could not fill at once', () => {
    const { place } = setup({ liquidity: 4 });
    expect(place({ price: 1400, validity: 'IOC' })).toMatchObject({ status: 'cancelled', filledQuantity: 4 });
  });
});

describe('stops', () => {
  test('waits for its trigger and then trades as a limit order', () => {
    const { place, price } = setup();
    const stop = place({ side: 'SELL', type: 'SL', triggerPrice: 1380, price: 1375 });
    expect(stop.status).toBe('trigger-pending');
    price(1381);
    expect(stop.status).toBe('trigger-pending');
    price(1379);
    expect(stop).toMatchObject({ status: 'filled', filledValue: 13_790 });
  });

  test('rests when the market has run past its limit', () => {
    const { place, price } = setup();
    const stop = place({ side: 'SELL', type: 'SL', triggerPrice: 1380, price: 1375 });
    price(1360);
    expect(stop).toMatchObject({ status: 'open', filledQuantity: 0 });
  });

  test('sells at any price when it has no limit', () => {
    const { place, price } = setup();
    const stop = place({ side: 'SELL', type: 'SL-M', triggerPrice: 1380, price: 0 });
    price(1360);
    expect(stop).toMatchObject({ status: 'filled', filledValue: 13_600 });
  });
});

describe('what is not taken', () => {
  const rejections: readonly (readonly [string, Partial<OrderTicket>])[] = [
    ['insufficient-margin', { quantity: 10_000 }],
    ['insufficient-holdings', { product: 'CNC', side: 'SELL', quantity: 51, price: 1400 }],
    ['off-tick', { price: 1390.07 }],
    ['off-tick', { type: 'SL', price: 1410, triggerPrice: 1405.03 }],
    ['outside-price-band', { price: 1000 }],
    ['off-lot', { instrumentId: NIFTY_FUTURE, product: 'NRML', quantity: 66, price: 26_000 }],
    ['above-freeze-quantity', { instrumentId: NIFTY_FUTURE, product: 'NRML', quantity: 1820, price: 26_000 }],
  ];
  test.each(rejections)('rejects for %s and leaves the ledger alone', (reason, changes) => {
    const { exchange, place } = setup();
    expect(place(changes)).toMatchObject({ status: 'rejected', rejection: reason });
    expect(exchange.ledger.entries()).toEqual([]);
  });

  const refusals: readonly (readonly [string, Partial<OrderTicket>])[] = [
    ['unknown-instrument', { instrumentId: 'NSE_EQ:1' }],
    ['unknown-instrument', { instrumentId: 'NSE_FNO:48704', product: 'NRML' }], // expired on 2026-10-27
    ['unknown-instrument', { instrumentId: 'INDEX:13' }],
    ['unknown-account', { clientId: 'nobody' }],
    ['stop-price-wrong-side', { type: 'SL', side: 'SELL', price: 1390, triggerPrice: 1380 }],
    ['stop-price-wrong-side', { type: 'SL', side: 'BUY', price: 1410, triggerPrice: 1420 }],
  ];
  test.each(refusals)('refuses for %s without recording an order', (refusal, changes) => {
    const { exchange, placeAny } = setup();
    expect(placeAny(changes)).toEqual({ kind: 'refused', refusal });
    expect(exchange.orderCount).toBe(0);
  });

  test('refuses in a segment the account does not have, and outside market hours', () => {
    const { placeAny, clock } = setup({ segments: ['NSE_FNO'] });
    expect(placeAny()).toEqual({ kind: 'refused', refusal: 'segment-disabled' });
    clock.setTo('2026-11-20T15:40:00+05:30');
    const late = placeAny({ instrumentId: NIFTY_FUTURE, product: 'NRML', quantity: 65, price: 25_000 });
    expect(late).toEqual({ kind: 'refused', refusal: 'market-closed' });
  });
});

describe('time', () => {
  test('keeps an after-market order waiting until the next opening, past weekend and holiday', () => {
    const { place, clock, exchange, account } = setup();
    clock.setTo('2026-11-23T16:00:00+05:30'); // Monday evening; Tuesday 24 is a holiday
    const order = place({ price: 1410, afterMarket: true });
    expect(order).toMatchObject({ status: 'waiting', exchangeOrderId: null });
    clock.setTo('2026-11-24T11:00:00+05:30');
    account('A');
    expect(order.status).toBe('waiting');
    clock.setTo('2026-11-25T09:15:00+05:30');
    account('A');
    expect(order).toMatchObject({ status: 'filled', filledQuantity: 10 });
    expect(exchange.ledger.entries()).toHaveLength(1);
  });

  test('expires a day order at the close and gives its funds back', () => {
    const { place, clock, account } = setup();
    const order = place();
    expect(fundsOf(account('A')).used).toBe(2_780);
    clock.setTo('2026-11-20T15:30:00+05:30');
    expect(fundsOf(account('A')).used).toBe(0);
    expect(order.status).toBe('expired');
  });

  test('turns delivered shares into holdings overnight', () => {
    const { place, clock, account } = setup();
    place({ product: 'CNC', price: 1400 });
    expect(account('A').holdings.get(RELIANCE)?.quantity).toBe(50);
    clock.setTo('2026-11-23T10:00:00+05:30');
    expect(account('A').holdings.get(RELIANCE)).toMatchObject({ quantity: 60 });
    expect(account('A').positions.size).toBe(0);
    expect(account('A').cash).toBe(1_000_000 - 14_000);
  });
});

describe('books', () => {
  test('moves position, profit and funds with the fills', () => {
    const { place, price, account } = setup();
    place({ price: 1400 });
    expect(fundsOf(account('A'))).toEqual({ available: 1_000_000 - 2_800, used: 2_800 });
    price(1420);
    place({ side: 'SELL', price: 1420 });
    const [position] = [...account('A').positions.values()];
    expect(position && totalsOf(position)).toMatchObject({ net: 0, realized: 200 });
    expect(fundsOf(account('A')).available).toBe(1_000_200);
  });

  test('needs no funds to close a position', () => {
    const { exchange, place, account } = setup();
    place({ price: 1400 });
    exchange.run({ kind: 'fund', broker: 'house', clientId: 'A', amount: -997_200 });
    expect(fundsOf(account('A')).available).toBe(0);
    expect(place({ side: 'SELL', price: 1400 }).status).toBe('filled');
  });

  test('takes delivered sales out of the holding', () => {
    const { place, account } = setup();
    place({ product: 'CNC', side: 'SELL', quantity: 20, price: 1400 });
    expect(account('A').holdings.get(RELIANCE)?.quantity).toBe(30);
  });
});

describe('modify and cancel', () => {
  test('reads the quantity as the new total, filled part included', () => {
    const { exchange, place } = setup({ liquidity: 4 });
    const order = place({ price: 1400 });
    const name = { broker: 'house', clientId: 'A', brokerOrderId: order.ticket.brokerOrderId };
    expect(exchange.modify(name, { quantity: 4 })).toEqual({ kind: 'refused', refusal: 'bad-terms' });
    expect(exchange.modify(name, { quantity: 8 }).kind).toBe('done');
    expect(order).toMatchObject({ quantity: 8, filledQuantity: 4, status: 'open' });
  });

  test('keeps a fired stop in the market when it is modified', () => {
    const { exchange, place, price } = setup();
    const stop = place({ side: 'SELL', type: 'SL', triggerPrice: 1380, price: 1375 });
    price(1360);
    price(1390);
    expect(stop.status).toBe('filled');
    const other = place({ side: 'SELL', type: 'SL', triggerPrice: 1380, price: 1378 });
    price(1360);
    price(1370);
    const name = { broker: 'house', clientId: 'A', brokerOrderId: other.ticket.brokerOrderId };
    exchange.modify(name, { price: 1370 });
    expect(other.status).toBe('filled');
  });

  test('cancels once, and a cancel of an ended order says so', () => {
    const { exchange, place } = setup();
    const order = place();
    const name = { broker: 'house', clientId: 'A', brokerOrderId: order.ticket.brokerOrderId };
    expect(exchange.cancel(name).kind).toBe('done');
    expect(exchange.cancel(name)).toEqual({ kind: 'refused', refusal: 'not-working' });
  });

  test('takes no more than 25 modifications', () => {
    const { exchange, place } = setup();
    const order = place();
    const name = { broker: 'house', clientId: 'A', brokerOrderId: order.ticket.brokerOrderId };
    const kinds = Array.from({ length: 26 }, (_, step) => exchange.modify(name, { price: 1380 - step }).kind);
    expect(kinds.indexOf('refused')).toBe(25);
  });
});

describe('ledger', () => {
  test('writes one entry per accepted order, repeats of a tag included, and never changes one', () => {
    const { exchange, place, price } = setup();
    place({ tag: 'same' });
    place({ tag: 'same' });
    const before = structuredClone(exchange.ledger.entries());
    price(1380);
    place({ price: 1000 });
    expect(exchange.ledger.entries()).toEqual(before);
    expect(before.map(({ sequence, tag }) => [sequence, tag])).toEqual([
      [1, 'same'],
      [2, 'same'],
    ]);
    expect(Object.isFrozen(exchange.ledger.entries()[0])).toBe(true);
  });

  test('is the same after the recorded commands ran again', () => {
    const first = setup({ liquidity: 3 });
    first.place({ price: 1400 });
    first.clock.advance(5_000);
    first.place({ clientId: 'B', side: 'SELL', price: 1400 });
    first.price(1395);
    first.place({ side: 'SELL', type: 'SL', triggerPrice: 1380, price: 1375 });
    first.price(1370);

    const replayed = new Exchange({
      clock: first.clock,
      instruments: dhanCatalogue({ syntheticContracts: true }).instruments,
      liquidity: 3,
      ledger: createLedger(),
      onCommand: () => undefined,
    });
    replayed.replay(first.commands);
    expect(replayed.ledger.entries()).toEqual(first.exchange.ledger.entries());
    expect(replayed.accounts()).toEqual(first.exchange.accounts());
  });
});
