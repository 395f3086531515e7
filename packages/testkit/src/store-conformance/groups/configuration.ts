import assert from 'node:assert/strict';
import type { TestRunner } from '../../conformance/runner.js';
import { configuration, entry } from '../rows.js';
import { onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

export function configurationGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('configuration', () => {
    test('comes back as it was put', () =>
      onStore(subject, async ({ store }) => {
        const long = configuration({ name: 'n'.repeat(200), value: JSON.stringify('दाम\0"'.repeat(5_000)) });
        for (const record of [configuration(), long]) {
          assert.equal(await store.configuration.get('u1', record.name), null);
          assert.equal(await store.configuration.put(record, null), true);
          assert.deepEqual(await store.configuration.get('u1', record.name), record);
        }
      }));

    test('is written only over the version it was made from', () =>
      onStore(subject, async ({ store }) => {
        const put: typeof store.configuration.put = (record, over) => store.configuration.put(record, over);
        assert.equal(await put(configuration({ version: 2 }), 1), false, 'over a version of nothing');
        assert.equal(await put(configuration(), null), true);
        assert.equal(await put(configuration(), null), false, 'over nothing, though there is one');
        assert.equal(await put(configuration({ version: 3 }), 2), false, 'over a version that never was');
        assert.equal(await put(configuration({ version: 2, value: '{}' }), 1), true);
        assert.equal(await put(configuration({ version: 2 }), 1), false, 'over an older version');
        assert.deepEqual(
          await store.configuration.get('u1', 'broker/dhan'),
          configuration({ version: 2, value: '{}' }),
        );
        await store.configuration.delete('u1', 'broker/dhan');
        assert.equal(await put(configuration({ version: 3 }), 2), false, 'over the version that was deleted');
      }));

    test('is won by one of many writers over the same version', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        const written = await Promise.all(
          [0, 1, 2, 3, 4, 5].map((at) => stores[at % 2]?.configuration.put(configuration({ updatedAtMs: at }), null)),
        );
        assert.equal(written.filter(Boolean).length, 1);
        const stored = await stage.store.configuration.get('u1', 'broker/dhan');
        assert.equal(stored?.updatedAtMs, written.indexOf(true));
      }));

    test('is listed for its user alone, in the order of names', () =>
      onStore(subject, async ({ store }) => {
        for (const name of ['routing', 'broker/dhan', 'Alerts'])
          await store.configuration.put(configuration({ name }), null);
        await store.configuration.put(configuration({ userId: 'u2' }), null);
        assert.deepEqual(
          await store.configuration.list('u1'),
          ['Alerts', 'broker/dhan', 'routing'].map((name) => configuration({ name })),
        );
      }));

    test('that was deleted is gone', () =>
      onStore(subject, async ({ store }) => {
        await store.configuration.put(configuration(), null);
        assert.equal(await store.configuration.delete('u1', 'routing'), false);
        assert.equal(await store.configuration.delete('u2', 'broker/dhan'), false);
        assert.equal(await store.configuration.delete('u1', 'broker/dhan'), true);
        assert.equal(await store.configuration.delete('u1', 'broker/dhan'), false);
        assert.equal(await store.configuration.get('u1', 'broker/dhan'), null);
      }));

    test('writes its audit entry with the change, and none without one', () =>
      onStore(subject, async ({ store }) => {
        await store.configuration.put(configuration(), null, entry({ action: 'put' }));
        await store.configuration.put(configuration(), null, entry({ action: 'conflict' }));
        await store.configuration.put(configuration({ version: 9 }), 8, entry({ action: 'conflict' }));
        await store.configuration.delete('u1', 'routing', entry({ action: 'nothing there' }));
        await store.configuration.delete('u1', 'broker/dhan', entry({ action: 'delete' }));
        const said = await store.audit.list('u1', { limit: 10 });
        assert.deepEqual(
          said.map(({ action }) => action),
          ['delete', 'put'],
        );
      }));
  });
}
