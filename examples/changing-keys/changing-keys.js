import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dhan } from '@algo/broker-dhan';
import { createAlgo, environmentKeys, keyring } from '@algo/core';
import { sqlite } from '@algo/store-sqlite';

// How do I change the master key, and what happens to who still has the old one?
// Nothing here needs a broker: credentials are stored, put under a new key, and looked at with either.

const folder = mkdtempSync(join(tmpdir(), 'changing-keys-'));
const path = join(folder, 'bot.db');
const variables = { OLD_KEY: randomBytes(32).toString('base64'), NEW_KEY: randomBytes(32).toString('base64') };
const PIN = '475869';

const oldKey = environmentKeys({ variables, current: 'OLD_KEY' });
const newKey = environmentKeys({ variables, current: 'NEW_KEY' });
const start = (keys) => createAlgo({ store: sqlite({ path }), keys, brokers: [dhan()] });

/** What the credentials of a user are like, seen with these keys. */
async function statesWith(keys) {
  const algo = start(keys);
  const states = (await algo.user('u1').credentials.list()).map(({ account, state }) => [account, state.kind]);
  await algo.close();
  return Object.fromEntries(states);
}

try {
  const before = start(oldKey);
  const me = before.user('u1');
  const account = { clientId: '1000000001', pin: PIN, totpSecret: 'JBSWY3DPEHPK3PXP' };
  await me.credentials.put('dhan', 'main', account, { why: 'opened the account' });
  await me.credentials.put('dhan', 'family', account);
  await before.close();
  assert.ok(!readFileSync(path).includes(account.totpSecret));

  // The ring seals with its first key and opens with any. The change runs while others read and write.
  const during = start(keyring({ current: newKey, older: [oldKey] }));
  const report = await during.rotateKeys();
  console.log(`put under the new key: ${report.rewrapped}; could not be opened: ${report.undecryptable.length}`);
  assert.deepEqual([report.rewrapped, report.undecryptable], [2, []]);
  assert.equal((await during.rotateKeys()).rewrapped, 0); // run again it finds nothing to do
  await during.close();

  console.log('with the new key:', await statesWith(newKey));
  console.log('with the old key:', await statesWith(oldKey));
  assert.deepEqual(await statesWith(newKey), { main: 'readable', family: 'readable' });
  assert.deepEqual(await statesWith(oldKey), { main: 'undecryptable', family: 'undecryptable' });

  const after = start(newKey);
  const rows = await after.user('u1').audit.list();
  console.log(
    `audit: ${rows.map(({ action, subject, why }) => `${action} ${subject} (${why ?? 'no reason'})`).join(', ')}`,
  );
  assert.ok(!JSON.stringify(rows).includes(PIN));
  await after.close();
} finally {
  rmSync(folder, { recursive: true });
}
