import { randomBytes } from 'node:crypto';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { percentile } from '../../lib/statistics.js';
import { seeded } from '../../lib/shuffle.js';
import { inTurns, oneByOne } from '../blocks.js';
import { sharedMicros, startOther } from '../other-process.js';
import { keyOf, recordOf } from '../samples.js';

const CALLS = { blocks: 30, calls: 10 };
const HEARER = new URL('../hearer.js', import.meta.url);

/** From the call that writes until the other process is told, beside the same with bare statements. */
export async function measure({ server, share, seed }) {
  const random = seeded(seed);
  const schema = `bench_${seed.toString(36)}`;
  const store = await postgres({ connectionString: server, schema }).open();
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(
    `CREATE TABLE ${schema}.raw (id text PRIMARY KEY, version bigint NOT NULL, sealed bytea NOT NULL)`,
  );
  const hearer = startOther(HEARER, { server, schema, channels: ['bare', 'written'] });
  await hearer.next('ready');

  const took = { seen: [], afterAnswer: [], notify: [], rawPutNotify: [] };
  const key = keyOf(1);
  const sealed = randomBytes(560);
  let version = 0;
  const seen = async () => {
    version += 1;
    const began = sharedMicros();
    const isPut = await store.credentials.put(recordOf(key, version, sealed), version === 1 ? null : version - 1);
    const answered = sharedMicros();
    const { atUs, userId } = await hearer.next('seen');
    if (!isPut || userId !== key.userId) throw new Error('another change was seen than was made');
    took.seen.push(atUs - began);
    took.afterAnswer.push(atUs - answered);
  };
  const bare = (into, channel, query) => async () => {
    const began = sharedMicros();
    await client.query(query());
    into.push((await hearer.next(channel)).atUs - began);
  };
  await inTurns(
    {
      seen: oneByOne(seen),
      notify: oneByOne(
        bare(took.notify, 'bare', () => ({ name: 'bare', text: "SELECT pg_notify('bare', $1)", values: ['1'] })),
      ),
      rawPutNotify: oneByOne(
        bare(took.rawPutNotify, 'written', () => ({
          name: 'written',
          text: writtenIn(schema),
          values: ['1', version, sealed],
        })),
      ),
    },
    { blocks: Math.ceil(CALLS.blocks * share), calls: CALLS.calls, random },
  );
  await hearer.close();
  await client.end();
  await store.close();
  const p50 = Object.entries(took).map(([name, values]) => [name, percentile(values, 0.5)]);
  return {
    measures: {
      ...Object.fromEntries(p50),
      seenP99: percentile(took.seen, 0.99),
      notifyP99: percentile(took.notify, 0.99),
    },
  };
}

const writtenIn = (schema) =>
  `WITH written AS (
     INSERT INTO ${schema}.raw VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed RETURNING 1)
   SELECT pg_notify('written', '1') FROM written`;
