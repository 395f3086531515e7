import assert from 'node:assert/strict';
import type { AuditEntry } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { entry } from '../rows.js';
import { onStore, twoWays } from '../stage.js';
import type { StoreSubject } from '../subject.js';

export function auditGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('audit', () => {
    test('gives entries back as they were appended, newest first, of one user alone', () =>
      onStore(subject, async ({ store: { audit } }) => {
        const entries: readonly AuditEntry[] = [
          entry({ before: '{"version":1}', after: null, why: 'moved away' }),
          entry({ atMs: 5, actor: 'system', action: 'lease-lost', subject: 'broker/dhan' }), // the clock went back
          entry({ why: 'दाम "quoted" \n 👩‍🚀' }),
        ];
        for (const said of entries) await audit.append(said);
        await audit.append(entry({ userId: 'u2' }));
        const rows = await audit.list('u1', { limit: 10 });
        assert.deepEqual(
          rows.map(({ seq: _seq, ...said }) => said),
          entries.toReversed(),
        );
        assert.equal((await audit.list('u2', { limit: 10 })).length, 1);
        assert.deepEqual(await audit.list('u3', { limit: 10 }), []);
      }));

    test('numbers entries upwards, whoever writes them', () =>
      onStore(subject, async (stage) => {
        const [one, other] = await twoWays(stage);
        for (const [index, { audit }] of [one, other, one, other].entries()) {
          await audit.append(entry({ userId: `u${index % 3}`, atMs: index }));
        }
        const rows = (
          await Promise.all(['u0', 'u1', 'u2'].map((userId) => one.audit.list(userId, { limit: 10 })))
        ).flat();
        const inOrder = rows.toSorted((a, b) => a.seq - b.seq);
        assert.deepEqual(
          inOrder.map(({ atMs }) => atMs),
          [0, 1, 2, 3],
        );
        assert.equal(new Set(rows.map(({ seq }) => seq)).size, 4);
      }));

    test('comes in pages, of everything or of one subject', () =>
      onStore(subject, async ({ store: { audit } }) => {
        for (let index = 0; index < 10; index += 1) {
          await audit.append(entry({ atMs: index, subject: index % 2 === 0 ? 'dhan/main' : 'angel/main' }));
          await audit.append(entry({ userId: 'u2' }));
        }
        const first = await audit.list('u1', { limit: 4 });
        assert.deepEqual(
          first.map(({ atMs }) => atMs),
          [9, 8, 7, 6],
        );
        const beforeSeq = first.at(-1)?.seq ?? 0;
        const second = await audit.list('u1', { limit: 4, beforeSeq });
        assert.deepEqual(
          second.map(({ atMs }) => atMs),
          [5, 4, 3, 2],
        );
        const ofSubject = await audit.list('u1', { limit: 2, beforeSeq, subject: 'dhan/main' });
        assert.deepEqual(
          ofSubject.map(({ atMs }) => atMs),
          [4, 2],
        );
        assert.deepEqual(await audit.list('u1', { limit: 10, subject: 'kotak/main' }), []);
      }));
  });
}
