import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { planImport, runImport } from '@algo/migrate';
import { expect, test } from 'vitest';
import { contentOf, fileOf, fixture, openMemory, optionsFor, temporaryFolder } from './helpers.js';

const TRADE = { symbol: 'ITC', qty: 1, entry_price: 400, entry_time: '2025-01-01T10:00:00', status: 'open' };
const HEADER = 'symbol,qty,entry_price,entry_time,exit_price,exit_time,status';

const planOf = async (name: string, content: string | Uint8Array) =>
  planImport(await openMemory(), optionsFor(await fileOf(name, content)));

const planRows = (...rows: readonly unknown[]) => planOf('trades_history.json', JSON.stringify({ trades: rows }));

test.each<[string, object, RegExp]>([
  ['a formula', { symbol: '=HYPERLINK("http://x","y")' }, /^symbol looks like a formula: =HYPERLINK/],
  ['a formula that begins with a plus', { symbol: '+1+cmd|calc' }, /looks like a formula/],
  ['a formula that begins with an at', { symbol: '@SUM(A1)' }, /looks like a formula/],
  ['a formula that begins with a minus', { symbol: '-2+3' }, /looks like a formula/],
  ['a formula in a number', { qty: '=1+1' }, /^qty looks like a formula/],
  ['a formula in a time', { entry_time: '=NOW()' }, /^entry_time looks like a formula/],
  ['a formula for a status', { status: '=open' }, /^status looks like a formula/],
  ['NaN as text', { entry_price: 'NaN' }, /^entry_price is not a number: NaN/],
  ['infinity as text', { qty: 'Infinity' }, /^qty is not a number/],
  ['a number that overflows', { entry_price: '9'.repeat(12) }, /^entry_price is too large/],
  ['a negative quantity', { qty: -5 }, /^qty is negative: -5/],
  ['a negative quantity as text', { qty: '-5' }, /^qty is negative: -5/],
  ['a quantity of zero', { qty: 0 }, /^qty is zero/],
  ['a broken quantity', { qty: 1.5 }, /^qty is not a whole number/],
  ['a negative price', { entry_price: -1 }, /^entry_price is negative/],
  ['a price of zero', { entry_price: 0 }, /^entry_price is missing/],
  ['a future date', { entry_time: '2026-03-02T00:00:00' }, /^entry_time is in the future/],
  ['30 February', { entry_time: '2025-02-30T10:00:00' }, /^entry_time is not a time/],
  ['a date of another order', { entry_time: '15/01/2025 10:00' }, /^entry_time is not a time/],
  ['an unknown status', { status: 'half-open' }, /^status is neither open nor closed/],
  ['a symbol of other signs', { symbol: 'ITC; DROP TABLE orders' }, /^symbol is not a symbol/],
  ['a NUL', { symbol: 'IT\0C' }, /^symbol has control characters: IT\\u\{0\}C/],
  ['a terminal escape', { symbol: '\u001b[2J' }, /^symbol has control characters: \\u\{1b\}\[2J/],
  ['text that turns the direction of writing', { symbol: 'IT\u202eC' }, /control characters/],
  ['half a surrogate pair', { symbol: 'IT\ud800C' }, /control characters/],
  ['10,000 characters', { symbol: 'A'.repeat(10_000) }, /^symbol is too long: A{40}… \(10000 characters\)$/],
  ['an object for a number', { qty: { $gt: 0 } }, /^qty is not a number/],
  ['an object for a text', { symbol: { toString: 'x' } }, /^symbol is not a text/],
  ['a missing quantity', { qty: undefined }, /^qty or quantity is missing/],
  ['a missing symbol', { symbol: '  ' }, /^symbol or ticker is missing/],
  ['closed without a price', { status: 'closed', exit_time: '2025-01-02T10:00:00' }, /^exit_price is missing/],
  ['closed without a time', { status: 'closed', exit_price: 401 }, /^exit_time is missing/],
  [
    'closed before it was opened',
    { status: 'closed', exit_price: 401, exit_time: '2024-12-31T10:00:00' },
    /^it was closed before it was opened/,
  ],
])('refuses a row with %s, and takes the row beside it', async (_what, change, reason) => {
  const { files, batch } = await planRows({ ...TRADE, ...change }, TRADE);
  expect(files[0]).toMatchObject({ rows: 2, new: 1, refused: [{ row: 1, reason: expect.stringMatching(reason) }] });
  expect(batch.orders).toHaveLength(1);
});

test.each<[string, unknown]>([
  ['a number', 5],
  ['null', null],
  ['a list', []],
  ['a text', 'ITC'],
])('refuses a row that is %s', async (_what, row) => {
  expect((await planRows(row, TRADE)).files[0]).toMatchObject({
    rows: 2,
    new: 1,
    refused: [{ row: 1, reason: expect.stringContaining('it is not an object') }],
  });
});

test('a row with __proto__ is refused and nothing is polluted', async () => {
  const polluted = JSON.stringify([TRADE]).replace('"symbol"', '"__proto__": {"qty": 5, "polluted": 1}, "symbol"');
  const { files } = await planOf('trades_history.json', polluted);
  expect(files[0]?.refused).toEqual([{ row: 1, reason: 'it has a field called __proto__' }]);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();

  const holdings = '{"__proto__": {"quantity": 1, "avg_price": 2}, "constructor": {"quantity": 1, "avg_price": 2}}';
  const plan = await planOf('holdings.json', holdings);
  expect(plan.files[0]?.refused).toEqual([{ row: 1, reason: 'symbol is not a symbol: __proto__' }]);
  await expect(planOf('trades_history.csv', `${HEADER},__proto__\nITC,1,2,3,4,5,6,7\n`)).rejects.toMatchObject({
    code: 'ALGO_IMPORT_REFUSED',
  });
});

test('what a row inherits is not in it', async () => {
  const { files } = await planRows({ ...TRADE, status: undefined, toString: 'x' });
  expect(files[0]?.refused).toEqual([{ row: 1, reason: 'status is missing' }]);
  const layout = { like: 'trades-history', columns: { symbol: 'constructor' } } as const;
  const path = await fileOf('trades.json', JSON.stringify([TRADE]));
  const plan = await planImport(await openMemory(), { ...optionsFor(), files: [{ path, layout }] });
  expect(plan.files[0]?.refused).toEqual([{ row: 1, reason: 'constructor is missing' }]);
});

test('the bare NaN and Infinity of Python are refused row by row, and texts with them stay', async () => {
  const rows = JSON.stringify([TRADE, { ...TRADE, qty: 2 }, { ...TRADE, symbol: 'NaN' }]);
  const { files, batch } = await planOf(
    'trades_history.json',
    rows.replace('400', 'NaN').replace(':2,', ':-Infinity,'),
  );
  expect(files[0]?.refused.map(({ row, reason }) => [row, reason.slice(0, 25)])).toEqual([
    [1, 'entry_price is not a numb'],
    [2, 'qty looks like a formula:'],
  ]);
  expect(batch.orders[0]?.order.instrument).toBe('NSE:NAN');
});

test('counts duplicates inside a file', async () => {
  const sameMoment = { ...TRADE, entry_time: '2025-01-01T04:30:00Z', symbol: 'itc.ns' };
  const { files, writes } = await planRows(TRADE, TRADE, sameMoment, { ...TRADE, qty: 2 });
  expect(files[0]).toMatchObject({ rows: 4, new: 2, repeated: 2, known: 0 });
  expect(writes.orders).toBe(2);
});

test('reads mixed line ends, quotes, blank lines and a byte order mark', async () => {
  const row = (quantity: string) => `"ITC",${quantity},400,2025-01-01 10:00:00,,,open`;
  const text = `\uFEFF${HEADER}\r\n${row('1')}\n${row('2')}\r${row('"3"')}\r\n\n\r\n${row('4')}`;
  const { files, batch } = await planOf('trades_history.csv', text);
  expect(files[0]).toMatchObject({ rows: 4, new: 4, refused: [] });
  expect(batch.orders.map(({ order }) => order.quantity)).toEqual([1, 2, 3, 4]);
});

test('refuses broken rows of CSV by their line and takes the others', async () => {
  const good = 'ITC,1,400,2025-01-01 10:00:00,,,open';
  const text = [HEADER, good, 'ITC,1', 'ITC,"2"x,400,2025-01-01,,,open', '=cmd(),1,400,2025-01-01,,,open', good].join(
    '\n',
  );
  const { files } = await planOf('trades_history.csv', text);
  expect(files[0]).toMatchObject({ rows: 5, new: 1, repeated: 1 });
  expect(files[0]?.refused).toEqual([
    { row: 3, reason: 'it has 2 columns and the header 7' },
    { row: 4, reason: 'qty is not a number: "2"x' },
    { row: 5, reason: 'symbol looks like a formula: =cmd()' },
  ]);
});

test.each<[string, string, string | Uint8Array, RegExp]>([
  ['an empty file', 'trades_history.json', '', /it is empty/],
  ['blanks', 'trades_history.json', ' \n', /it is not JSON, or was cut off/],
  ['a file that was cut off', 'trades_history.json', '{"trades": [{"symbol": "ITC"', /it is not JSON, or was cut off/],
  ['JSON of something else', 'trades_history.json', '{"users": []}', /it holds no list of rows/],
  ['JSON without rows', 'trades_history.json', '{"trades": []}', /it holds no rows/],
  ['a text', 'orders.json', '"orders"', /it holds no list of rows/],
  ['bytes that are no UTF-8', 'orders.csv', Uint8Array.of(0x61, 0xff, 0x62), /it is not UTF-8/],
  ['UTF-16', 'orders.csv', Uint8Array.of(0xff, 0xfe, 0x61, 0), /it is UTF-16/],
  ['CSV with a header alone', 'orders.csv', 'order_id,symbol\n', /it holds no rows/],
  ['two columns of one name', 'orders.csv', 'symbol,symbol\nA,B\n', /it has two columns called symbol/],
  ['a row without an end', 'orders.csv', `symbol,qty\n"${'A,1\n'.repeat(20_000)}"`, /a row is longer than 65536/],
  ['a quote that never closes', 'orders.csv', 'symbol,qty\n"A,1\n', /a quote is opened and never closed/],
])('refuses %s as a whole', async (_what, name, content, why) => {
  await expect(planOf(name, content)).rejects.toMatchObject({
    code: 'ALGO_IMPORT_REFUSED',
    message: expect.stringMatching(why),
  });
});

test('refuses a file of 1 GB without reading it', async () => {
  const path = join(await temporaryFolder(), 'trades_history.json');
  const file = await open(path, 'w');
  await file.truncate(1_073_741_824);
  await file.close();
  const before = process.memoryUsage().rss;

  const planning = planImport(await openMemory(), optionsFor(path));

  await expect(planning).rejects.toMatchObject({
    code: 'ALGO_IMPORT_REFUSED',
    message: expect.stringContaining('it has 1024 MB and at most 256 are taken'),
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
});

test('refuses what is not a file', async () => {
  const folder = await temporaryFolder();
  const endless = join(folder, 'orders.json');
  await symlink('/dev/zero', endless);
  await mkdir(join(folder, 'holdings.json'));
  await symlink(join(folder, 'nowhere'), join(folder, 'trades.json'));
  const store = await openMemory();
  const refusal = (why: string) => ({ code: 'ALGO_IMPORT_REFUSED', message: expect.stringContaining(why) });
  await expect(planImport(store, optionsFor(endless))).rejects.toMatchObject(refusal('not a regular file'));
  await expect(planImport(store, optionsFor(join(folder, 'holdings.json')))).rejects.toMatchObject(
    refusal('not a regular file'),
  );
  await expect(planImport(store, optionsFor(join(folder, 'trades.json')))).rejects.toMatchObject(
    refusal('no such file'),
  );
});

test('a file that is refused leaves nothing of the others', async () => {
  const store = await openMemory();
  const broken = join(await temporaryFolder(), 'orders.json');
  await writeFile(broken, '[');
  await expect(planImport(store, optionsFor(fixture('trades_history.json'), broken))).rejects.toMatchObject({
    code: 'ALGO_IMPORT_REFUSED',
  });
  expect((await contentOf(store)).orders).toEqual([]);
});

test('says all that is wrong with its options at once', async () => {
  const options = { files: [], target: { userId: '', broker: 'x', account: 'x'.repeat(201) }, maxFileBytes: 0 };
  await expect(planImport(await openMemory(), options)).rejects.toMatchObject({
    code: 'ALGO_INVALID_INPUT',
    details: {
      problems: [
        { field: 'files' },
        { field: 'target.userId' },
        { field: 'target.account' },
        { field: 'maxFileBytes' },
      ],
    },
  });
});

test('orders with words nobody knows are refused, those with words of brokers are read', async () => {
  const order = {
    order_id: '1',
    symbol: 'ITC',
    side: 'B',
    quantity: 10,
    price: 400,
    order_type: 'SL-M',
    status: 'trigger pending',
    timestamp: 1_735_700_000,
  };
  const rows = [
    order,
    { ...order, order_id: '2', side: 'HOLD' },
    { ...order, order_id: '3', order_type: 'ICEBERG' },
    { ...order, order_id: '4', status: 'LOST' },
    { ...order, order_id: '5', status: 'PARTIAL' },
    { ...order, order_id: '6', status: 'PARTIAL', filled_quantity: 11 },
    { ...order, order_id: '7', status: 'PARTIAL', filled_quantity: 4 },
    { ...order, order_id: undefined },
  ];
  const { files, batch } = await planOf('orders.json', JSON.stringify(rows));
  expect(files[0]?.refused.map(({ row, reason }) => `${row} ${reason}`)).toEqual([
    '2 side is neither BUY nor SELL: HOLD',
    '3 order_type is not an order type: ICEBERG',
    '4 status is not a status that is known: LOST',
    '5 filled_quantity or filled_qty is missing',
    '6 filled_quantity is more than the order: 11',
    '8 order_id is missing',
  ]);
  expect(batch.orders.map(({ order: { type, status, filledQuantity } }) => [type, status, filledQuantity])).toEqual([
    ['SL-M', 'TRIGGER_PENDING', 0],
    ['SL-M', 'PARTIALLY_FILLED', 4],
  ]);
});

test('what was refused never reaches the store', async () => {
  const store = await openMemory();
  const path = await fileOf('trades_history.json', JSON.stringify([{ ...TRADE, symbol: '=canary()' }, TRADE]));
  await runImport(store, await planImport(store, optionsFor(path)));
  expect(JSON.stringify(await contentOf(store))).not.toContain('canary');
});
