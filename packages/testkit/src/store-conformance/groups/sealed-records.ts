import assert from 'node:assert/strict';
import type { SealedRecord, SealedRecords } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { accountOf, credential, session } from '../rows.js';
import { onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';

const USERS = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'] as const;

export function sealedRecordsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('sealed records', () => {
    test('come in pages, each once, whoever’s they are', () =>
      onStore(subject, async ({ store: { credentials, sealed, sessions } }) => {
        assert.deepEqual(await everyPage(sealed, 10), []);
        const all: SealedRecord[] = [];
        for (const userId of USERS) {
          const bytes = new Uint8Array([Number(userId.slice(1))]);
          await credentials.put(credential({ userId, version: 3, sealed: bytes }), null);
          await sessions.put(session({ userId, sealed: bytes }), null);
          all.push({ ...accountOf(userId), field: 'credential', version: 3, sealed: bytes });
          all.push({ ...accountOf(userId), field: 'session', version: 1, sealed: bytes });
        }
        for (const limit of [1, 3, 14, 100]) assert.deepEqual(inOrder(await everyPage(sealed, limit)), inOrder(all));
      }));

    test('are each met though rows before and after the place are written meanwhile', () =>
      onStore(subject, async ({ store: { credentials, sealed, sessions } }) => {
        for (const userId of USERS) await credentials.put(credential({ userId }), null);
        for (const userId of USERS) await sessions.put(session({ userId }), null);
        let version = 1;
        const met = await everyPage(sealed, 3, async () => {
          for (const userId of USERS) await credentials.put(credential({ userId, version: version + 1 }), version);
          await sessions.delete(accountOf('u1'));
          await sessions.put(session({ userId: 'u1' }), null);
          version += 1;
        });
        const names = met.filter(({ userId }) => userId !== 'u1').map(({ userId, field }) => `${userId} ${field}`);
        assert.deepEqual(
          names.toSorted(),
          USERS.slice(1).flatMap((user) => [`${user} credential`, `${user} session`]),
        );
      }));

    test('are replaced over exactly their bytes, at the same version', () =>
      onStore(subject, async ({ store: { credentials, sealed, sessions } }) => {
        await credentials.put(credential({ version: 4 }), null);
        await sessions.put(session(), null);
        await credentials.put(credential({ userId: 'u2' }), null);
        const records = await everyPage(sealed, 10);
        const bytes = new Uint8Array([1, 2, 3, 0]);
        for (const record of records.filter(({ userId }) => userId === 'u1')) {
          assert.equal(await sealed.replace({ ...record, version: record.version + 1 }, bytes), false);
          assert.equal(await sealed.replace({ ...record, sealed: new Uint8Array([5]) }, bytes), false);
          assert.equal(await sealed.replace({ ...record, account: 'second' }, bytes), false);
          assert.equal(await sealed.replace({ ...record, userId: 'u3' }, bytes), false);
          assert.equal(await sealed.replace(record, bytes), true);
          assert.equal(await sealed.replace(record, bytes), false, 'its bytes are others now');
        }
        assert.deepEqual(await credentials.get(accountOf('u1')), credential({ version: 4, sealed: bytes }));
        assert.deepEqual(await sessions.get(accountOf('u1')), session({ sealed: bytes }));
        assert.deepEqual(await credentials.get(accountOf('u2')), credential({ userId: 'u2' }));
      }));

    test('are not replaced once they were written again or deleted', () =>
      onStore(subject, async ({ store: { credentials, sealed, sessions } }) => {
        await credentials.put(credential(), null);
        await sessions.put(session(), null);
        const records = await everyPage(sealed, 10);
        await credentials.put(credential({ version: 2 }), 1); // the same bytes at another version
        await sessions.delete(accountOf('u1'));
        for (const record of records) assert.equal(await sealed.replace(record, new Uint8Array([1])), false);
        assert.deepEqual(await credentials.get(accountOf('u1')), credential({ version: 2 }));
        assert.equal(await sessions.get(accountOf('u1')), null);
      }));
  });
}

/** All pages one after the other, with something happening between them. */
async function everyPage(
  sealed: SealedRecords,
  limit: number,
  between: () => Promise<void> = async () => undefined,
): Promise<readonly SealedRecord[]> {
  const records: SealedRecord[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<SealedRecords['page']>> = await sealed.page(after, limit);
    assert.ok(page.records.length <= limit, 'a page is longer than asked for');
    records.push(...page.records);
    after = page.next;
    assert.ok(records.length <= 100, 'the pages do not end');
    await between();
  } while (after !== null);
  return records;
}

const inOrder = (records: readonly SealedRecord[]): readonly SealedRecord[] =>
  records.toSorted((a, b) => (`${a.userId} ${a.field}` < `${b.userId} ${b.field}` ? -1 : 1));
