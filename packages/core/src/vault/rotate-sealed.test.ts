import { expect, test } from 'vitest';
import type { KeyProvider, LocalKey } from '../contract/key-provider.js';
import type { SealedRecord, SealedRecords } from '../contract/sealed-records.js';
import { CredentialVault } from './credential-vault.js';
import { boxesOf, masterOf } from './fixtures/boxes.js';
import type { BoxFixture } from './fixtures/boxes.js';
import { memoryStore } from '../stores/memory-store.js';
import { keyring } from './keyring.js';
import { kmsKey } from './kms-key.js';
import { rotateSealed } from './rotate-sealed.js';
import type { RotationReport } from './rotate-sealed.js';
import { keyIdOf } from './sealed-box.js';

const CALLS = process.env['ALGO_TEST_FULL'] === '1' ? 10_000 : 1_000;

const key = (id: string, fill: number): LocalKey => ({ id, bytes: new Uint8Array(32).fill(fill) });
const only = (one: LocalKey): KeyProvider => ({
  current: async () => one,
  byId: async (id) => (id === one.id ? one : null),
});
const [OLD, NEW] = [key('old', 1), key('new', 2)];
const before = new CredentialVault(only(OLD));
const after = new CredentialVault(keyring({ current: only(NEW), older: [only(OLD)] }));
const without = new CredentialVault(only(NEW));

/** Sealed rows as a store has them; tests put what they like between two of its calls. */
class Rows implements SealedRecords {
  readonly #rows = new Map<string, SealedRecord>();
  beforeReplace: (record: SealedRecord) => void | Promise<void> = () => undefined;
  largestPage = 0;

  get all(): readonly SealedRecord[] {
    return [...this.#rows.values()].sort((one, two) => (nameOf(one) < nameOf(two) ? -1 : 1));
  }

  put(record: SealedRecord): void {
    this.#rows.set(nameOf(record), record);
  }

  delete(record: SealedRecord): void {
    this.#rows.delete(nameOf(record));
  }

  async page(from: string | null, limit: number): ReturnType<SealedRecords['page']> {
    const records = this.all.filter((record) => from === null || nameOf(record) > from).slice(0, limit);
    this.largestPage = Math.max(this.largestPage, records.length);
    const last = records.at(-1);
    return { records, next: last === undefined || records.length < limit ? null : nameOf(last) };
  }

  async replace(record: SealedRecord, sealed: Uint8Array): Promise<boolean> {
    await this.beforeReplace(record);
    const found = this.#rows.get(nameOf(record));
    if (found?.version !== record.version || !Buffer.from(found.sealed).equals(record.sealed)) return false;
    this.put({ ...record, sealed });
    return true;
  }
}

const nameOf = ({ userId, broker, account, field }: SealedRecord): string =>
  JSON.stringify([userId, broker, account, field]);

async function rowOf(at: number, vault = before, version = 1): Promise<SealedRecord> {
  const account = { userId: `u${String(at).padStart(5, '0')}`, broker: 'dhan', account: 'main' };
  const field = at % 2 === 0 ? 'credential' : 'session';
  const sealed = await vault.seal(account, field, version, `text ${at} of version ${version}`);
  return { ...account, field, version, sealed };
}

async function rowsOf(count: number): Promise<Rows> {
  const rows = new Rows();
  for (let at = 0; at < count; at += 1) rows.put(await rowOf(at));
  return rows;
}

const opened = (vault: CredentialVault, record: SealedRecord): Promise<string> =>
  vault.open(record, record.field, record.version, record.sealed);

test('puts every record under the current key, so that the old one can go', async () => {
  const records = await rowsOf(25);
  expect(await rotateSealed({ records, vault: after, pageSize: 10 })).toEqual({
    rewrapped: 25,
    current: 0,
    changedMeanwhile: 0,
    undecryptable: [],
  });
  for (const [at, record] of records.all.entries())
    expect(await opened(without, record)).toBe(`text ${at} of version 1`);
  expect(records.largestPage).toBe(10);
});

test('a second rotation finds nothing to do and writes nothing', async () => {
  const records = await rowsOf(5);
  await rotateSealed({ records, vault: after });
  records.beforeReplace = () => expect.unreachable('nothing is to be written');
  expect(await rotateSealed({ records, vault: after })).toMatchObject({ rewrapped: 0, current: 5 });
});

test('boxes of the first format move to the present one', async () => {
  const boxes = boxesOf(1);
  const records = new Rows();
  for (const each of boxes) records.put(recordOf(each));
  const older = boxes.map((each) => only(masterOf(each)));
  const vault = new CredentialVault(keyring({ current: only(NEW), older }));
  expect(await rotateSealed({ records, vault })).toMatchObject({ rewrapped: boxes.length, undecryptable: [] });
  expect(records.all.map(({ sealed }) => [sealed[0], keyIdOf(sealed)])).toEqual(boxes.map(() => [2, 'new']));
  for (const record of records.all) {
    expect(await opened(without, record)).toBe(boxes.find(({ userId }) => userId === record.userId)?.plain);
  }
});

test('a record of the first format under the current key is moved as well', async () => {
  const [box] = boxesOf(1);
  const records = new Rows();
  records.put(recordOf(box));
  const vault = new CredentialVault(only(masterOf(box)));
  expect(await rotateSealed({ records, vault })).toMatchObject({ rewrapped: 1, current: 0 });
});

const recordOf = ({ userId, broker, account, field, version, box }: BoxFixture): SealedRecord => ({
  userId,
  broker,
  account,
  field,
  version,
  sealed: box,
});

test('what cannot be opened is listed and left byte for byte, and the others go on', async () => {
  const records = await rowsOf(10);
  const foreign = await rowOf(3, new CredentialVault(only(key('lost', 9))));
  const sound = await rowOf(4);
  const damaged = { ...sound, sealed: sound.sealed.map((byte, at) => (at === sound.sealed.length - 1 ? ~byte : byte)) };
  const garbage = { ...(await rowOf(5)), sealed: Buffer.from('garbage') };
  const swapped = { ...(await rowOf(6)), sealed: (await rowOf(8)).sealed };
  const shut: readonly (readonly [SealedRecord, string | null])[] = [
    [foreign, 'lost'],
    [damaged, 'old'],
    [garbage, null],
    [swapped, 'old'],
  ];
  for (const [record] of shut) records.put(record);

  const report = await rotateSealed({ records, vault: after, pageSize: 3 });

  expect(report).toMatchObject({ rewrapped: 6, current: 0, changedMeanwhile: 0 });
  expect(report.undecryptable).toEqual(
    shut.map(([{ userId, broker, account, field }, keyId]) => ({ userId, broker, account, field, keyId })),
  );
  for (const [record] of shut) expect(records.all).toContainEqual(record);
});

test('a record that somebody wrote meanwhile keeps what they wrote and is looked at again', async () => {
  const records = await rowsOf(6);
  let isFirst = true;
  records.beforeReplace = async (record) => {
    if (!isFirst) return;
    isFirst = false;
    records.put({ ...(await rowOf(0, before, 2)), userId: record.userId });
  };
  expect(await rotateSealed({ records, vault: after, pageSize: 2 })).toEqual({
    rewrapped: 6,
    current: 0,
    changedMeanwhile: 0,
    undecryptable: [],
  });
  expect(await Promise.all(records.all.map((record) => opened(without, record)))).toContain('text 0 of version 2');
});

test('a record that changes at every look is left as it is and counted', async () => {
  const records = await rowsOf(3);
  let version = 1;
  records.beforeReplace = async ({ userId }) => {
    if (userId === 'u00001') records.put(await rowOf(1, before, (version += 1)));
  };
  expect(await rotateSealed({ records, vault: after })).toMatchObject({ rewrapped: 2, changedMeanwhile: 1 });
  const left = records.all[1];
  if (left === undefined) throw new Error('must be there');
  expect(await opened(before, left)).toBe(`text 1 of version ${version}`);
});

test('a record that was deleted meanwhile does not come back', async () => {
  const records = await rowsOf(4);
  records.beforeReplace = (record) => {
    if (record.userId === 'u00002') records.delete(record);
  };
  expect(await rotateSealed({ records, vault: after })).toMatchObject({ rewrapped: 3, changedMeanwhile: 0 });
  expect(records.all.map(({ userId }) => userId)).toEqual(['u00000', 'u00001', 'u00003']);
});

test('ended halfway it can be run again and does the rest', async () => {
  const records = await rowsOf(20);
  const ending = new AbortController();
  const reason = new Error('the operator had enough');
  let done = 0;
  records.beforeReplace = () => void ((done += 1) === 7 && ending.abort(reason));
  await expect(rotateSealed({ records, vault: after, signal: ending.signal })).rejects.toBe(reason);
  expect(records.all.filter(({ sealed }) => keyIdOf(sealed) === 'new')).toHaveLength(7);
  for (const record of records.all) await opened(after, record);
  expect(await rotateSealed({ records, vault: after })).toMatchObject({ rewrapped: 13, current: 7 });
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 10_001])(
  'a page of %d records is refused',
  async (pageSize) => {
    const rotation = rotateSealed({ records: await rowsOf(1), vault: after, pageSize });
    await expect(rotation).rejects.toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  },
);

test('tells after every page how far it is', async () => {
  const told: RotationReport[] = [];
  const report = await rotateSealed({
    records: await rowsOf(5),
    vault: after,
    pageSize: 2,
    onProgress: (soFar) => told.push(soFar),
  });
  expect(told.map(({ rewrapped }) => rewrapped)).toEqual([2, 4, 5]);
  expect(told.at(-1)).toEqual(report);
});

test('a key service that goes down ends it with a typed error; nothing is called undecryptable and nothing is lost', async () => {
  const records = await rowsOf(10);
  let left = 4;
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x55);
  const service = kmsKey({
    id: 'arn:1',
    wrap: async (dataKey) => ((left -= 1) < 0 ? Promise.reject(new Error('canary')) : flip(dataKey)),
    unwrap: async (wrapped) => flip(wrapped),
  });
  const vault = new CredentialVault(keyring({ current: service, older: [only(OLD)] }));
  await expect(rotateSealed({ records, vault })).rejects.toMatchObject({ code: 'ALGO_KEY_UNUSABLE' });
  for (const record of records.all) await opened(vault, record);
  left = 100;
  expect(await rotateSealed({ records, vault })).toMatchObject({ rewrapped: 6, current: 4, undecryptable: [] });
});

test(`${CALLS} reads and as many writes go on through it, and not one fails`, async () => {
  const count = 200;
  const { credentials, sealed } = await memoryStore().open();
  const accountOf = (call: number) => ({ userId: `u${call % count}`, broker: 'dhan', account: 'main' });
  /** Every second writer does not know of the new key yet. */
  const write = async (call: number): Promise<void> => {
    const account = accountOf(call);
    const over = (await credentials.get(account))?.version ?? null;
    const version = (over ?? 0) + 1;
    const vault = call % 2 === 0 ? after : before;
    const bytes = await vault.seal(account, 'credential', version, textOf(account.userId, version));
    await credentials.put({ ...account, version, fields: {}, sealed: bytes, updatedAtMs: 0 }, over);
  };
  const read = async (call: number): Promise<void> => {
    const found = await credentials.get(accountOf(call));
    if (found === null) throw new Error('must be there');
    const plain = await after.open(found, 'credential', found.version, found.sealed);
    expect(plain).toBe(textOf(found.userId, found.version));
  };
  for (let at = 0; at < count; at += 1) await write(at);
  let rotating = true;
  let overlapped = 0;
  const others = (async () => {
    for (let call = 0; call < CALLS; call += 1) {
      await Promise.all([read(call * 7), write(call * 13)]);
      if (rotating) overlapped += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const report = await rotateSealed({ records: sealed, vault: after, pageSize: 10 });
  rotating = false;
  await others;

  expect(report.undecryptable).toEqual([]);
  expect(report.rewrapped + report.current + report.changedMeanwhile).toBe(count);
  expect(overlapped).toBeGreaterThan(count / 4); // they did go on while it ran
  await rotateSealed({ records: sealed, vault: after });
  const { records } = await sealed.page(null, count);
  expect(records).toHaveLength(count);
  for (const record of records) expect(await opened(without, record)).toBe(textOf(record.userId, record.version));
});

const textOf = (userId: string, version: number): string => `${userId} in version ${version}`;
