/**
 * Runs in a process of its own, `node rotator.mjs <task>`: puts every record of a store under another key while it also
 * writes sessions. Prints one JSON line for each write that the store acknowledged and one for the end; the test kills
 * it when it likes.
 */
import { sqlite } from '@algo/store-sqlite';
import { z } from 'zod';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { environmentKeys } from '../../src/vault/environment-keys.js';
import { rotateSealed } from '../../src/vault/rotate-sealed.js';

const task = z
  .object({ database: z.string(), keys: z.object({ CURRENT: z.string(), OLDER: z.string() }), users: z.number() })
  .parse(JSON.parse(process.argv[2] ?? ''));
const print = (line: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const store = await sqlite({ path: task.database }).open();
const vault = new CredentialVault(environmentKeys({ variables: task.keys, current: 'CURRENT', older: ['OLDER'] }));

const rotated = new AbortController();
async function writeSessions(): Promise<void> {
  for (let at = 0; !rotated.signal.aborted; at = (at + 7) % task.users) {
    const key = { userId: `u${at}`, broker: 'dhan', account: 'main' };
    const found = await store.sessions.get(key);
    const version = (found?.version ?? 0) + 1;
    const sealed = await vault.seal(key, 'session', version, `session of u${at}, ${version}`);
    const record = { ...key, version, sealed, expiresAtMs: null, updatedAtMs: version };
    if (await store.sessions.put(record, found?.version ?? null)) print({ step: 'wrote', userId: key.userId, version });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

print({ step: 'ready' });
const writing = writeSessions();
const report = await rotateSealed({ records: store.sealed, vault, pageSize: 20 });
rotated.abort();
await writing;
await store.close();
print({ step: 'rotated', report });
