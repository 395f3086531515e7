import Database from 'better-sqlite3';
import { sqlite } from '@algo/store-sqlite';
import { ATTEMPTS, BUSY_USERS, FIRST_DAY, ROWS_A_DAY, USERS } from './shape.js';

/** Makes a store at `path` and fills it past the store, as `shape.js` says. */
export async function fillSqlite(path) {
  const store = await sqlite({ path }).open();
  await store.close();
  const file = new Database(path);
  try {
    file.pragma('synchronous = OFF');
    file.pragma('cache_size = -262144');
    file.transaction(() => [ROWS, ...FILLS].forEach((sql) => file.exec(sql)))();
    file.exec('DROP TABLE temp.made');
    const { rows } = file.prepare('SELECT COUNT(*) AS rows FROM attempts').get();
    if (rows !== ATTEMPTS) throw new Error(`${rows} attempts were made instead of ${ATTEMPTS}`);
  } finally {
    file.close();
  }
}

const day = `date(${FIRST_DAY / 1_000} + n / ${ROWS_A_DAY} * 86400, 'unixepoch')`;
const user = `'u' || iif(o % 10 = 0, o / 10 % ${BUSY_USERS}, ${BUSY_USERS} + (o - o / 10 - 1) * 7919 % ${USERS - BUSY_USERS})`;

/** One row for each attempt: `n` its number, `o` its order, `u` whose it is, `b` at which broker. */
const ROWS = `
  CREATE TEMP TABLE made AS
  WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted LIMIT ${ATTEMPTS}),
    ordered AS (SELECT n, iif(n % 20 IN (7, 13), n - 1, n) AS o FROM counted),
    owned AS (SELECT n, o, ${user} AS u FROM ordered)
  SELECT n, o, u, iif(substr(u, 2) % 3 = 0, 'angel', 'dhan') AS b FROM owned`;

const FILLS = [
  `INSERT INTO trading_days (trading_day, first_seq) SELECT ${day}, n + 1 FROM made WHERE n % ${ROWS_A_DAY} = 0`,
  `INSERT INTO attempts (seq, user_id, kind, trading_day, state, broker, account, tag, client_order_id, number,
     created_at_ms, updated_at_ms, send_by_ms, broker_order_id, detail, request, owner)
   SELECT n + 1, u, CASE n % 20 WHEN 7 THEN 1 WHEN 13 THEN 2 ELSE 0 END, ${day},
     CASE WHEN n % 1000 = 999 THEN 4 WHEN n % 25 = 0 THEN 6 ELSE 5 END, b, 'main', printf('T%017d', n),
     printf('c%09d', o), 1, ${FIRST_DAY} + n, ${FIRST_DAY} + n, ${FIRST_DAY} + n, printf('2611240%09d', n), NULL,
     '{"instrument":"NSE:RELIANCE","price":"1300.05","product":"MIS","quantity":10,"side":"BUY","type":"LIMIT","validity":"DAY"}',
     'bench'
   FROM made ORDER BY n`,
  `INSERT INTO sightings (client_order_id, user_id, broker, account, broker_order, seen_at_ms)
   SELECT printf('c%09d', o), u, b, 'main', json_object('brokerOrderId', printf('2611240%09d', n),
     'exchangeOrderId', NULL, 'tag', printf('T%017d', n), 'instrument', 'NSE:RELIANCE', 'symbol', 'RELIANCE', 'side', 'BUY',
     'type', 'LIMIT', 'product', 'MIS', 'validity', 'DAY', 'quantity', 10, 'filledQuantity', 10, 'price', 1300.05,
     'triggerPrice', NULL, 'averagePrice', 1300.05, 'status', 'FILLED', 'brokerStatus', 'TRADED', 'reason', NULL,
     'placedAtMs', ${FIRST_DAY} + n, 'updatedAtMs', ${FIRST_DAY} + n), ${FIRST_DAY} + n
   FROM made WHERE o % 13 < 4 AND n = o ORDER BY n`,
  `INSERT INTO fills (user_id, broker, account, trade_id, client_order_id, trade)
   SELECT u, b, 'main', printf('F%09d', n), printf('c%09d', o), json_object('tradeId', printf('F%09d', n),
     'brokerOrderId', printf('2611240%09d', n), 'exchangeOrderId', NULL, 'instrument', 'NSE:RELIANCE',
     'symbol', 'RELIANCE', 'side', 'BUY', 'product', 'MIS', 'quantity', 10, 'price', 1300.05, 'tradedAtMs', ${FIRST_DAY} + n)
   FROM made WHERE o % 13 < 4 AND n = o ORDER BY n`,
];
