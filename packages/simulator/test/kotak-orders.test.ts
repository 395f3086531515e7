import { describe, expect, onTestFinished, test } from 'vitest';
import {
  CANCEL,
  LIMIT_BUY,
  PLACE,
  clientOf,
  expectShape,
  jsonOf,
  listOf,
  loggedIn,
  sample,
  startedKotak,
} from './kotak-support.js';
import { rowOf } from './support.js';

const BAD_BODY = { status: 400, json: sample('body_invalid_1007.json') };

describe('placing', () => {
  test('answers a number, and shows the order with the keys and types of the documented book', async () => {
    const { client } = await startedKotak(onTestFinished);
    const { status, json } = await client.place({ ig: 'tag1' });
    expect(status).toBe(200);
    expect(json).toEqual({ nOrdNo: expect.stringMatching(/^261120\d{9}$/), stat: 'Ok', stCode: 200 });
    expectShape(json, sample('place_order_200.json'));

    const book = await client.get('/quick/user/orders');
    expectShape(book.json, sample('order_book_200.json'));
    const [row] = await client.book();
    const [documented] = listOf(sample('order_book_200.json'));
    expect(Object.keys(row ?? {})).toEqual(Object.keys(documented ?? {}));
    expect(row).toMatchObject({
      nOrdNo: rowOf(json)['nOrdNo'],
      GuiOrdId: 'tag1',
      ordSt: 'open',
      stat: 'open',
      prcTp: 'L',
      trdSym: 'RELIANCE-EQ',
      tok: '2885',
      prc: '1390.00',
      qty: 10,
      unFldSz: 10,
      rejRsn: '--',
      ordEntTm: '20-Nov-2026 10:00:00',
      hsUpTm: '2026/11/20 10:00:00',
      vldt: 'DAY',
    });
    expect(Number(row?.['updRecvTm'])).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  test('answers an empty book with the recorded 5203', async () => {
    const { client } = await startedKotak(onTestFinished);
    const none = { status: 200, json: sample('empty_book_5203.json') };
    expect(await client.get('/quick/user/orders')).toEqual(none);
    expect(await client.get('/quick/user/orders/261120000000001')).toEqual(none);
    expect(await client.get('/quick/user/trades')).toEqual(none);
    expect(await client.get('/quick/user/positions')).toEqual(none);
    expect(await client.form('/quick/order/history', { nOrdNo: '261120000000001' })).toEqual(none);
  });

  test('reads jData with spaces as plus signs, as %20, and with nulls', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const text = JSON.stringify({ ...LIMIT_BUY, ig: null, os: 'NEOTRADEAPI' }).replaceAll('":', '": ');
    for (const body of [new URLSearchParams({ jData: text }).toString(), `jData=${encodeURIComponent(text)}`]) {
      const reply = await jsonOf({
        method: 'POST',
        url: client.session.baseUrl + PLACE,
        headers: { Auth: client.session.token, Sid: client.session.sid },
        body,
      });
      expect(rowOf(reply.json)['stat']).toBe('Ok');
    }
    expect(simulator.ledger().map(({ tag }) => tag)).toEqual(['', '']);
  });

  test.each([
    ['RELIANCE', 1400, 'B', '1407.00'],
    ['RELIANCE', 1400, 'S', '1393.00'],
    ['IDEA', 9, 'B', '9.18'],
    ['GOLDBEES', 100, 'B', '101.00'],
  ])('turns a market order in %s at %i (%s) into a limit order at %s', async (symbol, last, side, expected) => {
    const holdings = [{ instrument: symbol, quantity: 10, averagePrice: last }];
    const { simulator, client } = await startedKotak(onTestFinished, {
      liquidity: 3,
      kotak: { account: { clientId: 'A1000001', holdings } },
    });
    simulator.exchange.setLastPrice(symbol, last);
    const id = await client.placed({ ts: `${symbol}-EQ`, pt: 'MKT', pr: '0', tt: side });
    expect(await client.row(id)).toMatchObject({ prcTp: 'L', prc: expected, ordSt: 'open', fldQty: 3, unFldSz: 7 });
  });

  test.each([
    [0.5, '0.60'],
    [4, '4.40'],
    [8, '8.40'],
    [50, '51.50'],
    [150, '153.00'],
    [600, '606.00'],
  ])('protects a market order in an option at %d with a limit of %s', async (last, expected) => {
    const { simulator, client } = await startedKotak(onTestFinished);
    simulator.exchange.setLastPrice('NIFTY-Dec2026-26000-CE', last);
    const option = { es: 'nse_fo', pc: 'NRML', ts: 'NIFTY26D0126000CE', qt: '65' };
    const id = await client.placed({ ...option, pt: 'MKT', pr: '0' });
    expect(await client.row(id)).toMatchObject({
      prcTp: 'L',
      prc: expected,
      ordSt: 'complete',
      avgPrc: last.toFixed(2),
    });
  });

  test('throws a bare SL-M out in the words seen live, and holds an SL', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const market = await client.placed({ pt: 'SL-M', pr: '0', tp: '1410' });
    expect(await client.row(market)).toMatchObject({
      ordSt: 'rejected',
      rejRsn: 'Market order with Algo Id not allowed',
      exOrdId: 'NA',
    });
    expect(simulator.ledger()).toEqual([]);
    const limit = await client.placed({ pt: 'SL', pr: '1412', tp: '1410' });
    expect(await client.row(limit)).toMatchObject({ ordSt: 'trigger pending', prcTp: 'SL', trgPrc: '1410.00' });
  });

  test('does not refuse a repeated tag: the ledger holds both', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    await client.placed({ ig: 'twice' });
    await client.placed({ ig: 'twice' });
    expect(simulator.ledger().map(({ tag }) => tag)).toEqual(['twice', 'twice']);
    expect((await client.book()).map((row) => row['GuiOrdId'])).toEqual(['twice', 'twice']);
  });

  test('turns an order that it cannot pay into a rejected row, or refuses it with 1004 when told to', async () => {
    const rejecting = await startedKotak(onTestFinished);
    const id = await rejecting.client.placed({ qt: '100000' });
    const row = await rejecting.client.row(id);
    expect(row).toMatchObject({ ordSt: 'rejected', rejRsn: expect.stringContaining('RMS:Margin Exceeds') });
    expect(rejecting.simulator.ledger()).toEqual([]);

    const refusing = await startedKotak(onTestFinished, { kotak: { insufficientFunds: 'refuse' } });
    const refused = await refusing.client.place({ qt: '100000' });
    expect(refused).toEqual({ status: 200, json: sample('place_order_error_1004.json') });
    expect(await refusing.client.book()).toEqual([]);
  });

  test.each([
    ['tick', { pr: '1390.03' }, /tick/],
    ['price band', { pr: '1000' }, /execution range/],
    ['holdings', { pc: 'CNC', tt: 'S' }, /Holdings/],
    ['lot', { es: 'nse_fo', pc: 'NRML', ts: 'NIFTY26DECFUT', qt: '64', pr: '26000' }, /lot/],
    ['freeze', { es: 'nse_fo', pc: 'NRML', ts: 'NIFTY26DECFUT', qt: '1820', pr: '26000' }, /freeze/],
  ])('shows what breaks the %s rule as a rejected row', async (_name, changes, reason) => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const row = await client.row(await client.placed(changes));
    expect(row).toMatchObject({ ordSt: 'rejected', rejRsn: expect.stringMatching(reason) });
    expect(simulator.ledger()).toEqual([]);
  });

  test.each([
    ['number for a text', { qt: 10 }],
    ['an unknown side', { tt: 'BUY' }],
    ['an unknown segment', { es: 'NSE' }],
    ['currency', { es: 'cde_fo', pc: 'NRML' }],
    ['a discontinued product', { pc: 'BO' }],
    ['delivery of a future', { es: 'nse_fo', pc: 'CNC', ts: 'NIFTY26DECFUT', qt: '65' }],
    ['quantity 0', { qt: '0' }],
    ['half a share', { qt: '1.5' }],
    ['a limit order at 0', { pr: '0' }],
    ['a market order at 0.0', { pt: 'MKT', pr: '0.0' }],
    ['a stop without trigger', { pt: 'SL' }],
    ['IOC on MCX', { es: 'mcx_fo', pc: 'NRML', ts: 'CRUDEOIL26DECFUT', qt: '1', pr: '5400', rt: 'IOC' }],
    ['no symbol', { ts: '' }],
    ['an after-market flag that is no word', { am: 'true' }],
  ])('answers "body invalid" for %s', async (_name, changes) => {
    const { simulator, client } = await startedKotak(onTestFinished);
    expect(await client.place(changes)).toEqual(BAD_BODY);
    expect(simulator.exchange.orders()).toEqual([]);
  });

  test('reads jData and nothing else', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const headers = { Auth: client.session.token, Sid: client.session.sid };
    for (const body of [JSON.stringify(LIMIT_BUY), 'jData=', 'jData={', 'jdata={}']) {
      const url = client.session.baseUrl + PLACE;
      expect(await jsonOf({ method: 'POST', url, headers, body })).toEqual(BAD_BODY);
    }
    expect(simulator.exchange.orders()).toEqual([]);
  });

  test('answers 1009 for a symbol that it does not list, an index and an expired contract', async () => {
    const { client } = await startedKotak(onTestFinished);
    const unknown = { status: 200, json: { stat: 'Not_Ok', emsg: 'Invalid instrument/code', stCode: 1009 } };
    expect(await client.place({ ts: 'RELIANCE' })).toEqual(unknown);
    expect(await client.place({ ts: 'NIFTY' })).toEqual(unknown);
    expect(await client.place({ ts: 'GRPLTD-BE' })).toEqual(unknown);
    const expired = { es: 'nse_fo', pc: 'NRML', ts: 'NIFTY26OCTFUT', qt: '65' };
    expect(await client.place(expired)).toEqual(unknown);
  });

  test('refuses commands from an address it does not know, and reads them', async () => {
    const unregistered = await startedKotak(onTestFinished, { kotak: { staticIp: 'unregistered' } });
    const refused = { status: 200, json: sample('static_ip_100008.json') };
    expect(await unregistered.client.place()).toEqual(refused);
    expect(await unregistered.client.cancel({ on: '1' })).toEqual(refused);
    expect(await unregistered.client.modify({ no: '1' })).toEqual(refused);
    expect((await unregistered.client.get('/quick/user/orders')).json).toEqual(sample('empty_book_5203.json'));
    const moved = await startedKotak(onTestFinished, { kotak: { staticIp: 'session-moved' } });
    expect(rowOf((await moved.client.place()).json)['stCode']).toBe(1037);
  });

  test('says "body invalid" with a reason in a segment that is not enabled', async () => {
    const account = { clientId: 'A1000001', segments: ['NSE_FNO'] as const };
    const { client } = await startedKotak(onTestFinished, { kotak: { account } });
    expect(rowOf((await client.place()).json)).toMatchObject({
      stCode: 1007,
      errMsg: expect.stringMatching(/enabled/),
    });
  });
});

describe('after hours', () => {
  test('rejects an order without the flag because the adapter is down, or makes it wait', async () => {
    const strict = await startedKotak(onTestFinished);
    strict.clock.setTo('2026-11-20T20:00:00+05:30');
    const row = await strict.client.row(await strict.client.placed());
    expect(row).toMatchObject({ ordSt: 'rejected', rejRsn: 'ADAPTER is down', ordGenTp: 'NA' });
    expect(strict.simulator.ledger()).toEqual([]);

    const lenient = await startedKotak(onTestFinished, { kotak: { closedMarket: 'after-market' } });
    lenient.clock.setTo('2026-11-20T20:00:00+05:30');
    const waiting = await lenient.client.row(await lenient.client.placed());
    expect(waiting).toMatchObject({ ordSt: 'after market order req received', ordGenTp: 'AMO', exCfmTm: '--' });
  });

  test('lets a waiting order be cancelled with its flag and symbol, and not without', async () => {
    const { client, clock } = await startedKotak(onTestFinished);
    clock.setTo('2026-11-20T20:00:00+05:30');
    const id = await client.placed({ am: 'YES' });
    expect((await client.cancel({ on: id, am: 'NO' })).status).toBe(400);
    expect((await client.cancel({ on: id, am: 'YES' })).status).toBe(400);
    expect(await client.row(id)).toMatchObject({ ordSt: 'after market order req received' });
    expect(rowOf((await client.cancel({ on: id, am: 'YES', ts: 'RELIANCE-EQ' })).json)['stat']).toBe('Ok');
    expect(await client.row(id)).toMatchObject({ ordSt: 'cancelled after market order', cnlQty: 10 });
  });

  test('takes a cancel of a waiting order without its symbol when told to', async () => {
    const { client, clock } = await startedKotak(onTestFinished, { kotak: { afterMarketCancel: 'lenient' } });
    clock.setTo('2026-11-20T20:00:00+05:30');
    const id = await client.placed({ am: 'YES' });
    expect(rowOf((await client.cancel({ on: id, am: 'YES' })).json)['stat']).toBe('Ok');
  });

  test('brings a waiting order to the exchange at the next opening, and tells both in its history', async () => {
    const { simulator, client, clock } = await startedKotak(onTestFinished);
    clock.setTo('2026-11-20T20:00:00+05:30');
    const id = await client.placed({ am: 'YES', ig: 'late' });
    clock.setTo('2026-11-23T09:20:00+05:30');
    const today = clientOf(await loggedIn(simulator));
    expect(await today.row(id)).toMatchObject({ ordSt: 'open', GuiOrdId: 'late' });
    const states = (await today.history(id)).map((row) => row['ordSt']);
    expect(states.slice(0, 3)).toEqual(['open', 'open pending', 'after market order req received']);
  });
});

describe('changing', () => {
  test('modifies with the fields of the official client; the quantity is the total', async () => {
    const { client } = await startedKotak(onTestFinished);
    const no = await client.placed({ ig: 'mine' });
    const { status, json } = await client.modify({
      no,
      pt: 'L',
      pr: '1380',
      qt: '20',
      vd: 'DAY',
      dq: '0',
      tp: '0',
      mp: '0',
    });
    expect([status, json]).toEqual([200, { nOrdNo: no, stat: 'Ok', stCode: 200 }]);
    expect(await client.row(no)).toMatchObject({ qty: 20, prc: '1380.00', ordSt: 'open', vldt: 'DAY' });
  });

  test('changes only what is given, and reads rt for vd', async () => {
    const { client } = await startedKotak(onTestFinished);
    const no = await client.placed();
    expect((await client.modify({ no, pr: '1385' })).status).toBe(200);
    expect(await client.row(no)).toMatchObject({ qty: 10, prc: '1385.00' });
    expect((await client.modify({ no, rt: 'IOC' })).status).toBe(200);
    expect(await client.row(no)).toMatchObject({ vldt: 'IOC', ordSt: 'cancelled', cnlQty: 10 });
  });

  test('turns a resting order into a market order, protected like a new one', async () => {
    const { client } = await startedKotak(onTestFinished);
    const no = await client.placed();
    expect((await client.modify({ no, pt: 'MKT', pr: '0' })).status).toBe(200);
    expect(await client.row(no)).toMatchObject({ ordSt: 'complete', prcTp: 'L', prc: '1407.00', avgPrc: '1400.00' });
  });

  test('cancels, keeps what was filled, and answers 1006 the second time', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const on = await client.placed();
    simulator.exchange.fill(on, 4, 1390);
    expect((await client.cancel({ on, am: 'NO' })).json).toEqual({ nOrdNo: on, stat: 'Ok', stCode: 200 });
    expect(await client.row(on)).toMatchObject({ ordSt: 'cancelled', fldQty: 4, unFldSz: 6, cnlQty: 6 });
    expect(rowOf((await client.cancel({ on })).json)).toMatchObject({ stat: 'Not_Ok', stCode: 1006 });
    expect(rowOf((await client.cancel({ on: '1' })).json)).toMatchObject({ stat: 'Not_Ok', stCode: 1006 });
  });

  test('answers the recorded 1021 to a modification that comes too late', async () => {
    const { client } = await startedKotak(onTestFinished);
    const no = await client.placed({ pr: '1400' });
    expect(await client.row(no)).toMatchObject({ ordSt: 'complete' });
    expect(await client.modify({ no, pr: '1390' })).toEqual({
      status: 200,
      json: sample('modify_order_error_1021.json'),
    });
    expect(rowOf((await client.modify({ no: '1', pr: '1390' })).json)['stCode']).toBe(1006);
  });

  test('refuses to modify to an SL-M, to a stop without trigger, or without a number', async () => {
    const { client } = await startedKotak(onTestFinished);
    const no = await client.placed();
    for (const change of [{ no, pt: 'SL-M', tp: '1410' }, { no, pt: 'SL', pr: '1410' }, { pr: '1380' }]) {
      expect((await client.modify(change)).status).toBe(400);
    }
    expect(await client.row(no)).toMatchObject({ prcTp: 'L', prc: '1390.00', ordSt: 'open' });
  });

  test('refuses new terms that the exchange would not take, and leaves the order as it was', async () => {
    const { client } = await startedKotak(onTestFinished);
    const no = await client.placed();
    for (const change of [{ pr: '1390.03' }, { pr: '1000' }, { qt: '100000000' }]) {
      expect((await client.modify({ no, ...change })).status).toBe(400);
    }
    expect(await client.row(no)).toMatchObject({ qty: 10, prc: '1390.00', ordSt: 'open' });
  });

  test('refuses a stop on the wrong side of its price, and changes after the close', async () => {
    const { simulator, client, clock } = await startedKotak(onTestFinished);
    const wrong = await client.place({ pt: 'SL', pr: '1410', tp: '1412' });
    expect(rowOf(wrong.json)).toMatchObject({ stCode: 1007, errMsg: expect.stringMatching(/wrong side/) });
    expect(simulator.exchange.orders()).toEqual([]);
    clock.setTo('2026-11-20T08:00:00+05:30');
    const no = await client.placed({ am: 'YES' });
    expect(rowOf((await client.modify({ no, pr: '1380' })).json)).toMatchObject({ errMsg: 'ADAPTER is down' });
  });

  test('modifies an order that waits for the next opening', async () => {
    const { client } = await startedKotak(onTestFinished);
    const no = await client.placed({ am: 'YES' });
    expect(rowOf((await client.modify({ no, pr: '1380', am: 'YES' })).json)['stat']).toBe('Ok');
    expect(await client.row(no)).toMatchObject({ ordSt: 'modify after market order req received', prc: '1380.00' });
    expect((await client.history(no)).map((row) => row['ordSt'])).toEqual([
      'modify after market order req received',
      'after market order req received',
      'validation pending',
      'put order req received',
    ]);
  });

  test('shows one account nothing of another', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const on = await client.placed();
    const second = simulator.kotak.addAccount({ clientId: 'B2000002' });
    const stranger = clientOf(await loggedIn(simulator, second));
    expect(await stranger.book()).toEqual([]);
    expect(rowOf((await stranger.form(CANCEL, { on })).json)['stCode']).toBe(1006);
    expect(await client.row(on)).toMatchObject({ ordSt: 'open' });
  });
});
