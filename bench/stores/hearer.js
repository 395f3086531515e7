import { postgres } from '@algo/store-postgres';
import pg from 'pg';
import { serve, sharedMicros } from './other-process.js';

/** The process that hears of changes: through a store, and as a bare listener. */
serve(async ({ server, schema, channels }, tell) => {
  const store = await postgres({ connectionString: server, schema }).open();
  store.onChange((change) => {
    const atUs = sharedMicros();
    if (change.kind === 'credentials') tell({ kind: 'seen', atUs, userId: change.key.userId });
  });
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  client.on('notification', ({ channel }) => tell({ kind: channel, atUs: sharedMicros() }));
  for (const channel of channels) await client.query(`LISTEN ${channel}`);
  return {
    async close() {
      await client.end();
      await store.close();
    },
  };
});
