import { setTimeout as sleep } from 'node:timers/promises';
import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { percentile } from '../../lib/statistics.js';
import { seeded } from '../../lib/shuffle.js';
import { inTurns, oneByOne } from '../blocks.js';
import { sharedMicros, startOther } from '../other-process.js';

const CALLS = { blocks: 25, calls: 5 };
const LEASE_MS = 15_000;
/** After this the other one surely waits, and has not asked again yet. */
const SETTLED_MS = 5;
const TAKER = new URL('../taker.js', import.meta.url);

/** From the call that releases until the other process, which waited, has it. */
export async function measure({ server, parts, share, seed }) {
  const random = seeded(seed);
  const schema = `bench_${seed.toString(36)}`;
  const store = await postgres({ connectionString: server, schema }).open();
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`CREATE TABLE ${schema}.raw (holder text NOT NULL)`);
  await client.query(`INSERT INTO ${schema}.raw VALUES ('nobody')`);
  const taker = startOther(TAKER, { server, schema, parts });
  await taker.next('ready');

  const took = { lease: [], lock: [], rawSteps: [] };
  const key = { userId: 'u1', name: 'session/dhan/main' };
  const lease = async () => {
    const held = await store.leases.acquire(key, store.owner, LEASE_MS);
    if (held === null) throw new Error('the lease was not given back');
    taker.send({ kind: 'take', key });
    await taker.next('waiting');
    await sleep(SETTLED_MS);
    const began = sharedMicros();
    await store.leases.release(held);
    took.lease.push((await taker.next('taken')).atUs - began);
    await taker.next('given-back');
  };
  const lock = async () => {
    await client.query('SELECT pg_advisory_lock(1)');
    taker.send({ kind: 'lock' });
    await taker.next('waiting');
    await sleep(SETTLED_MS);
    const began = sharedMicros();
    await client.query('SELECT pg_advisory_unlock(1)');
    took.lock.push((await taker.next('locked')).atUs - began);
    await taker.next('given-back');
  };
  const steps = async () => {
    await sleep(SETTLED_MS);
    const began = sharedMicros();
    await client.query({ name: 'give', text: giveIn(schema), values: ['nobody'] });
    took.rawSteps.push((await taker.next('stepped')).atUs - began);
  };
  await inTurns(
    { lease: oneByOne(lease), lock: oneByOne(lock), rawSteps: oneByOne(steps) },
    { blocks: Math.ceil(CALLS.blocks * share), calls: CALLS.calls, random },
  );
  await taker.close();
  await client.end();
  await store.close();
  const p50 = Object.entries(took).map(([name, values]) => [name, percentile(values, 0.5)]);
  return {
    measures: {
      ...Object.fromEntries(p50),
      leaseP99: percentile(took.lease, 0.99),
      lockP99: percentile(took.lock, 0.99),
    },
  };
}

const giveIn = (schema) =>
  `WITH given AS (UPDATE ${schema}.raw SET holder = $1 RETURNING 1) SELECT pg_notify('steps', '1') FROM given`;
