import { planImport, rollbackImport, runImport } from '@algo/migrate';
import { expect, test } from 'vitest';
import { TARGET, clock, contentOf, fileOf, fixture, fixtureAt, ist, openMemory, optionsFor } from './helpers.js';

test('makes a buy order and its fill of every trade, and a sell too of a closed one', async () => {
  const store = await openMemory();

  const plan = await planImport(store, optionsFor(fixture('trades_history.json')));
  const written = await runImport(store, plan);

  expect(written).toEqual({ orders: 5, fills: 5, snapshots: 0 });
  const { orders, fills } = await contentOf(store);
  const outline = orders.map(({ order }) => [
    order.instrument,
    order.side,
    order.quantity,
    order.averagePrice,
    order.placedAtMs,
  ]);
  expect(outline.toSorted()).toEqual(
    [
      ['NSE:RELIANCE', 'BUY', 10, 1285.4, ist('2025-01-15T09:20:11.123')],
      ['NSE:RELIANCE', 'SELL', 10, 1312.05, ist('2025-01-22T15:10:00')],
      ['NSE:TCS', 'BUY', 3, 4100, ist('2025-02-03T09:30:00')],
      ['NSE:BAJAJ-AUTO', 'BUY', 2, 8650.75, ist('2025-02-10T11:45:00')],
      ['NSE:BAJAJ-AUTO', 'SELL', 2, 8400, ist('2025-02-11T09:16:30')],
    ].toSorted(),
  );
  for (const { clientOrderId, trade } of fills) {
    const of = orders.find((order) => order.clientOrderId === clientOrderId);
    expect(of?.order).toMatchObject({ status: 'FILLED', averagePrice: trade.price, filledQuantity: trade.quantity });
  }
  const entry = orders.find(({ order }) => order.instrument === 'NSE:RELIANCE' && order.side === 'BUY');
  expect(entry).toMatchObject({ ...TARGET, importId: plan.importId, order: { brokerOrderId: '250115000012345' } });
});

test('lists the orders that failed and imports none of them', async () => {
  const plan = await planImport(await openMemory(), optionsFor(fixture('trades_history.json')));
  expect(plan.files[0]?.failedOrders).toEqual(['YESBANK', expect.stringContaining('"symbol":"IDEA"')]);
  expect(plan.batch.orders.some(({ order }) => order.symbol.includes('YESBANK'))).toBe(false);
});

test('a plan writes nothing', async () => {
  const store = await openMemory();
  const before = await contentOf(store);
  await planImport(store, optionsFor(fixture('trades_history.json'), fixture('holdings.json')));
  expect(await contentOf(store)).toEqual(before);
});

test('CSV with the same columns gives the same orders and fills', async () => {
  const store = await openMemory();
  await runImport(store, await planImport(store, optionsFor(fixture('trades_history.json'))));
  const before = await contentOf(store);

  const plan = await planImport(store, optionsFor(fixture('trades_history.csv')));

  expect(plan.writes).toEqual({ orders: 0, fills: 0, snapshots: 0 });
  expect(plan.files).toMatchObject([{ rows: 3, new: 0, known: 3, repeated: 0, refused: [] }]);
  expect(await runImport(store, plan)).toEqual({ orders: 0, fills: 0, snapshots: 0 });
  expect(await contentOf(store)).toEqual(before); // not even an empty import
});

test('a trade that was closed since gets its sell, and keeps its buy', async () => {
  const store = await openMemory();
  const trade = { symbol: 'ITC', qty: 1, entry_price: 400, entry_time: '2025-01-01T10:00:00', status: 'open' };
  await runImport(
    store,
    await planImport(store, optionsFor(await fileOf('trades_history.json', JSON.stringify([trade])))),
  );
  const closed = { ...trade, status: 'closed', exit_price: 410, exit_time: '2025-01-02T10:00:00' };

  const plan = await planImport(store, optionsFor(await fileOf('trades_history.json', JSON.stringify([closed]))));

  expect(await runImport(store, plan)).toEqual({ orders: 1, fills: 1, snapshots: 0 });
  expect((await contentOf(store)).orders.map(({ order }) => order.side)).toEqual(['SELL', 'BUY']);
});

test('a pending order that is the entry of a trade is that order, whichever file comes first', async () => {
  for (const names of [
    ['trades_history.json', 'pending_orders.json'],
    ['pending_orders.json', 'trades_history.json'],
  ]) {
    const together = await openMemory();
    await runImport(together, await planImport(together, optionsFor(...names.map(fixture))));
    expect((await contentOf(together)).orders).toHaveLength(6);

    const apart = await openMemory();
    for (const name of names) await runImport(apart, await planImport(apart, optionsFor(fixture(name))));
    const { orders, fills } = await contentOf(apart);
    expect(orders).toHaveLength(6);
    expect(fills).toHaveLength(5);
    const entry = orders.find(({ order }) => order.instrument === 'NSE:TCS');
    expect(fills.find(({ trade }) => trade.instrument === 'NSE:TCS')?.clientOrderId).toBe(entry?.clientOrderId);
  }
});

test('takes rows without a side as entries, and says how many', async () => {
  const plan = await planImport(await openMemory(), optionsFor(fixture('pending_orders.json')));
  expect(plan.files[0]).toMatchObject({ rows: 2, new: 2, sidesAssumed: 2 });
  expect(plan.batch.orders.map(({ order }) => [order.side, order.type, order.status, order.price])).toEqual([
    ['BUY', 'MARKET', 'FILLED', null],
    ['BUY', 'LIMIT', 'PENDING', 1801.5],
  ]);
});

test('links transactions to the nearest order of the same symbol and side', async () => {
  const store = await openMemory();

  const plan = await planImport(store, optionsFor(fixture('transactions.json'), fixture('orders.json')));
  await runImport(store, plan);

  const { orders, fills } = await contentOf(store);
  const idOf = (brokerOrderId: string) =>
    orders.find(({ order }) => order.brokerOrderId === brokerOrderId)?.clientOrderId;
  const linked = fills.map(({ clientOrderId, trade }) => [
    trade.side,
    trade.quantity,
    clientOrderId,
    trade.brokerOrderId,
  ]);
  expect(linked).toEqual(
    expect.arrayContaining([
      ['BUY', 12, idOf('PAPER-0001'), 'PAPER-0001'],
      ['BUY', 8, idOf('PAPER-0001'), 'PAPER-0001'],
      ['SELL', 20, idOf('PAPER-0002'), 'PAPER-0002'],
      ['BUY', 4, null, expect.stringMatching(/^file-/)],
    ]),
  );
  const transactions = plan.files.find(({ kind }) => kind === 'transactions');
  expect(transactions?.unlinked).toEqual([
    { row: 4, tradeId: expect.any(String), why: 'no order of that instrument and side is near in time' },
  ]);
});

test('links to orders of an earlier import, and finds all of it again', async () => {
  const store = await openMemory();
  await runImport(store, await planImport(store, optionsFor(fixture('orders.json'))));
  await runImport(store, await planImport(store, optionsFor(fixture('transactions.json'))));
  expect((await contentOf(store)).fills.filter(({ clientOrderId }) => clientOrderId === null)).toHaveLength(1);

  const again = await planImport(store, optionsFor(fixture('transactions.json'), fixture('orders.json')));
  expect(again.writes).toEqual({ orders: 0, fills: 0, snapshots: 0 });
  expect(again.files.map(({ known }) => known)).toEqual([3, 4]);
});

test('a transaction between two orders equally near is kept without one, and listed', async () => {
  const order = { symbol: 'ITC', side: 'BUY', quantity: 1, price: 400, order_type: 'LIMIT', status: 'COMPLETE' };
  const orders = await fileOf(
    'orders.json',
    JSON.stringify([
      { ...order, order_id: 'A', timestamp: '2025-01-01T10:00:00' },
      { ...order, order_id: 'B', timestamp: '2025-01-01T10:02:00' },
    ]),
  );
  const transaction = { symbol: 'ITC', side: 'BUY', quantity: 1, price: 400 };
  const transactions = await fileOf(
    'transactions.json',
    JSON.stringify([
      { ...transaction, timestamp: '2025-01-01T10:01:00' },
      { ...transaction, timestamp: '2025-01-01T10:01:10' },
      { ...transaction, timestamp: '2025-01-01T10:01:20' },
      { ...transaction, timestamp: '2025-01-01T10:07:01' },
      { ...transaction, timestamp: '2025-01-01T09:54:59' },
    ]),
  );

  const plan = await planImport(await openMemory(), optionsFor(orders, transactions));

  expect(plan.files[1]?.unlinked.map(({ row, why }) => [row, why])).toEqual([
    [1, 'several orders are equally near'],
    [4, 'no order of that instrument and side is near in time'],
    [5, 'no order of that instrument and side is near in time'],
  ]);
  expect(plan.batch.fills.map(({ trade }) => trade.brokerOrderId)).toEqual([
    expect.stringMatching(/^file-/),
    'B',
    'A', // B was full by then
    expect.stringMatching(/^file-/),
    expect.stringMatching(/^file-/),
  ]);
});

test('a transaction that a trade told already is no second fill', async () => {
  const store = await openMemory();
  await runImport(store, await planImport(store, optionsFor(fixture('trades_history.json'))));
  const entry = { symbol: 'TCS', side: 'BUY', quantity: 3, price: 4100, timestamp: '2025-02-03T09:30:02' };

  const plan = await planImport(store, optionsFor(await fileOf('transactions.json', JSON.stringify([entry]))));

  expect(plan.writes.fills).toBe(0);
  expect(plan.files[0]).toMatchObject({ rows: 1, known: 1 });
});

test('an order that this SDK placed, with its fills, is neither made nor filled again', async () => {
  const store = await openMemory();
  const { batch } = await planImport(store, optionsFor(fixture('trades_history.json')));
  const [entry] = batch.orders;
  const [fill] = batch.fills;
  if (entry === undefined || fill === undefined) throw new Error('nothing was planned');
  await store.journal.saveSighting({ ...entry, clientOrderId: 'breakout-1', importId: null });
  const trade = { ...fill.trade, tradeId: 'from-the-broker' };
  await store.journal.addFills([{ ...fill, clientOrderId: 'breakout-1', trade, importId: null }]);

  const plan = await planImport(store, optionsFor(fixture('trades_history.json')));
  await runImport(store, plan);

  expect(plan.writes).toEqual({ orders: 4, fills: 4, snapshots: 0 });
  const { orders, fills } = await contentOf(store);
  const isEntry = ({ instrument, side }: { instrument: string | null; side: string }): boolean =>
    instrument === 'NSE:RELIANCE' && side === 'BUY';
  expect(orders.filter(({ order }) => isEntry(order)).map(({ clientOrderId }) => clientOrderId)).toEqual([
    'breakout-1',
  ]);
  expect(fills.filter(({ trade }) => isEntry(trade)).map(({ trade }) => trade.tradeId)).toEqual(['from-the-broker']);
});

test('makes a snapshot of holdings at the moment their file was changed last', async () => {
  const store = await openMemory();
  const changedAtMs = ist('2025-03-05T15:30:00');
  const path = await fixtureAt('holdings.json', changedAtMs);

  expect(await runImport(store, await planImport(store, optionsFor(path)))).toMatchObject({ snapshots: 1 });

  const snapshot = await store.portfolio.latest(TARGET, 'holdings');
  expect(snapshot).toMatchObject({ takenAtMs: changedAtMs, kind: 'holdings' });
  expect(snapshot?.rows).toMatchObject([
    { instrument: 'NSE:TCS', quantity: 3, averagePrice: 4100, lastPrice: 4049.5 },
    { instrument: 'NSE:HDFCBANK', quantity: 15, averagePrice: 1652.4, lastPrice: 1652.4 },
  ]);
  const again = await planImport(store, optionsFor(path));
  expect(again).toMatchObject({ writes: { snapshots: 0 }, files: [{ rows: 2, known: 2 }] });
});

test('makes positions of holdings where that is asked for', async () => {
  const store = await openMemory();
  await runImport(store, await planImport(store, { ...optionsFor(fixture('holdings.json')), holdingsAs: 'positions' }));
  expect((await store.portfolio.latest(TARGET, 'positions'))?.rows).toMatchObject([
    { instrument: 'NSE:TCS', quantity: 3, averageBuyPrice: 4100, unrealizedProfit: -151.5 },
    { instrument: 'NSE:HDFCBANK', quantity: 15, unrealizedProfit: 0 },
  ]);
});

test('reads another layout by a mapping', async () => {
  const path = await fileOf('my-journal.csv', 'Scrip;x,Shares,Rate,When,State\nfoo,1,2,3,4\n');
  const mapped = await fileOf(
    'journal.csv',
    'Scrip,Shares,Rate,When,State\nTATAMOTORS,7,950.5,2025-04-01 09:30:00,OPEN\n',
  );
  const plan = await planImport(await openMemory(), {
    ...optionsFor(),
    files: [
      {
        path: mapped,
        layout: {
          like: 'trades-history',
          exchange: 'BSE',
          product: 'CNC',
          columns: { symbol: 'Scrip', quantity: 'Shares', price: 'Rate', time: 'When', status: 'State' },
        },
      },
    ],
  });
  expect(plan.batch.orders).toMatchObject([
    { order: { instrument: 'BSE:TATAMOTORS', product: 'CNC', quantity: 7, averagePrice: 950.5 } },
  ]);
  await expect(planImport(await openMemory(), optionsFor(path))).rejects.toMatchObject({
    code: 'ALGO_IMPORT_REFUSED',
    message: expect.stringContaining('its name does not say what it holds'),
  });
});

test('refuses a mapping that names what nobody reads, all mistakes at once', async () => {
  const layout = { like: 'trades-history', columns: { colour: 'x' }, exchange: 'NYSE' } as const;
  const planning = planImport(await openMemory(), {
    ...optionsFor(),
    files: [{ path: fixture('trades_history.json'), layout: JSON.parse(JSON.stringify(layout)) }],
  });
  await expect(planning).rejects.toMatchObject({
    code: 'ALGO_INVALID_INPUT',
    details: { problems: [{ field: 'layout.columns.colour' }, { field: 'layout.exchange' }] },
  });
});

test('takes exactly its own rows away again', async () => {
  const store = await openMemory();
  await runImport(store, await planImport(store, optionsFor(fixture('orders.json'))));
  const before = await contentOf(store);
  const plan = await planImport(store, optionsFor(fixture('trades_history.json'), fixture('holdings.json')));
  await runImport(store, plan);

  const gone = await rollbackImport(store, 'default', plan.importId, { actor: 'asha', why: 'wrong account', clock });

  expect(gone).toEqual({ orders: 5, fills: 5, snapshots: 1 });
  expect(await contentOf(store)).toEqual(before);
  expect(await store.audit.list('default', { limit: 10 })).toMatchObject([
    { actor: 'asha', action: 'import-rollback', subject: plan.importId, why: 'wrong account' },
  ]);
  expect(await rollbackImport(store, 'default', plan.importId)).toBeNull();
});

test('refuses to run one plan twice', async () => {
  const store = await openMemory();
  const plan = await planImport(store, optionsFor(fixture('trades_history.json')));
  await runImport(store, plan);
  await expect(runImport(store, plan)).rejects.toMatchObject({ code: 'ALGO_STORE_CONFLICT' });
});

test('the same file for another user or account is other rows', async () => {
  const store = await openMemory();
  const options = optionsFor(fixture('trades_history.json'));
  const ids = new Set<string>();
  for (const target of [TARGET, { ...TARGET, userId: 'other' }, { ...TARGET, account: 'second' }]) {
    const plan = await planImport(store, { ...options, target });
    expect(await runImport(store, plan)).toMatchObject({ orders: 5, fills: 5 });
    for (const { clientOrderId, userId } of plan.batch.orders) ids.add(`${userId} ${clientOrderId}`);
  }
  expect(ids.size).toBe(15);
});
