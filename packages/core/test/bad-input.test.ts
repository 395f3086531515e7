import { createAlgo, isAlgoError, memoryStore } from '@algo/core';
import type { AlgoErrorCode, OrderRequest } from '@algo/core';
import { dhan } from '@algo/broker-dhan';
import { describe, expect, test } from 'vitest';
import { limitBuy, memoryKeys, startSimulated } from './simulated.js';

const HUGE = 'x'.repeat(10_000_000);

/** What a JavaScript caller may hand in, whatever the types say. */
const bad = (changes: Readonly<Record<string, unknown>>): OrderRequest => Object.assign(limitBuy(), changes);

const ORDERS: readonly (readonly [string, OrderRequest, AlgoErrorCode])[] = [
  ['an unknown instrument', bad({ instrument: 'NSE:NOSUCH' }), 'ALGO_UNKNOWN_INSTRUMENT'],
  ['an instrument of 10 MB', bad({ instrument: HUGE }), 'ALGO_INVALID_INPUT'],
  ['an instrument that is a number', bad({ instrument: 5 }), 'ALGO_INVALID_INPUT'],
  ['a price off the tick', bad({ price: 1390.05 }), 'ALGO_PRICE_OFF_TICK'],
  ['a price of zero', bad({ price: 0 }), 'ALGO_PRICE_NOT_ALLOWED'],
  ['a price below zero', bad({ price: -5 }), 'ALGO_PRICE_NOT_ALLOWED'],
  ['a price that is not a number', bad({ price: NaN }), 'ALGO_INVALID_INPUT'],
  ['an endless price', bad({ price: Infinity }), 'ALGO_INVALID_INPUT'],
  ['a price of 10 MB', bad({ price: HUGE }), 'ALGO_INVALID_INPUT'],
  ['a price with too many places', bad({ price: '1390.00001' }), 'ALGO_INVALID_INPUT'],
  ['a limit order without price', bad({ price: undefined }), 'ALGO_PRICE_NOT_ALLOWED'],
  ['a market order with a price', bad({ type: 'MARKET' }), 'ALGO_PRICE_NOT_ALLOWED'],
  ['a stop order without trigger', bad({ type: 'SL' }), 'ALGO_PRICE_NOT_ALLOWED'],
  ['a buy stop above its limit', bad({ type: 'SL', triggerPrice: 1400 }), 'ALGO_PRICE_NOT_ALLOWED'],
  [
    'an order type this broker cannot do',
    bad({ type: 'SL-M', price: undefined, triggerPrice: 1400 }),
    'ALGO_NOT_SUPPORTED',
  ],
  ['a quantity of zero', bad({ quantity: 0 }), 'ALGO_INVALID_INPUT'],
  ['a quantity below zero', bad({ quantity: -1 }), 'ALGO_INVALID_INPUT'],
  ['half a share', bad({ quantity: 0.5 }), 'ALGO_INVALID_INPUT'],
  ['a quantity that is not a number', bad({ quantity: NaN }), 'ALGO_INVALID_INPUT'],
  ['a quantity as text', bad({ quantity: '1' }), 'ALGO_INVALID_INPUT'],
  ['a product of derivatives on shares', bad({ product: 'NRML' }), 'ALGO_PRODUCT_NOT_ALLOWED'],
  ['an unknown product', bad({ product: 'XYZ' }), 'ALGO_INVALID_INPUT'],
  ['an unknown side', bad({ side: 'HOLD' }), 'ALGO_INVALID_INPUT'],
  ['an id with spaces', bad({ clientOrderId: 'a b' }), 'ALGO_INVALID_INPUT'],
  ['an id of 10 MB', bad({ clientOrderId: HUGE }), 'ALGO_INVALID_INPUT'],
  ['a deadline of zero', bad({ deadlineMs: 0 }), 'ALGO_INVALID_INPUT'],
  ['a connection that is not there', bad({ connection: { broker: 'dhan', account: 'other' } }), 'ALGO_NOT_CONNECTED'],
  ['an order in an index', bad({ instrument: 'NSE:INDEX:NIFTY' }), 'ALGO_NOT_SUPPORTED'],
  [
    'a commodity whose unit is not certain',
    bad({ instrument: 'MCX:GOLDM:2026-11-05:FUT', product: 'NRML' }),
    'ALGO_QUANTITY_UNIT_UNKNOWN',
  ],
  [
    'a contract that expired',
    bad({ instrument: 'NFO:NIFTY:2026-10-27:FUT', product: 'NRML', quantity: 65 }),
    'ALGO_CONTRACT_EXPIRED',
  ],
  [
    'a quantity off the lot',
    bad({ instrument: 'NFO:NIFTY:2026-10-27:FUT', product: 'NRML', quantity: 66 }),
    'ALGO_QUANTITY_OFF_LOT',
  ],
];

describe('an order that cannot be sent', () => {
  test('is one typed error that says what to do, with nothing sent and no row left, for every kind of bad input', async () => {
    const { me, simulator, run } = await startSimulated();

    for (const [what, request, code] of ORDERS) {
      const error = await run(thrownBy(() => me.orders.place(request)));
      if (!isAlgoError(error)) throw new Error(`${what}: ${String(error).slice(0, 200)}`);
      expect(`${what}: ${error.code}`).toBe(`${what}: ${code}`);
      expect(error.effect).toBe('none');
      expect(error.message.length).toBeLessThan(500);
    }
    for (const nothing of [null, undefined, 5, 'order']) {
      const error = await run(
        thrownBy(() => me.orders.place(Object(nothing) === nothing ? limitBuy() : bad({ instrument: nothing }))),
      );
      expect(isAlgoError(error)).toBe(true);
    }
    expect(simulator.received('placeOrder')).toHaveLength(0);
    expect(await me.orders.list()).toHaveLength(0);
  });

  test('names the nearest valid price and quantity', async () => {
    const { me, run } = await startSimulated();

    const price = await run(thrownBy(() => me.orders.place(bad({ price: 1390.06 }))));
    const lot = await run(
      thrownBy(() => me.orders.place(bad({ instrument: 'NFO:NIFTY:2026-10-27:FUT', product: 'NRML', quantity: 100 }))),
    );

    expect(price).toMatchObject({ details: { nearest: '1390.10', tick: '0.10' } });
    expect(lot).toMatchObject({ details: { nearest: 130, lotSize: 65 } });
  });

  test('is refused above the freeze quantity with the largest that would pass', async () => {
    const { me, run } = await startSimulated({ dhan: { instruments: 'detailed' } });

    const error = await run(
      thrownBy(() => me.orders.place(bad({ instrument: 'NFO:NIFTY:2026-09-29:FUT', product: 'NRML', quantity: 1820 }))),
    );

    expect(error).toMatchObject({ code: 'ALGO_QUANTITY_ABOVE_FREEZE', details: { largest: 1755 } });
  });
});

describe('credentials', () => {
  const CANARY = 'not-a-token-CANARY-12345';

  test('are checked against the template, naming fields and never values', async () => {
    const { me, run } = await startSimulated();
    const attempts: readonly Readonly<Record<string, unknown>>[] = [
      { clientId: CANARY, accessToken: CANARY },
      { clientId: '1000000001' },
      { clientId: '1000000001', accessToken: 5 },
      { clientId: '1000000001', accessToken: `eyJ${HUGE}` },
      { clientId: '1000000001', password: CANARY },
      {},
    ];
    for (const fields of attempts) {
      const error = await run(thrownBy(() => Reflect.apply(me.credentials.put, me.credentials, ['dhan', 'x', fields])));
      if (!isAlgoError(error)) throw new Error(String(error));
      expect(error.code).toBe('ALGO_INVALID_INPUT');
      expect(JSON.stringify(error) + error.stack).not.toContain(CANARY);
    }
    expect((await me.credentials.list()).map(({ account }) => account)).toEqual(['main']);
  });

  test('of an unknown broker are refused by name', async () => {
    const { me, run } = await startSimulated();

    await expect(run(me.credentials.put('nobody', 'main', {}))).rejects.toMatchObject({
      code: 'ALGO_UNKNOWN_BROKER',
      details: { known: ['dhan'] },
    });
    await expect(run(me.establishConnection({ broker: 'nobody', account: 'main' }))).rejects.toMatchObject({
      code: 'ALGO_UNKNOWN_BROKER',
    });
  });

  test('that were never stored are asked for', async () => {
    const { me, run } = await startSimulated();

    await expect(run(me.establishConnection({ broker: 'dhan', account: 'second' }))).rejects.toMatchObject({
      code: 'ALGO_NO_CREDENTIALS',
    });
  });

  test('sealed with another key are a clear state, and other accounts go on', async () => {
    const store = memoryStore();
    const { algo, me, run } = await startSimulated({ algo: { store } });
    const other = createAlgo({
      store,
      keys: { ...memoryKeys(), byId: async () => null },
      brokers: [dhan()],
    });

    const error = await thrownBy(() => other.user('u1').establishConnection({ broker: 'dhan', account: 'main' }));

    expect(error).toMatchObject({ code: 'ALGO_UNDECRYPTABLE', details: { keyId: 'test-key' } });
    expect((await run(me.orders.place(limitBuy()))).kind).toBe('accepted');
    await other.close();
    await algo.close();
  });
});

describe('options', () => {
  test.each([
    ['nothing', {}],
    ['no brokers', { brokers: [] }],
    ['a key that is not known', { databse: 1 }],
    ['a store that is not one', { store: {} }],
    ['one socket for orders', { sockets: { orders: 1 } }],
  ])('with %s are refused with every problem named', (_what, changes) => {
    const options = { store: memoryStore(), keys: memoryKeys(), brokers: [dhan()] };
    const given: unknown = Object.keys(changes).length === 0 ? {} : { ...options, ...changes };

    const error = caught(() => Reflect.apply(createAlgo, undefined, [given]));

    expect(error).toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  });

  test('naming one broker twice are refused', () => {
    const error = caught(() => createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [dhan(), dhan()] }));

    expect(error).toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  });

  test('a user id must be a text', () => {
    const algo = createAlgo({ store: memoryStore(), keys: memoryKeys(), brokers: [dhan()] });

    for (const id of ['', HUGE, 5, null]) {
      expect(caught(() => Reflect.apply(algo.user, algo, [id]))).toMatchObject({ code: 'ALGO_INVALID_INPUT' });
    }
  });
});

const thrownBy = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  );

function caught(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}
