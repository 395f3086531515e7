import assert from 'node:assert/strict';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, credential, entry } from '../rows.js';
import { onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

export function credentialsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('credentials', () => {
    test('come back as they were put', () =>
      onStore(subject, async ({ store: { credentials } }) => {
        const largest = credential({ version: 4_294_967_295, sealed: new Uint8Array(20_000).fill(255) });
        assert.equal(await credentials.get(ACCOUNT), null);
        assert.equal(await credentials.put(credential(), null), true);
        assert.deepEqual(await credentials.get(ACCOUNT), credential());
        assert.equal(await credentials.put(largest, 1), true);
        assert.deepEqual(await credentials.get(ACCOUNT), largest);
      }));

    test('are written only over the version they were made from', () =>
      onStore(subject, async ({ store: { credentials } }) => {
        assert.equal(await credentials.put(credential({ version: 2 }), 1), false, 'over a version of nothing');
        assert.equal(await credentials.put(credential({ version: 7 }), null), true);
        assert.equal(
          await credentials.put(credential({ version: 8 }), null),
          false,
          'over nothing, though there is one',
        );
        assert.equal(await credentials.put(credential({ version: 9 }), 8), false, 'over a version that never was');
        assert.equal(await credentials.put(credential({ version: 8 }), 6), false, 'over an older version');
        assert.deepEqual(await credentials.get(ACCOUNT), credential({ version: 7 }));
        assert.equal(await credentials.put(credential({ version: 8, fields: {} }), 7), true);
        assert.deepEqual(await credentials.get(ACCOUNT), credential({ version: 8, fields: {} }));
      }));

    test('are won by one of many writers over the same version', () =>
      onStore(subject, async (stage) => {
        const stores = await twoWays(stage);
        const race = (version: number, over: number | null) =>
          Promise.all(
            [0, 1, 2, 3, 4, 5].map((at) =>
              stores[at % 2]?.credentials.put(credential({ version, updatedAtMs: at }), over),
            ),
          );
        assert.equal((await race(1, null)).filter(Boolean).length, 1);
        const written = await race(2, 1);
        const winner = written.indexOf(true);
        assert.equal(written.filter(Boolean).length, 1);
        assert.equal((await stage.store.credentials.get(ACCOUNT))?.updatedAtMs, winner);
      }));

    test('that were deleted are gone, and are not written over', () =>
      onStore(subject, async ({ store: { credentials } }) => {
        await credentials.put(credential({ version: 5 }), null);
        assert.equal(await credentials.delete({ ...ACCOUNT, account: 'second' }), false);
        assert.equal(await credentials.delete(ACCOUNT), true);
        assert.equal(await credentials.delete(ACCOUNT), false);
        assert.equal(await credentials.get(ACCOUNT), null);
        assert.deepEqual(await credentials.list('u1'), []);
        assert.equal(await credentials.put(credential({ version: 6 }), 5), false, 'over the version that was deleted');
        assert.equal(await credentials.put(credential({ version: 6 }), null), true);
      }));

    test('are listed for their user alone, in the order of brokers and accounts, without what is sealed', () =>
      onStore(subject, async ({ store: { credentials } }) => {
        const names = [
          ['kotak', 'a'],
          ['dhan', 'main'],
          ['dhan', 'Zeta'], // capitals come before small letters
          ['angel', 'z'],
        ] as const;
        for (const [broker, account] of names) await credentials.put(credential({ broker, account }), null);
        await credentials.put(credential({ userId: 'u2' }), null);
        const { sealed: _sealed, ...summary } = credential();
        assert.deepEqual(await credentials.list('u1'), [
          { ...summary, broker: 'angel', account: 'z' },
          { ...summary, broker: 'dhan', account: 'Zeta' },
          { ...summary, broker: 'dhan', account: 'main' },
          { ...summary, broker: 'kotak', account: 'a' },
        ]);
        assert.deepEqual(await credentials.list('u3'), []);
      }));

    test('keep fields whatever their names and texts', () =>
      onStore(subject, async ({ store: { credentials } }) => {
        const fields = { 'client id': '"quoted" \\ back', empty: '', दाम: '₹ 👩‍🚀', constructor: 'x', line: 'a\nb\tc' };
        await credentials.put(credential({ fields }), null);
        assert.deepEqual((await credentials.get(ACCOUNT))?.fields, fields);
      }));

    test('write their audit entry with the change, and none without one', () =>
      onStore(subject, async ({ store: { audit, credentials } }) => {
        const said = async () => (await audit.list('u1', { limit: 10 })).map(({ action }) => action);
        await credentials.put(credential(), null, entry({ action: 'put' }));
        await credentials.put(credential(), null, entry({ action: 'conflict' }));
        await credentials.put(credential({ version: 9 }), 8, entry({ action: 'conflict' }));
        await credentials.delete({ ...ACCOUNT, account: 'second' }, entry({ action: 'nothing there' }));
        assert.deepEqual(await said(), ['put']);
        await credentials.put(credential({ version: 2 }), 1, entry({ action: 'put again' }));
        await credentials.delete(ACCOUNT, entry({ action: 'delete' }));
        assert.deepEqual(await said(), ['delete', 'put again', 'put']);
      }));

    test('stay as they are when a caller changes what it put or was given', () =>
      onStore(subject, async ({ store: { credentials } }) => {
        const record = credential();
        await credentials.put(record, null);
        record.sealed.fill(7);
        const given = await credentials.get(ACCOUNT);
        given?.sealed.fill(8);
        assert.deepEqual(await credentials.get(ACCOUNT), credential());
      }));
  });
}
