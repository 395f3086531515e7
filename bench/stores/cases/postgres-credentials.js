import { strictEqual } from 'node:assert';
import { createHash, randomBytes } from 'node:crypto';
import { postgres, postgresGrants, postgresMigrations } from '@algo/store-postgres';
import pg from 'pg';
import { seeded } from '../../lib/shuffle.js';
import { inTurns, oneByOne, together } from '../blocks.js';
import { loadCoreParts } from '../core-parts.js';
import { namedPool } from '../named-pool.js';
import { entryOf, keyOf, plainOf, recordOf } from '../samples.js';

const ACCOUNTS = 500;
const CONNECTIONS = 10;
const READS = { blocks: 60, calls: 30 };
const AT_ONCE = { blocks: 20, calls: 500 };
const WRITES = { blocks: 60, calls: 15 };
const ROLE = 'bench_app';

/** Credentials of 500 accounts in a store, and the same rows in a table of its own through pg. */
export async function measure({ server, parts, share, seed, fenced }) {
  const { CredentialVault } = await loadCoreParts(parts);
  const random = seeded(seed);
  const scaled = ({ blocks, calls }) => ({ blocks: Math.ceil(blocks * share), calls, random });
  const schema = `bench_${seed.toString(36)}`;
  const ours = await openStore({ server, schema, fenced, CredentialVault, random });
  const raw = await openRaw(server, `${schema}_raw`, random);
  const reads = { get: oneByOne(ours.get), read: oneByOne(ours.read), rawGet: oneByOne(raw.get) };
  const writes = { put: oneByOne(ours.put), audited: oneByOne(ours.audited) };
  for (const name of ['rawPut', 'rawPutNotify', 'rawAudited']) writes[name] = oneByOne(raw[name]);
  const measures = {
    ...(await inTurns(reads, scaled(READS))),
    ...(await inTurns({ get50: together(50, ours.get), rawGet50: together(50, raw.get) }, scaled(AT_ONCE))),
    ...(await inTurns(writes, scaled(WRITES))),
    unnamed: ours.counts.unnamed,
  };
  await ours.close();
  await raw.close();
  return { measures };
}

async function openStore({ server, schema, fenced, CredentialVault, random }) {
  await postgresMigrations({ connectionString: server, schema, rowLevelSecurity: fenced }).migrate();
  if (fenced) await makeRole(server, schema);
  const address = fenced ? server.replace('//postgres:', `//${ROLE}:`) : server;
  const { pool, counts } = namedPool(address, CONNECTIONS + 2); // two are kept: one listens, one writes the journal
  const store = await postgres({ pool, schema, rowLevelSecurity: fenced, migrate: 'manual' }).open();
  const master = { id: 'bench', bytes: randomBytes(32) };
  const vault = new CredentialVault({ current: async () => master, byId: async () => master });
  const kept = [];
  for (let number = 0; number < ACCOUNTS; number += 1) {
    const key = keyOf(number);
    const plain = plainOf(number);
    const sealed = await vault.seal(key, 'credential', 1, plain);
    strictEqual(await store.credentials.put(recordOf(key, 1, sealed), null), true);
    kept.push({ key, sealed, version: 1, token: JSON.parse(plain).accessToken });
  }
  const any = () => kept[Math.floor(random() * ACCOUNTS)];
  const putWith = (entry) => async () => {
    const one = any();
    one.version += 1;
    const record = recordOf(one.key, one.version, one.sealed);
    if (!(await store.credentials.put(record, one.version - 1, entry(one.key)))) throw new Error('a write was refused');
  };
  const get = async () => {
    const one = any();
    const record = await store.credentials.get(one.key);
    if (record?.version !== one.version) throw new Error('read another version than was written');
    return { record, one };
  };
  return {
    get,
    counts,
    async read() {
      const { record, one } = await get();
      const plain = await vault.open(one.key, 'credential', 1, record.sealed); // sealed once, for version 1
      if (JSON.parse(plain).accessToken !== one.token) throw new Error('read another token than was written');
    },
    put: putWith(() => undefined),
    audited: putWith(entryOf),
    async close() {
      await store.close();
      await pool.end();
    },
  };
}

/** One that owns no table: row-level security binds it. */
async function makeRole(server, schema) {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const { rows } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [ROLE]);
  if (rows.length === 0) await client.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${client.password}'`);
  for (const grant of postgresGrants({ role: ROLE, schema })) await client.query(grant);
  await client.end();
}

async function openRaw(server, schema, random) {
  const pool = new pg.Pool({ connectionString: server, max: CONNECTIONS });
  await pool.query(`
    CREATE SCHEMA ${schema};
    CREATE TABLE ${schema}.credentials (user_key bytea NOT NULL, user_id text NOT NULL, broker text NOT NULL,
      account text NOT NULL, version bigint NOT NULL, fields json NOT NULL, sealed bytea NOT NULL,
      updated_at_ms bigint NOT NULL, PRIMARY KEY (user_key, broker, account));
    CREATE INDEX credentials_by_broker ON ${schema}.credentials (broker);
    CREATE TABLE ${schema}.audit (seq bigint GENERATED ALWAYS AS IDENTITY, user_key bytea NOT NULL, user_id text NOT NULL,
      at_ms bigint NOT NULL, actor text NOT NULL, action text NOT NULL, subject text NOT NULL, why text, before text,
      after text, PRIMARY KEY (user_key, seq))`);
  const table = `${schema}.credentials`;
  const upsert = `INSERT INTO ${table} VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (user_key, broker, account) DO UPDATE SET version = excluded.version, fields = excluded.fields,
      sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms`;
  const text = {
    get: `SELECT user_id, broker, account, version, fields, sealed, updated_at_ms FROM ${table}
      WHERE user_key = $1 AND broker = $2 AND account = $3`,
    put: upsert,
    notify: `WITH written AS (${upsert} RETURNING 1) SELECT pg_notify('${schema}', $9) FROM written`,
    audited: `WITH written AS (${upsert} RETURNING 1)
      INSERT INTO ${schema}.audit (user_key, user_id, at_ms, actor, action, subject, why, before, after)
      SELECT $1, $2, $9, $10, $11, $12, $13, $14, $15 FROM written`,
  };
  const kept = Array.from({ length: ACCOUNTS }, (_, number) => {
    const { userId, broker, account } = keyOf(number);
    const userKey = createHash('sha256').update(userId).digest();
    return { userKey, userId, broker, account, version: 0, sealed: randomBytes(560) };
  });
  const any = () => kept[Math.floor(random() * ACCOUNTS)];
  const run = (name, values) => pool.query({ name: `raw ${name}`, text: text[name], values });
  const written = (one) => {
    one.version += 1;
    const { userKey, userId, broker, account, version, sealed } = one;
    return [userKey, userId, broker, account, version, `{"clientId":"${userId}"}`, sealed, 1_795_000_000_000];
  };
  for (const one of kept) await run('put', written(one));
  return {
    async get() {
      const { userKey, broker, account, version } = any();
      const { rows } = await run('get', [userKey, broker, account]);
      if (Number(rows[0]?.version) !== version) throw new Error('read another version than was written');
    },
    rawPut: () => run('put', written(any())),
    rawPutNotify() {
      const one = any();
      return run('notify', [...written(one), JSON.stringify(one.userId)]);
    },
    rawAudited() {
      const one = any();
      const { userId: _, ...entry } = entryOf(one);
      return run('audited', [...written(one), ...Object.values(entry)]);
    },
    close: () => pool.end(),
  };
}
