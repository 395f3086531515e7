import { deepStrictEqual, strictEqual } from 'node:assert';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sqlite } from '@algo/store-sqlite';
import { seeded } from '../../lib/shuffle.js';
import { atOnce, inTurns, oneByOne } from '../blocks.js';
import { loadCoreParts } from '../core-parts.js';
import { entryOf, keyOf, plainOf, recordOf } from '../samples.js';

const ACCOUNTS = 500;
/** A block of reads is over in a millisecond or two, before the scheduler takes the processor away. */
const READS = { blocks: 300, calls: 200 };
const WRITES = { normal: { blocks: 100, calls: 50 }, full: { blocks: 50, calls: 20 } };

/** Credentials of 500 accounts in a store, and the same bytes in a file of better-sqlite3's with the same settings. */
export async function measure({ folder, parts, share, seed }) {
  const { CredentialVault } = await loadCoreParts(parts);
  const random = seeded(seed);
  const scaled = ({ blocks, calls }) => ({ blocks: Math.ceil(blocks * share), calls, random });
  const measures = {};
  for (const durability of ['normal', 'full']) {
    const ours = await openStore(join(folder, `${durability}.db`), durability, CredentialVault, random);
    const raw = openRaw(join(folder, `${durability}-raw.db`), durability, random);
    if (durability === 'normal') {
      const read = { read: oneByOne(ours.read), firstRead: oneByOne(ours.firstRead), rawRead: atOnce(raw.read) };
      Object.assign(measures, await inTurns(read, scaled(READS)));
    }
    const write = { put: oneByOne(ours.put), audited: oneByOne(ours.audited), ...raw.writes };
    const written = await inTurns(write, scaled(WRITES[durability]));
    const suffix = durability === 'normal' ? 'Normal' : 'Full';
    for (const [name, value] of Object.entries(written)) measures[name + suffix] = value;
    await ours.close();
    raw.close();
  }
  return { measures };
}

async function openStore(path, durability, CredentialVault, random) {
  const store = await sqlite({ path, durability }).open();
  const master = { id: 'bench', bytes: randomBytes(32) };
  const keys = { current: async () => master, byId: async (id) => (id === master.id ? master : null) };
  const vault = new CredentialVault(keys);
  const forgetful = new CredentialVault(keys, { knownKeys: 0 });
  const kept = [];
  for (let number = 0; number < ACCOUNTS; number += 1) {
    const key = keyOf(number);
    const plain = plainOf(number);
    const sealed = await vault.seal(key, 'credential', 1, plain);
    strictEqual(await store.credentials.put(recordOf(key, 1, sealed), null), true);
    kept.push({ key, sealed, version: 1, token: JSON.parse(plain).accessToken });
  }
  const any = () => kept[Math.floor(random() * ACCOUNTS)];
  const readWith = (by) => async () => {
    const { key, token } = any();
    const record = await store.credentials.get(key);
    const { accessToken } = JSON.parse(await by.open(key, 'credential', record.version, record.sealed));
    if (accessToken !== token) throw new Error('read another token than was written');
  };
  const putWith = (entry) => async () => {
    const one = any();
    one.version += 1;
    const record = recordOf(one.key, one.version, one.sealed);
    if (!(await store.credentials.put(record, one.version - 1, entry(one.key)))) throw new Error('a write was refused');
  };
  return {
    read: readWith(vault),
    firstRead: readWith(forgetful),
    put: putWith(() => undefined),
    audited: putWith(entryOf),
    async close() {
      for (const { key, version } of kept) strictEqual((await store.credentials.get(key)).version, version);
      await store.close();
    },
  };
}

function openRaw(path, durability, random) {
  const file = new Database(path);
  file.pragma('journal_mode = WAL');
  file.pragma(`synchronous = ${durability}`);
  file.pragma('wal_autocheckpoint = 4000');
  file.pragma('cache_size = -16384');
  file.exec(`
    CREATE TABLE credentials (user_id TEXT NOT NULL, broker TEXT NOT NULL, account TEXT NOT NULL, version INTEGER NOT NULL,
      fields TEXT NOT NULL, sealed BLOB NOT NULL, updated_at_ms INTEGER NOT NULL, PRIMARY KEY (user_id, broker, account));
    CREATE INDEX credentials_by_broker ON credentials (broker);
    CREATE TABLE audit (seq INTEGER PRIMARY KEY, user_id TEXT NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL,
      action TEXT NOT NULL, subject TEXT NOT NULL, why TEXT, before TEXT, after TEXT);
    CREATE INDEX audit_by_user ON audit (user_id);
    CREATE INDEX audit_by_subject ON audit (user_id, subject)`);
  const get = file.prepare('SELECT version, sealed FROM credentials WHERE user_id = ? AND broker = ? AND account = ?');
  const upsert = file.prepare(
    `INSERT INTO credentials (user_id, broker, account, version, fields, sealed, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (user_id, broker, account) DO UPDATE SET version = excluded.version, fields = excluded.fields,
       sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms`,
  );
  const note = file.prepare(
    'INSERT INTO audit (user_id, at_ms, actor, action, subject, why, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const masterKey = randomBytes(32);
  const kept = Array.from({ length: ACCOUNTS }, (_, number) => {
    const plain = plainOf(number);
    return { key: keyOf(number), version: 0, token: JSON.parse(plain).accessToken, sealed: sealRaw(masterKey, plain) };
  });
  const any = () => kept[Math.floor(random() * ACCOUNTS)];
  const put = (one) => {
    one.version += 1;
    const { userId, broker, account } = one.key;
    upsert.run(userId, broker, account, one.version, `{"clientId":"${userId}"}`, one.sealed, 1_795_000_000_000);
  };
  const audited = file.transaction((one) => {
    put(one);
    note.run(...Object.values(entryOf(one.key)));
  });
  for (const one of kept) put(one);
  return {
    read() {
      const { key, token } = any();
      const { sealed } = get.get(key.userId, key.broker, key.account);
      const { accessToken } = JSON.parse(openSealedRaw(masterKey, sealed));
      if (accessToken !== token) throw new Error('read another token than was written');
    },
    writes: { rawPut: atOnce(() => put(any())), rawAudited: atOnce(() => audited.immediate(any())) },
    close() {
      const versions = file.prepare('SELECT version FROM credentials ORDER BY rowid').pluck().all();
      deepStrictEqual(
        versions,
        kept.map(({ version }) => version),
      );
      file.close();
    },
  };
}

function sealRaw(masterKey, plain) {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', masterKey, iv, { authTagLength: 16 });
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

function openSealedRaw(masterKey, sealed) {
  const decipher = createDecipheriv('aes-256-gcm', masterKey, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(12, 28));
  return decipher.update(sealed.subarray(28), undefined, 'utf8') + decipher.final('utf8');
}
