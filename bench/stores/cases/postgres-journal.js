import { strictEqual } from 'node:assert';
import { createHash } from 'node:crypto';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { percentile } from '../../lib/statistics.js';
import { seeded } from '../../lib/shuffle.js';
import { inTurns, oneByOne, together } from '../blocks.js';
import { attemptOf } from '../samples.js';

const CALLERS = 100;
const CONNECTIONS = 10;
const LONE = { blocks: 60, calls: 15 };
const SHARED = { blocks: 20, calls: 500 };

/** Intents in a store, and the same rows inserted through pg into a copy of its table. */
export async function measure({ server, share, seed }) {
  const random = seeded(seed);
  const scaled = ({ blocks, calls }) => ({ blocks: Math.ceil(blocks * share), calls, random });
  const schema = `bench_${seed.toString(36)}`;
  const store = await postgres({ connectionString: server, schema }).open();
  const raw = await openRaw(server, schema);
  let added = 0;
  const add = async () => {
    const { kind } = await store.journal.add(attemptOf(added++));
    if (kind !== 'added') throw new Error(`an attempt was not added: ${kind}`);
  };
  const lone = await inTurns({ add: oneByOne(add), insert: oneByOne(raw.insert) }, scaled(LONE));
  const waits = { ours: [], raw: [] };
  const shared = await inTurns(
    {
      shared: together(CALLERS, add, waits.ours),
      pooled: together(CALLERS, raw.insert, waits.raw),
      insert100: raw.insertAll,
    },
    scaled(SHARED),
  );
  await store.close();
  await raw.check(added);
  return {
    measures: {
      ...lone,
      ...shared,
      waitP50: percentile(waits.ours, 0.5),
      waitP99: percentile(waits.ours, 0.99),
      rawWaitP50: percentile(waits.raw, 0.5),
      rawWaitP99: percentile(waits.raw, 0.99),
    },
  };
}

const COLUMNS = {
  user_key: 'bytea',
  user_id: 'text',
  broker: 'text',
  account: 'text',
  tag: 'text',
  owner: 'text',
  kind: 'text',
  client_order_id: 'text',
  number: 'bigint',
  request: 'text',
  state: 'text',
  trading_day: 'text',
  created_at_ms: 'bigint',
  send_by_ms: 'bigint',
  broker_order_id: 'text',
  detail: 'text',
  updated_at_ms: 'bigint',
};

async function openRaw(connectionString, schema) {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS });
  await pool.query(`CREATE TABLE ${schema}.copied (LIKE ${schema}.attempts INCLUDING ALL)`);
  const names = Object.keys(COLUMNS);
  const into = `INSERT INTO ${schema}.copied (${names.join(', ')}, position)`;
  const position = `nextval('${schema}.journal_position')`;
  const one = `${into} VALUES (${names.map((_, column) => `$${column + 1}`).join(', ')}, ${position})`;
  const arrays = Object.values(COLUMNS).map((type, column) => `$${column + 1}::${type}[]`);
  const many = `${into} SELECT *, ${position} FROM unnest(${arrays.join(', ')})`;
  let inserted = 0;
  return {
    insert: () => pool.query({ name: 'raw insert', text: one, values: valuesOf(attemptOf(inserted++)) }),
    /** A hundred rows in one statement, on one connection: what shares a flush at best. */
    async insertAll(calls) {
      const client = await pool.connect();
      for (let left = calls; left > 0; left -= CALLERS) {
        const rows = Array.from({ length: CALLERS }, () => valuesOf(attemptOf(inserted++)));
        const values = names.map((_, column) => rows.map((row) => row[column]));
        await client.query({ name: 'raw insert of many', text: many, values });
      }
      client.release();
    },
    async check(added) {
      const { rows } = await pool.query(
        `SELECT (SELECT count(*) FROM ${schema}.attempts) AS ours, (SELECT count(*) FROM ${schema}.copied) AS raw`,
      );
      await pool.end();
      strictEqual(Number(rows[0].ours), added);
      strictEqual(Number(rows[0].raw), inserted);
    },
  };
}

const valuesOf = (row) => [
  createHash('sha256').update(row.userId).digest(),
  row.userId,
  row.broker,
  row.account,
  row.tag,
  row.owner,
  row.kind,
  row.clientOrderId,
  row.number,
  row.request,
  row.state,
  row.tradingDay,
  row.createdAtMs,
  row.sendByMs,
  row.brokerOrderId,
  row.detail,
  row.updatedAtMs,
];
