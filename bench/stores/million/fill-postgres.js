import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { ATTEMPTS, BUSY_USERS, FIRST_DAY, ROWS_A_DAY, USERS } from './shape.js';

/** The schema that is filled. */
export const MILLION = 'million';

/** Makes a store in its schema and fills it past the store, as `shape.js` says. */
export async function fillPostgres(connectionString) {
  const store = await postgres({ connectionString, schema: MILLION }).open();
  await store.close();
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`SET synchronous_commit = off; SET search_path = ${MILLION}, public; SET work_mem = '256MB'`);
    for (const sql of [ROWS, ...FILLS, 'VACUUM ANALYZE']) await client.query(sql); // as autovacuum would, a minute later
    const { rows } = await client.query('SELECT COUNT(*)::int AS made FROM attempts');
    if (rows[0].made !== ATTEMPTS) throw new Error(`${rows[0].made} attempts were made instead of ${ATTEMPTS}`);
  } finally {
    await client.end();
  }
}

const day = `to_char(to_timestamp(${FIRST_DAY / 1_000} + n / ${ROWS_A_DAY} * 86400) AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
const user = `'u' || CASE WHEN o % 10 = 0 THEN o / 10 % ${BUSY_USERS} ELSE ${BUSY_USERS} + (o - o / 10 - 1) * 7919::bigint % ${USERS - BUSY_USERS} END`;
const tag = "'T' || lpad(n::text, 17, '0')";
const clientOrderId = "'c' || lpad(o::text, 9, '0')";
const brokerOrderId = "'2611240' || lpad(n::text, 9, '0')";
const tradeId = "'F' || lpad(n::text, 9, '0')";
const owner = "sha256(convert_to(u, 'UTF8')), u, b, 'main'";

/** One row for each attempt: `n` its number, `o` its order, `u` whose it is, `b` at which broker. */
const ROWS = `
  CREATE TEMP TABLE made AS
  WITH ordered AS (SELECT n, CASE WHEN n % 20 IN (7, 13) THEN n - 1 ELSE n END AS o FROM generate_series(0, ${ATTEMPTS - 1}) AS n),
    owned AS (SELECT n, o, ${user} AS u FROM ordered)
  SELECT n, o, u, CASE WHEN substr(u, 2)::int % 3 = 0 THEN 'angel' ELSE 'dhan' END AS b FROM owned ORDER BY n`;

const FILLS = [
  `INSERT INTO attempts (position, user_key, user_id, broker, account, tag, owner, kind, client_order_id, number, request,
     state, trading_day, created_at_ms, send_by_ms, broker_order_id, updated_at_ms)
   SELECT nextval('journal_position'), ${owner}, ${tag}, 'bench',
     CASE n % 20 WHEN 7 THEN 'modify' WHEN 13 THEN 'cancel' ELSE 'place' END, ${clientOrderId}, 1,
     '{"instrument":"NSE:RELIANCE","price":"1300.05","product":"MIS","quantity":10,"side":"BUY","type":"LIMIT","validity":"DAY"}',
     CASE WHEN n % 1000 = 999 THEN 'UNRESOLVED' WHEN n % 25 = 0 THEN 'REJECTED' ELSE 'ACKNOWLEDGED' END, ${day},
     ${FIRST_DAY} + n, ${FIRST_DAY} + n, ${brokerOrderId}, ${FIRST_DAY} + n
   FROM made ORDER BY n`,
  `INSERT INTO sightings (user_key, user_id, broker, account, client_order_id, broker_order, seen_at_ms)
   SELECT ${owner}, ${clientOrderId}, json_build_object('brokerOrderId', ${brokerOrderId}, 'exchangeOrderId', NULL,
     'tag', ${tag}, 'instrument', 'NSE:RELIANCE', 'symbol', 'RELIANCE', 'side', 'BUY', 'type', 'LIMIT', 'product', 'MIS',
     'validity', 'DAY', 'quantity', 10, 'filledQuantity', 10, 'price', 1300.05, 'triggerPrice', NULL, 'averagePrice', 1300.05,
     'status', 'FILLED', 'brokerStatus', 'TRADED', 'reason', NULL, 'placedAtMs', ${FIRST_DAY} + n,
     'updatedAtMs', ${FIRST_DAY} + n), ${FIRST_DAY} + n
   FROM made WHERE o % 13 < 4 AND n = o ORDER BY n`,
  `INSERT INTO fills (user_key, user_id, broker, account, trade_id, client_order_id, trade)
   SELECT ${owner}, ${tradeId}, ${clientOrderId}, json_build_object('tradeId', ${tradeId}, 'brokerOrderId', ${brokerOrderId},
     'exchangeOrderId', NULL, 'instrument', 'NSE:RELIANCE', 'symbol', 'RELIANCE', 'side', 'BUY', 'product', 'MIS',
     'quantity', 10, 'price', 1300.05, 'tradedAtMs', ${FIRST_DAY} + n)
   FROM made WHERE o % 13 < 4 AND n = o ORDER BY n`,
];
