import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { isAlgoError } from '@algo/core/store';
import type { Store } from '@algo/core/store';
import type { TestRunner } from '../../conformance/runner.js';
import { ACCOUNT, attempt, credential, entry, session } from '../rows.js';
import { onStore } from '../stage.js';
import type { StoreConformanceOptions, StorePlace, StoreSubject } from '../subject.js';
import { NOTHING, read } from '../user-data.js';

/** What a store must neither hold in clear nor repeat where it does not belong. */
export function secretsGroup(runner: TestRunner, subject: StoreSubject, options: StoreConformanceOptions): void {
  spokenGroup(runner, subject);
  if (options.opaque !== true) keptGroup(runner, subject);
}

/** In the bytes that the store keeps. */
function keptGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('what is sealed', () => {
    test('lies in the data as it was sealed, and nothing of it in clear', () =>
      onStore(subject, async ({ store, place, reopen }) => {
        const secrets = Array.from({ length: 8 }, (_, index) => `canary-${index}-${randomBytes(12).toString('hex')}`);
        const boxes = secrets.map(sealedBox);
        await writeBoxes(store, boxes);
        for (const stage of ['open', 'closed and opened again']) {
          const bytes = await place.bytes();
          assert.ok(bytes, 'the place shows none of its bytes; a store that has none is `opaque`');
          for (const secret of secrets) assertHoldsNot(bytes, Buffer.from(secret), `the data, ${stage}`);
          for (const box of boxes)
            assert.ok(finds(bytes, box), 'what was sealed is not found: the search shows nothing');
          if (stage === 'open') await reopen();
        }
      }));
  });
}

/** In what it says. */
function spokenGroup({ describe, test }: TestRunner, subject: StoreSubject): void {
  describe('what is sealed', () => {
    test('is in no list, no audit entry and no column but its own', () =>
      onStore(subject, async ({ store, place }) => {
        const boxes = Array.from({ length: 4 }, () => randomBytes(48));
        await writeBoxes(store, boxes);
        const { credential: _credential, session: _session, ...plain } = await read(store, { userId: 'u1', tag: 'T1' });
        assert.notDeepEqual(plain.credentials, NOTHING.credentials);
        const shown = Buffer.from(inspect(plain, { depth: 9, maxArrayLength: null, maxStringLength: null }));
        for (const box of boxes) assertHoldsNot(shown, box, 'a list');
        for (const column of await plainColumns(place)) {
          for (const box of boxes) assertHoldsNot(column.bytes, box, column.name);
        }
      }));

    test('is in no error, and neither is any other value', () =>
      onStore(subject, async ({ store }) => {
        const canary = randomBytes(12).toString('hex');
        const box = randomBytes(48);
        const told = [canary, box.toString('hex'), box.toString('base64')];
        const odd = `${canary}\ud800`;
        await store.journal.add(attempt({ request: `{"note":"${canary}"}` }));
        await store.transfers.import({ userId: canary, importId: canary, source: canary, atMs: 1, ...NO_ROWS });
        const failing: readonly Promise<unknown>[] = [
          store.journal.add(attempt({ clientOrderId: canary, request: `{"note":"${canary}"}` })),
          store.credentials.put(credential({ userId: odd, sealed: box, fields: { clientId: canary } }), null),
          store.sessions.put(session({ userId: odd, sealed: box }), null),
          store.audit.append(entry({ userId: odd, after: canary })),
          store.transfers.import({ userId: canary, importId: canary, source: canary, atMs: 1, ...NO_ROWS }),
          store.transfers.reassign(canary, 'u1', [credential({ sealed: box })], []),
        ];
        for (const [index, result] of (await Promise.allSettled(failing)).entries()) {
          assert.ok(result.status === 'rejected', `call ${index} was not refused`);
          assert.ok(isAlgoError(result.reason), `call ${index} failed with something that is not an AlgoError`);
          const text = inspect(result.reason, { depth: 9, maxStringLength: null });
          for (const value of told) assert.ok(!text.includes(value), `the error of call ${index} repeats a value`);
        }
      }));
  });
}

const NO_ROWS = { orders: [], fills: [], snapshots: [] } as const;

/** The text under AES-256-GCM with a key that nobody keeps. */
function sealedBox(secret: string): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), iv, { authTagLength: 16 });
  return Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** Half of them as credentials, half as sessions, each with an audit entry. */
async function writeBoxes({ credentials, sessions }: Store, boxes: readonly Buffer[]): Promise<void> {
  for (const [index, box] of boxes.entries()) {
    const account = index < 2 ? ACCOUNT.account : `account-${index}`;
    const sealed = new Uint8Array(box);
    const put =
      index % 2 === 0
        ? await credentials.put(credential({ account, sealed }), null, entry())
        : await sessions.put(session({ account, sealed }), null);
    assert.ok(put);
  }
}

interface Column {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const TABLES = ['credentials', 'sessions', 'audit', 'configuration', 'leases', 'attempts', 'sightings'] as const;

/** Every value behind the store's back, but those of the columns that hold what is sealed. */
async function plainColumns({ sql }: StorePlace): Promise<readonly Column[]> {
  if (sql === null) return [];
  const columns: Column[] = [];
  for (const table of TABLES) {
    for (const row of await sql(`SELECT * FROM ${table}`)) {
      for (const [name, value] of Object.entries(row)) {
        if (name !== 'sealed') columns.push({ name: `${table}.${name}`, bytes: bytesOf(value) });
      }
    }
  }
  assert.ok(columns.length > 0);
  return columns;
}

const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : inspect(value));

/** As it is, and as a dump or JSON would spell it. */
const finds = (haystack: Uint8Array, needle: Buffer): boolean => {
  const bytes = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.byteLength);
  const hex = needle.toString('hex');
  return [needle, hex, hex.toUpperCase(), needle.toString('base64').replace(/=+$/, '')].some((spelled) =>
    bytes.includes(spelled),
  );
};

const assertHoldsNot = (haystack: Uint8Array, needle: Buffer, what: string): void =>
  assert.ok(!finds(haystack, needle), `${what} holds what it should not`);
