import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { loadCoreParts } from './core-parts.js';
import { serve, sharedMicros } from './other-process.js';

const PATIENCE_MS = 20_000;

/** The process that waits for what another one holds: as core's turns wait for a lease, and with bare statements. */
serve(async ({ server, schema, parts: path }, tell) => {
  const parts = await loadCoreParts(path);
  const store = await postgres({ connectionString: server, schema }).open();
  const clock = parts.systemClock();
  const leases = {
    ...store.leases,
    async acquire(...args) {
      const lease = await store.leases.acquire(...args);
      if (lease === null) tell({ kind: 'waiting' });
      return lease;
    },
  };
  const turns = new parts.LeasedTurns({ leases, owner: store.owner, clock, logger: parts.silentLogger });
  store.onChange((change) => {
    if (change.kind === 'lease') turns.freed(change.userId, change.name);
  });
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const listener = new pg.Client({ connectionString: server });
  await listener.connect();
  await listener.query('LISTEN steps');
  listener.on('notification', async () => {
    await client.query({ name: 'take', text: `UPDATE ${schema}.raw SET holder = $1 RETURNING 1`, values: ['taker'] });
    tell({ kind: 'stepped', atUs: sharedMicros() });
  });
  return {
    async take({ key }) {
      const nothingDone = async () => null;
      const work = async () => tell({ kind: 'taken', atUs: sharedMicros() });
      await turns.run(key, PATIENCE_MS, nothingDone, work);
      tell({ kind: 'given-back' });
    },
    async lock() {
      const locked = client.query('SELECT pg_advisory_lock(1)');
      tell({ kind: 'waiting' });
      await locked;
      tell({ kind: 'locked', atUs: sharedMicros() });
      await client.query('SELECT pg_advisory_unlock(1)');
      tell({ kind: 'given-back' });
    },
    async close() {
      await client.end();
      await listener.end();
      await store.close();
    },
  };
});
