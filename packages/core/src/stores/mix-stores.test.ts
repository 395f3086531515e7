import { expect, test } from 'vitest';
import type { Store, StoreDefinition } from '../contract/store.js';
import type { StoreChange } from '../contract/store-change.js';
import { memoryStore } from './memory-store.js';
import { mixStores } from './mix-stores.js';

const ACCOUNT = { userId: 'u1', broker: 'dhan', account: 'main' } as const;
const credential = { ...ACCOUNT, version: 1, fields: {}, sealed: Uint8Array.of(1), updatedAtMs: 1 };
const session = { ...ACCOUNT, version: 1, sealed: Uint8Array.of(2), expiresAtMs: null, updatedAtMs: 1 };
const entry = {
  userId: 'u1',
  atMs: 1,
  actor: 'u1',
  action: 'put',
  subject: 'dhan/main',
  why: null,
  before: null,
  after: null,
};

/** A definition that counts, and whose opened stores are good but for what is said. */
function watched(changes: (good: Store) => Partial<Store> = () => ({})) {
  const definition = memoryStore();
  const seen = { opened: 0, closed: 0, definition };
  const counting: StoreDefinition = {
    async open() {
      seen.opened += 1;
      const good = await definition.open();
      const close = async (): Promise<void> => {
        seen.closed += 1;
        await good.close();
      };
      return { ...good, close, ...changes(good) };
    },
  };
  return { ...counting, seen };
}

test('serves each facet from the store that was named for it, and the rest from the base', async () => {
  const [base, secrets, log] = [memoryStore(), memoryStore(), memoryStore()];
  const mix = await mixStores(base, { credentials: secrets, audit: log }).open();
  await mix.credentials.put(credential, null, entry);
  await mix.sessions.put(session, null);
  const [inBase, inSecrets, inLog] = [await base.open(), await secrets.open(), await log.open()];
  expect(await inSecrets.credentials.get(ACCOUNT)).toEqual(credential);
  expect(await inBase.credentials.get(ACCOUNT)).toBeNull();
  expect(await inBase.sessions.get(ACCOUNT)).toEqual(session);
  expect(await inLog.audit.list('u1', { limit: 9 })).toHaveLength(1);
  expect(await inSecrets.audit.list('u1', { limit: 9 })).toEqual([]);
});

test('opens each store once and closes each once', async () => {
  const [base, other] = [watched(), watched()];
  const mix = await mixStores(base, { audit: other, instruments: other }).open();
  expect([base.seen.opened, other.seen.opened]).toEqual([1, 1]);
  await mix.close();
  expect([base.seen.closed, other.seen.closed]).toEqual([1, 1]);
});

test('closes what it opened when another store cannot be opened, and says why that one could not', async () => {
  const base = watched();
  const broken: StoreDefinition = { open: () => Promise.reject(new Error('the disk is gone')) };
  await expect(mixStores(base, { audit: broken }).open()).rejects.toThrow('the disk is gone');
  expect([base.seen.opened, base.seen.closed]).toEqual([1, 1]);
});

test('closes every store though one of them fails to, and says so', async () => {
  const stuck = watched(() => ({ close: () => Promise.reject(new Error('not today')) }));
  const other = watched();
  const mix = await mixStores(stuck, { audit: other }).open();
  await expect(mix.close()).rejects.toThrow('not today');
  expect(other.seen.closed).toBe(1);
});

test('refuses to take apart what one transaction has to hold together', () => {
  for (const facet of ['sessions', 'leases', 'journal', 'portfolio'] as const) {
    expect(() => mixStores(memoryStore(), { [facet]: memoryStore() })).toThrow(
      expect.objectContaining({ code: 'ALGO_INVALID_INPUT' }),
    );
  }
  const both = memoryStore();
  expect(() => mixStores(memoryStore(), { sessions: both, leases: both })).not.toThrow();
});

test('writes an audit entry that lies apart after its change, and none without a change', async () => {
  const log = memoryStore();
  const mix = await mixStores(memoryStore(), { audit: log }).open();
  expect(await mix.credentials.put(credential, 7, entry)).toBe(false);
  expect(await mix.credentials.delete(ACCOUNT, entry)).toBe(false);
  expect(await mix.transfers.rollback('u1', 'i1', entry)).toBeNull();
  await mix.removeBroker('u1', 'dhan', { dryRun: true, audit: entry });
  expect(await mix.audit.list('u1', { limit: 9 })).toEqual([]);
  await mix.credentials.put(credential, null, entry);
  await mix.removeBroker('u1', 'dhan', { dryRun: false, audit: { ...entry, action: 'removed' } });
  expect((await mix.audit.list('u1', { limit: 9 })).map(({ action }) => action)).toEqual(['removed', 'put']);
});

test('rejects when the entry that lies apart cannot be written, though the change was made', async () => {
  const log = watched(({ audit }) => ({ audit: { ...audit, append: () => Promise.reject(new Error('full')) } }));
  const mix = await mixStores(memoryStore(), { audit: log }).open();
  await expect(mix.credentials.put(credential, null, entry)).rejects.toThrow('full');
  expect(await mix.credentials.get(ACCOUNT)).toEqual(credential);
});

test('hands no user over by halves', async () => {
  const mix = await mixStores(memoryStore(), { credentials: memoryStore() }).open();
  await mix.configuration.put({ userId: 'u1', name: 'a', version: 1, value: '{}', updatedAtMs: 1 }, null);
  await expect(mix.transfers.reassign('u1', 'u2', [], [])).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });
  expect(await mix.configuration.list('u1')).toHaveLength(1);
});

test('keeps the instruments of another store while another user has credentials', async () => {
  const mix = await mixStores(memoryStore(), { instruments: memoryStore() }).open();
  await mix.instruments.replace('u1', 'dhan', { source: 's', loadedAtMs: 1, rows: [] });
  await mix.credentials.put(credential, null);
  await mix.credentials.put({ ...credential, userId: 'u2' }, null);
  expect(await mix.removeBroker('u1', 'dhan', { dryRun: false })).toMatchObject({ instrumentsShared: true });
  expect(await mix.instruments.master('u1', 'dhan')).not.toBeNull();
  expect(await mix.removeBroker('u2', 'dhan', { dryRun: false })).toMatchObject({ instrumentsShared: false });
  expect(await mix.instruments.master('u1', 'dhan')).toBeNull();
});

test('hears what others change in any of the stores', async () => {
  const [base, secrets] = [memoryStore(), memoryStore()];
  const mix = await mixStores(base, { credentials: secrets }).open();
  const heard: StoreChange['kind'][] = [];
  const unsubscribe = mix.onChange(({ kind }) => heard.push(kind));
  const [inBase, inSecrets] = [await base.open(), await secrets.open()];
  await inBase.sessions.put(session, null);
  await inSecrets.credentials.put(credential, null);
  expect(heard).toEqual(['session', 'credentials']);
  unsubscribe();
  await inBase.sessions.delete(ACCOUNT);
  expect(heard).toHaveLength(2);
});

test('goes by the name of the journal’s store, and by what that one says of the living', async () => {
  const orders = memoryStore();
  const mix = await mixStores(memoryStore(), { journal: orders, portfolio: orders }).open();
  const inOrders = await orders.open();
  expect(await inOrders.isOwnerAlive(mix.owner)).toBe(true);
  expect(await mix.isOwnerAlive(inOrders.owner)).toBe(true);
  await mix.close();
  expect(await inOrders.isOwnerAlive(mix.owner)).toBe(false);
});

test('is shared when one of its stores is', async () => {
  const shared = watched(() => ({ shared: true }));
  expect((await mixStores(memoryStore(), { audit: shared }).open()).shared).toBe(true);
  expect((await mixStores(memoryStore(), { audit: memoryStore() }).open()).shared).toBe(false);
});
