import { setTimeout as pause } from 'node:timers/promises';
import { postgres } from '@algo/store-postgres';
import { storeConformance } from '@algo/testkit';
import type { StoreSubject } from '@algo/testkit';
import { describe, expect, test } from 'vitest';
import { bundleChild, runChild } from './child-process.js';
import { eventually, isFull, opened } from './opened.js';
import { ACCOUNT, credential, nthAttempt } from './rows.js';
import { testServer } from './server.js';

const server = testServer();
bundleChild();

const subject: StoreSubject = {
  name: 'postgres',
  async create() {
    const schema = server.newSchema();
    return {
      definition: postgres({ connectionString: server.address(), schema, connections: 3 }),
      shared: true,
      bytes: () => server.bytes(),
      sql: (query) => server.sql(query, schema),
      dispose: async () => void (await server.sql(`DROP SCHEMA "${schema}" CASCADE`)),
    };
  },
};

storeConformance(subject, { describe, test }, { users: isFull ? 1_000 : 30 });

describe('several processes', () => {
  test('that race for the same client order ids get each of them once', { timeout: 120_000 }, async () => {
    const schema = server.newSchema();
    const store = await opened(server, schema);
    const [workers, ids] = isFull ? [8, 10_000] : [4, 500];
    const children = Array.from({ length: workers }, (_, worker) =>
      runChild('claim', server.address(), schema, `${worker}/${ids}`),
    );
    const claimed = (await Promise.all(children.map((child) => child.rest()))).flatMap((lines) => lines.slice(1));
    expect(claimed).toHaveLength(ids);
    expect(new Set(claimed).size).toBe(ids);
    expect(await store.journal.list('u1', { limit: ids + 1 })).toHaveLength(ids);
  });

  test('claim disjoint rows of a queue, and none waits for another', async () => {
    const schema = server.newSchema();
    const stores = await Promise.all([0, 1, 2].map(() => opened(server, schema)));
    const [first] = stores;
    const rows = Array.from({ length: 90 }, (_, index) => nthAttempt(index, { state: 'INTENT', sendByMs: null }));
    await Promise.all(rows.map((row) => first?.journal.add(row)));
    const claims = await Promise.all(
      stores.flatMap((store) =>
        Array.from({ length: 6 }, () =>
          store.journal.claimQueued(ACCOUNT, {
            kinds: ['place'],
            limit: 5,
            owner: store.owner,
            sendByMs: 2,
            atMs: 1,
          }),
        ),
      ),
    );
    const tags = claims.flat().map(({ tag }) => tag);
    expect(new Set(tags).size).toBe(tags.length);
    expect(tags.length).toBe(90);
  });

  test('that compare and set the same version: one wins', async () => {
    const schema = server.newSchema();
    const [one, other] = [await opened(server, schema), await opened(server, schema)];
    await one.credentials.put(credential(), null);
    for (let version = 2; version < 20; version += 1) {
      const race = await Promise.all(
        [one, other, one, other].map((store) => store.credentials.put(credential({ version }), version - 1)),
      );
      expect(race.filter(Boolean)).toHaveLength(1);
    }
  });
});

describe('an owner', () => {
  test('is alive while its process is, frozen or not, and dead once it was killed', { timeout: 60_000 }, async () => {
    const schema = server.newSchema();
    const store = await opened(server, schema);
    await eventually(
      'the grace after the start is over',
      async () => !(await store.isOwnerAlive('f'.repeat(32))),
      20_000,
    );
    const child = runChild('hold', server.address(), schema);
    const owner = (await child.nextLine()) ?? '';
    expect(owner).toMatch(/^[0-9a-f]{32}$/);
    expect(await store.isOwnerAlive(owner)).toBe(true);

    child.process.kill('SIGSTOP');
    await pause(300);
    expect(await store.isOwnerAlive(owner)).toBe(true);

    child.process.kill('SIGKILL');
    await eventually('the dead one is known to be dead', async () => !(await store.isOwnerAlive(owner)), 2_000);
    expect(await store.isOwnerAlive('')).toBe(false); // of rows older than owners
  });
});
