import { strictEqual } from 'node:assert';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { seeded, shuffled } from '../../lib/shuffle.js';
import { masterOf } from '../samples.js';

const ROWS = 50_000;
const WARM_UP_ROWS = 5_000;
/** As many as the store sends at once. */
const CHUNK = 2_000;

/** Loads a master, then another in its place; which side begins is drawn. */
export async function measure({ server, share, seed }) {
  const master = masterOf(ROWS * share);
  const schema = `bench_${seed.toString(36)}`;
  const store = await postgres({ connectionString: server, schema }).open();
  const raw = await openRaw(server, `${schema}_raw`);
  const ours = (broker, rows) => store.instruments.replace('u1', broker, { source: 'bench', loadedAtMs: 1, rows });
  const measures = {};
  const load = async (name, side) => {
    const began = performance.now();
    strictEqual(await side('dhan', master), master.length);
    measures[name] = master.length / ((performance.now() - began) / 1_000);
  };
  for (const side of [ours, raw.load]) await side('angel', masterOf(WARM_UP_ROWS));
  const sides = [
    ['load', 'replace', ours],
    ['rawLoad', 'rawReplace', raw.load],
  ];
  for (const [first, then, side] of shuffled(sides, seeded(seed))) {
    await load(first, side);
    await load(then, side);
  }
  const last = master[master.length - 1];
  const found = await store.instruments.byToken('u1', 'dhan', last.segment, last.token);
  strictEqual(found?.instrument, last.instrument);
  await store.close();
  await raw.close();
  return { measures };
}

const TYPES = ['bigint', 'text', 'text', 'text', 'text', 'text', 'text', 'float8', 'float8', 'float8'];

async function openRaw(connectionString, schema) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`
    CREATE SCHEMA ${schema};
    CREATE TABLE ${schema}.instruments (broker text COLLATE "C" NOT NULL, ordinal bigint NOT NULL,
      instrument text COLLATE "C" NOT NULL, segment text COLLATE "C" NOT NULL, token text COLLATE "C" NOT NULL,
      symbol text NOT NULL, name text NOT NULL, isin text, lot_size double precision NOT NULL,
      tick double precision NOT NULL, freeze_quantity double precision, PRIMARY KEY (broker, ordinal));
    CREATE UNIQUE INDEX ON ${schema}.instruments (broker, instrument);
    CREATE UNIQUE INDEX ON ${schema}.instruments (broker, segment, token)`);
  const arrays = TYPES.map((type, column) => `$${column + 2}::${type}[]`).join(', ');
  const text = `INSERT INTO ${schema}.instruments SELECT $1, * FROM unnest(${arrays})`;
  const insert = async (broker, rows, from) => {
    const columns = TYPES.map(() => []);
    for (let row = from; row < Math.min(from + CHUNK, rows.length); row += 1) {
      const { instrument, segment, token, symbol, name, isin, lotSize, tick, freezeQuantity } = rows[row];
      const values = [row + 1, instrument, segment, token, symbol, name, isin, lotSize, tick, freezeQuantity];
      for (let column = 0; column < TYPES.length; column += 1) columns[column].push(values[column]);
    }
    await client.query({ name: 'raw insert', text, values: [broker, ...columns] });
  };
  return {
    async load(broker, rows) {
      await client.query('BEGIN');
      await client.query(`DELETE FROM ${schema}.instruments WHERE broker = $1`, [broker]);
      for (let from = 0; from < rows.length; from += CHUNK) await insert(broker, rows, from);
      await client.query('COMMIT');
      return rows.length;
    },
    close: () => client.end(),
  };
}
