import assert from 'node:assert/strict';
import { isAlgoError } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { everyCallOf } from '../every-call.js';
import { ACCOUNT, configuration, credential, nthAttempt } from '../rows.js';
import { assertRefused, onStore } from '../stage.js';
import type { StoreSubject } from '../subject.js';
import { expected, NOTHING, read, write } from '../user-data.js';

const GOOD: Readonly<Record<string, string>> = {
  quotes: `u'1"; DROP TABLE attempts; --`,
  'a NUL': 'u1\0rest',
  'other scripts': 'उपयोगकर्ता-👩‍🚀',
  '10,000 characters': 'u'.repeat(10_000),
  'nothing in it': '',
  'wildcards and escapes': String.raw`u_1%\x00\N{}`,
};

/** Ids that a careless store takes for one: by case, spaces, normal form, cut at a NUL or at some length. */
const ALIKE: readonly string[] = [
  'u1',
  'U1',
  'u1 ',
  ' u1',
  'u1\0',
  'u1\\0',
  'ｕ1',
  'caf\u00e9',
  'cafe\u0301',
  `${'u'.repeat(10_000)}a`,
  `${'u'.repeat(10_000)}b`,
];

/** No text in UTF-8 holds these: whoever stores them stores the same replacement for all. */
const BROKEN: readonly string[] = ['\ud800', 'u\udc00', '\udbff rest'];

export function userIdsGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('user ids', () => {
    for (const [what, userId] of Object.entries(GOOD)) {
      test(`with ${what} work in every facet`, () =>
        onStore(subject, async ({ store }) => {
          const user = { userId, tag: nthAttempt(1).tag };
          const neighbour = { userId: 'u1', tag: nthAttempt(2).tag };
          await write(store, user);
          assert.deepEqual(await read(store, neighbour), NOTHING);
          await write(store, neighbour);
          assert.deepEqual(await read(store, user), expected(user));
          assert.deepEqual(await read(store, neighbour), expected(neighbour));
        }));
    }

    test('that look alike are different users', () =>
      onStore(subject, async ({ store }) => {
        const users = ALIKE.map((userId, index) => ({ userId, tag: nthAttempt(index).tag }));
        for (const user of users) {
          assert.deepEqual(await read(store, user), NOTHING);
          await write(store, user);
        }
        for (const user of users) assert.deepEqual(await read(store, user), expected(user));
      }));

    test('that are no text are refused by every call, and nothing is written', () =>
      onStore(subject, async ({ store }) => {
        for (const userId of BROKEN) {
          for (const [name, call] of Object.entries(everyCallOf(store, userId))) {
            await assertRefused(call(), 'ALGO_INVALID_INPUT', name);
          }
        }
        const { records } = await store.sealed.page(null, 10);
        assert.deepEqual(records, []);
        const replacement = { userId: '\ufffd', tag: nthAttempt(1).tag };
        assert.deepEqual(await read(store, replacement), NOTHING);
      }));
  });

  describe('names of brokers, accounts and settings', () => {
    test('that would run together are kept apart, or refused', () =>
      onStore(subject, async ({ store }) => {
        const pairs: readonly Pair[] = [
          ['a:b', 'c'],
          ['a', 'b:c'],
          ['a/b', 'c'],
          ['a', 'b/c'],
          ['a\0b', 'c'],
          ['a', 'b\0c'],
          ['a","b', 'c'],
          ['A', 'b/c'],
          ['\ud800', 'c'],
          ['\ud801', 'c'],
        ];
        const written: Pair[] = [];
        for (const [broker, account] of pairs) {
          const key = { ...ACCOUNT, broker, account };
          const put = store.credentials.put(credential({ ...key, fields: { broker, account } }), null);
          if (await isTaken(put)) written.push([broker, account]);
        }
        assert.ok(written.length >= 6, 'names without anything odd in them are refused');
        for (const [broker, account] of written) {
          const stored = await store.credentials.get({ ...ACCOUNT, broker, account });
          assert.deepEqual(stored?.fields, { broker, account });
        }
      }));

    test('of settings are told apart by every character, or refused', () =>
      onStore(subject, async ({ store }) => {
        const names = ['a', 'A', 'a ', 'a\0', 'a\0b', '\ud800', '\ud801', 'é', 'e\u0301'];
        const written: string[] = [];
        for (const name of names) {
          const put = store.configuration.put(configuration({ name, value: JSON.stringify(name) }), null);
          if (await isTaken(put)) written.push(name);
        }
        for (const name of written) {
          assert.equal((await store.configuration.get('u1', name))?.value, JSON.stringify(name));
        }
        assert.ok(written.length >= 5, 'names without anything odd in them are refused');
      }));
  });
}

/** Broker and account. */
type Pair = readonly [string, string];

/** False when it was refused as an id that the store could not tell from another one; no other refusal will do. */
async function isTaken(put: Promise<boolean>): Promise<boolean> {
  try {
    assert.equal(await put, true, 'it was taken for one that is there');
    return true;
  } catch (error) {
    if (isAlgoError(error) && error.code === 'ALGO_INVALID_INPUT') return false;
    throw error;
  }
}
