import { describe, expect, onTestFinished, test } from 'vitest';
import type { AngelClient } from './angel-support.js';
import { angelFixture, changeOf, loggedIn, refusalOf, sampleRow, shapeOf, startedAngel } from './angel-support.js';
import type { Row } from './support.js';
import { rowOf, rowsOf, steppingClock } from './support.js';

const taking = { marketOrders: 'take', iocOrders: 'take' } as const;

const cancel = (client: AngelClient, orderid: unknown, variety = 'NORMAL') =>
  client.post('order/v1/cancelOrder', { variety, orderid });

const modify = (client: AngelClient, orderid: unknown, changes: Row = {}) =>
  client.post('order/v1/modifyOrder', changeOf(orderid, changes));

describe('placing', () => {
  test('answers two ids, and shows the order with the fields and types of a recorded row', async () => {
    const { simulator, client } = await startedAngel(onTestFinished, {}, { clock: steppingClock() });
    const { json } = await client.place({ ordertag: 'TAG1' });
    expect(shapeOf(json)).toEqual(shapeOf(angelFixture('order_place_200.json')));
    const placed = rowOf(rowOf(json)['data']);
    expect(shapeOf(placed)).toEqual(shapeOf(sampleRow('order_place_200.json')));
    expect(placed).toEqual({
      script: 'RELIANCE-EQ',
      orderid: expect.stringMatching(/^261120\d{9}$/),
      uniqueorderid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });

    const [row] = await client.book();
    const { clientcode: _client, ...recorded } = rowOf(angelFixture('postback.json'));
    // The ids are in newer documents only; both are texts.
    expect(shapeOf(row)).toEqual(shapeOf({ ...recorded, uniqueorderid: '', exchangeorderid: '' }));
    expect(row).toMatchObject({
      ordertag: 'TAG1',
      status: 'open',
      orderstatus: 'open',
      ordertype: 'LIMIT',
      producttype: 'INTRADAY',
      tradingsymbol: 'RELIANCE-EQ',
      symboltoken: '2885',
      price: 1390,
      strikeprice: -1,
      unfilledshares: '10',
      updatetime: '20-Nov-2026 10:00:00',
      uniqueorderid: placed['uniqueorderid'],
    });
    expect(simulator.ledger()).toMatchObject([{ broker: 'angel', tag: 'TAG1', quantity: 10, price: 1390 }]);
  });

  test('prints rows as the older documents do when told so', async () => {
    const { client } = await startedAngel(onTestFinished, { orderRows: 'documented', uniqueOrderIds: 'same' });
    const placed = await client.placed();
    expect(placed['uniqueorderid']).toBe(placed['orderid']);
    await cancel(client, placed['orderid']);
    const [row] = await client.book();
    expect(shapeOf(row)).toEqual(shapeOf(sampleRow('order_book_200.json')));
    expect(row).toMatchObject({ price: '1390.00', triggerprice: '0', cancelsize: '10', status: 'cancelled' });
    expect(row).toMatchObject({ orderid: Number(placed['orderid']), symboltoken: null });
  });

  test('takes the documents’ own request, and rejects its price in the book', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const { json } = await client.post('order/v1/placeOrder', angelFixture('order_place_request.json'));
    const { orderid } = rowOf(rowOf(json)['data']);
    expect(await client.row(orderid)).toMatchObject({
      orderstatus: 'rejected',
      text: expect.stringMatching(/circuit/),
      price: 19_500,
    });
    expect(simulator.ledger()).toEqual([]);
  });

  test('takes numbers for texts, and texts that nothing reads', async () => {
    const { client } = await startedAngel(onTestFinished);
    const { orderid } = await client.placed({ price: 1390.5, quantity: 3, trailingStopLoss: '0', whatever: 'x' });
    expect(await client.row(orderid)).toMatchObject({ price: 1390.5, quantity: '3', orderstatus: 'open' });
  });

  test('takes an order that it cannot pay, and rejects it in the book', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const { orderid } = await client.placed({ quantity: '100000' });
    expect(await client.row(orderid)).toMatchObject({
      status: 'rejected',
      orderstatus: 'rejected',
      text: 'Insufficient Funds. Available funds - Rs. 1000000.00 . You require Rs. 27800000.00 funds',
      exchangeorderid: '',
      exchtime: '',
    });
    expect(simulator.ledger()).toEqual([]);
  });

  test('takes MARKET, stops at the market and IOC, and rejects them in the book, unless told to let them trade', async () => {
    const odd = [
      { ordertype: 'MARKET', price: '0' },
      { ordertype: 'STOPLOSS_MARKET', variety: 'STOPLOSS', price: '0', triggerprice: '1410' },
      { duration: 'IOC', price: '1400' },
    ];
    const strict = await startedAngel(onTestFinished);
    const lenient = await startedAngel(onTestFinished, taking);
    const states = ['complete', 'trigger pending', 'complete'];
    for (const [index, changes] of odd.entries()) {
      const { orderid } = await strict.client.placed(changes);
      expect(await strict.client.row(orderid)).toMatchObject({
        orderstatus: 'rejected',
        text: expect.stringMatching(/(MARKET|IOC) orders are not allowed/),
      });
      const taken = await lenient.client.placed(changes);
      expect(await lenient.client.row(taken['orderid'])).toMatchObject({ orderstatus: states[index] });
    }
    expect(strict.simulator.ledger()).toEqual([]);
  });

  test('does not refuse a repeated tag: the book and the ledger hold both', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    await client.placed({ ordertag: 'TWICE' });
    await client.placed({ ordertag: 'TWICE' });
    expect((await client.book()).map((row) => row['ordertag'])).toEqual(['TWICE', 'TWICE']);
    expect(simulator.ledger().map(({ tag }) => tag)).toEqual(['TWICE', 'TWICE']);
  });

  test('refuses a tag of 21 characters exactly as recorded, or a shorter one when told so', async () => {
    const { client } = await startedAngel(onTestFinished);
    const sample = rowsOf(angelFixture('errors.json')).find((row) => JSON.stringify(row).includes('AB4008'));
    expect(await client.place({ ordertag: 'A'.repeat(21) })).toEqual({ status: 200, json: sample?.['body'] });
    expect((await client.place({ ordertag: 'A'.repeat(20) })).json).toMatchObject({ status: true });
    const shorter = await startedAngel(onTestFinished, { longestTag: 15 });
    expect(refusalOf(await shorter.client.place({ ordertag: 'A'.repeat(16) }))[1]).toBe('AB4008');
    expect((await shorter.client.place({ ordertag: 'A'.repeat(15) })).json).toMatchObject({ status: true });
  });

  const bad: readonly (readonly [string, Row, string])[] = [
    ['the blocked variety', { variety: 'ROBO' }, 'AB2002'],
    ['an unknown variety', { variety: 'COVER' }, 'AB1008'],
    ['a stop under NORMAL', { ordertype: 'STOPLOSS_LIMIT', triggerprice: '1385' }, 'AB1008'],
    ['a limit order under STOPLOSS', { variety: 'STOPLOSS' }, 'AB1008'],
    ['no token', { symboltoken: '' }, 'AB4018'],
    ['an unknown token', { symboltoken: '1' }, 'AB1009'],
    ['the token of another symbol', { tradingsymbol: 'SBIN-EQ' }, 'AB1009'],
    ['the right token at another exchange', { exchange: 'BSE' }, 'AB1009'],
    ['an unknown product', { producttype: 'CNC' }, 'AB1012'],
    ['a product of derivatives for a share', { producttype: 'CARRYFORWARD' }, 'AB1012'],
    ['an index', { symboltoken: '99926000', tradingsymbol: 'Nifty 50' }, 'AB1009'],
    ['an unknown side', { transactiontype: 'B' }, 'AB1007'],
    ['an unknown order type', { ordertype: 'SL' }, 'AB1007'],
    ['an unknown duration', { duration: 'GTC' }, 'AB1007'],
    ['quantity 0', { quantity: '0' }, 'AB1007'],
    ['half a share', { quantity: '1.5' }, 'AB1007'],
    ['more disclosed than ordered', { disclosedquantity: '11' }, 'AB1007'],
    ['a limit order without price', { price: '0' }, 'AB1007'],
    ['a stop without trigger', { variety: 'STOPLOSS', ordertype: 'STOPLOSS_LIMIT' }, 'AB1007'],
    ['a price in words', { price: 'cheap' }, 'AB1007'],
    ['a tag with a dash', { ordertag: 'A-1' }, 'AB1007'],
    [
      'a stop on the wrong side',
      { variety: 'STOPLOSS', ordertype: 'STOPLOSS_LIMIT', price: '1390', triggerprice: '1395' },
      'AB1007',
    ],
  ];
  test.each(bad)('refuses %s', async (_name, changes, code) => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const reply = await client.place(changes);
    expect([reply.status, refusalOf(reply)[0], refusalOf(reply)[1]]).toEqual([200, false, code]);
    expect(simulator.exchange.orders()).toEqual([]);
  });

  test('wants consent for a scrip on the cautionary list', async () => {
    const { client } = await startedAngel(onTestFinished, { cautionary: ['RELIANCE-EQ'] });
    expect(refusalOf(await client.place())[1]).toBe('AB4036');
    expect((await client.place({ scripconsent: 'yes' })).json).toMatchObject({ status: true });
  });

  test('refuses in a segment that is not enabled, and commands from an unregistered address', async () => {
    const account = { clientId: 'A1000001', segments: ['NSE_FNO'] as const };
    const narrow = await startedAngel(onTestFinished, { account });
    expect(refusalOf(await narrow.client.place())).toEqual([false, 'AB1007', expect.stringContaining('segment')]);

    const { client } = await startedAngel(onTestFinished, { staticIp: 'refuse' });
    expect(refusalOf(await client.place())).toEqual([false, '', expect.stringContaining('IP')]);
    expect(refusalOf(await cancel(client, '1'))).toEqual([false, '', expect.stringContaining('IP')]);
    expect(refusalOf(await modify(client, '1'))).toEqual([false, '', expect.stringContaining('IP')]);
    expect((await client.get('order/v1/getOrderBook')).json).toMatchObject({ status: true });
  });
});

describe('derivatives and stops', () => {
  const option = {
    exchange: 'NFO',
    tradingsymbol: 'NIFTY01DEC2626000CE',
    symboltoken: '900002',
    producttype: 'CARRYFORWARD',
    quantity: '65',
    price: '100',
  };

  test('counts options in units, and shows strike, side and expiry of the contract', async () => {
    const { client } = await startedAngel(onTestFinished);
    const { orderid } = await client.placed(option);
    expect(await client.row(orderid)).toMatchObject({
      orderstatus: 'open',
      exchange: 'NFO',
      instrumenttype: 'OPTIDX',
      strikeprice: 26_000,
      optiontype: 'CE',
      expirydate: '01DEC2026',
      lotsize: '65',
      quantity: '65',
    });
    const offLot = await client.placed({ ...option, quantity: '64' });
    expect(await client.row(offLot['orderid'])).toMatchObject({
      orderstatus: 'rejected',
      text: expect.stringMatching(/lot/),
    });
    const frozen = await client.placed({ ...option, quantity: String(65 * 28) });
    expect(await client.row(frozen['orderid'])).toMatchObject({ text: expect.stringMatching(/freeze/) });
  });

  test('holds a stop under STOPLOSS until its trigger, and tells apart what was modified', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const stop = { variety: 'STOPLOSS', ordertype: 'STOPLOSS_LIMIT', price: '1415', triggerprice: '1410' };
    const { orderid } = await client.placed(stop);
    const pending = { variety: 'STOPLOSS', ordertype: 'STOPLOSS_LIMIT', triggerprice: 1410 };
    expect(await client.row(orderid)).toMatchObject({ ...pending, orderstatus: 'trigger pending' });
    expect((await modify(client, orderid, { ...stop, triggerprice: '1411' })).json).toMatchObject({ status: true });
    expect(await client.row(orderid)).toMatchObject({ status: 'modified', orderstatus: 'trigger pending' });
    expect(refusalOf(await cancel(client, orderid))[1]).toBe('AB1008');
    simulator.exchange.setLastPrice('RELIANCE', 1412);
    expect(await client.row(orderid)).toMatchObject({
      orderstatus: 'complete',
      status: 'complete',
      averageprice: 1412,
    });
  });

  test('refuses a contract that has expired', async () => {
    const { client } = await startedAngel(
      onTestFinished,
      {},
      { clock: steppingClock(Date.parse('2026-12-02T10:00:00+05:30')) },
    );
    expect(refusalOf(await client.place(option))[1]).toBe('AB1009');
  });
});

describe('changing', () => {
  test('modifies with every field sent again; the quantity is the total', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const { orderid, uniqueorderid } = await client.placed();
    simulator.exchange.fill(String(orderid), 4, 1390);
    expect(Object.keys(changeOf(orderid)).sort()).toEqual(
      Object.keys(rowOf(angelFixture('order_modify_request.json'))).sort(),
    );
    const { json } = await modify(client, orderid, { price: '1391', quantity: '20' });
    expect(shapeOf(json)).toEqual(shapeOf(angelFixture('order_modify_200.json')));
    expect(rowOf(json)['data']).toEqual({ orderid, uniqueorderid });
    expect(await client.row(orderid)).toMatchObject({
      price: 1391,
      quantity: '20',
      filledshares: '4',
      unfilledshares: '16',
      orderstatus: 'open',
      status: 'modified',
    });
  });

  test('refuses to make it another product, instrument, type or nothing at all', async () => {
    const { client } = await startedAngel(onTestFinished);
    const { orderid } = await client.placed();
    const codeOf = async (changes: Row) => refusalOf(await modify(client, orderid, changes))[1];
    expect(await codeOf({ producttype: 'DELIVERY' })).toBe('AB1012');
    expect(await codeOf({ tradingsymbol: 'SBIN-EQ', symboltoken: '3045' })).toBe('AB1009');
    expect(await codeOf({ ordertype: 'MARKET', price: '0' })).toBe('AB1007');
    expect(await codeOf({ variety: 'STOPLOSS' })).toBe('AB1008');
    expect(await codeOf({ variety: 'AMO' })).toBe('AB1008');
    expect(await codeOf({ quantity: '0' })).toBe('AB1007');
    expect(await codeOf({ price: '2000' })).toBe('AB1007');
    expect(refusalOf(await modify(client, '261120000009999'))[1]).toBe('AB1013');
    expect(await client.row(orderid)).toMatchObject({ price: 1390, status: 'open' });
  });

  test('cancels, keeps what was filled, and refuses to cancel twice', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const { orderid, uniqueorderid } = await client.placed();
    simulator.exchange.fill(String(orderid), 4, 1390);
    const request = { ...rowOf(angelFixture('order_cancel_request.json')), orderid };
    const { json } = await client.post('order/v1/cancelOrder', request);
    // No cancel answer is published: it has the shape of a modification's.
    expect(shapeOf(json)).toEqual(shapeOf(angelFixture('order_modify_200.json')));
    expect(rowOf(json)['data']).toEqual({ orderid, uniqueorderid });
    expect(await client.row(orderid)).toMatchObject({
      orderstatus: 'cancelled',
      filledshares: '4',
      unfilledshares: '6',
      cancelsize: '6',
    });
    expect(refusalOf(await cancel(client, orderid))).toEqual([false, 'AB1007', 'Order is not open']);
    expect(refusalOf(await cancel(client, '1'))).toEqual([false, 'AB1013', 'Order not found']);
  });
});

describe('after hours', () => {
  const evening = () => steppingClock(Date.parse('2026-11-20T20:00:00+05:30'));

  test('lets an order wait for the opening, cancels it under any of its names, and sends it in the morning', async () => {
    const clock = evening();
    const { client, simulator } = await startedAngel(onTestFinished, {}, { clock });
    const waiting = await client.placed();
    const gone = await client.placed();
    expect(await client.row(waiting['orderid'])).toMatchObject({
      variety: 'AMO',
      orderstatus: 'after market order req received',
      exchtime: '',
    });
    expect((await cancel(client, gone['orderid'], 'NORMAL')).json).toMatchObject({ status: true });
    expect(await client.row(gone['orderid'])).toMatchObject({ orderstatus: 'cancelled after market order' });
    expect(refusalOf(await modify(client, waiting['orderid'], { price: '1380' }))[2]).toBe('Adapter is Logged Off');

    clock.setTo('2026-11-23T09:15:00+05:30');
    const morning = await loggedIn(simulator);
    expect(await morning.row(waiting['orderid'])).toMatchObject({
      orderstatus: 'open',
      exchtime: '23-Nov-2026 09:15:00',
    });
    expect((await cancel(morning, waiting['orderid'], 'AMO')).json).toMatchObject({ status: true });
  });

  test('takes the AMO variety, and refuses the others at night when told so', async () => {
    const { client } = await startedAngel(onTestFinished, { afterHours: 'refuse' }, { clock: evening() });
    expect(refusalOf(await client.place())).toEqual([false, 'AB1007', 'Adapter is Logged Off']);
    const { orderid } = await client.placed({ variety: 'AMO' });
    expect(await client.row(orderid)).toMatchObject({ variety: 'AMO' });
  });

  test('ends what nobody filled as cancelled, or as rejected when told so', async () => {
    for (const unfilledAtClose of ['cancelled', 'rejected'] as const) {
      const clock = steppingClock();
      const { client } = await startedAngel(onTestFinished, { unfilledAtClose }, { clock });
      const { orderid } = await client.placed();
      clock.setTo('2026-11-20T15:30:00+05:30');
      expect(await client.row(orderid)).toMatchObject({
        orderstatus: unfilledAtClose,
        text: expect.stringContaining('validity'),
        updatetime: '20-Nov-2026 15:30:00',
      });
    }
  });
});

describe('reading', () => {
  test('says null for an empty book', async () => {
    const { client } = await startedAngel(onTestFinished);
    expect((await client.get('order/v1/getOrderBook')).json).toEqual({
      status: true,
      message: 'SUCCESS',
      errorcode: '',
      data: null,
    });
  });

  test('gives one order by its unique id and not by its order id', async () => {
    const { client } = await startedAngel(onTestFinished);
    const { orderid, uniqueorderid } = await client.placed();
    const [row] = await client.book();
    expect(await client.data(`order/v1/details/${String(uniqueorderid)}`)).toEqual(row);
    expect(refusalOf(await client.get(`order/v1/details/${String(orderid)}`))[1]).toBe('AB1013');
  });

  test('shows one account nothing of another', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const { orderid, uniqueorderid } = await client.placed();
    const stranger = await loggedIn(simulator, simulator.angel.addAccount({ clientId: 'B2000002' }));
    expect(await stranger.book()).toEqual([]);
    expect(refusalOf(await stranger.get(`order/v1/details/${String(uniqueorderid)}`))[1]).toBe('AB1013');
    expect(refusalOf(await cancel(stranger, orderid))[1]).toBe('AB1013');
    expect(refusalOf(await modify(stranger, orderid))[1]).toBe('AB1013');
    expect(await client.row(orderid)).toMatchObject({ orderstatus: 'open' });
  });

  test('answers 404 for a path that nobody serves, and for a method that is not the path’s', async () => {
    const { client } = await startedAngel(onTestFinished);
    expect((await client.get('order/v1/nothing')).status).toBe(404);
    expect((await client.get('order/v1/placeOrder')).status).toBe(404);
  });
});
