import { randomBytes } from 'node:crypto';
import { memoryStore } from '@algo/core/store';
import { keyOf } from './samples.js';

/**
 * Core's keepers of sessions over one cache and one store in memory, a session in the store for each account. Nothing of it
 * reaches a broker: there is always a stored session to take up.
 *
 * @param {object} parts of core
 * @param {{ readonly accounts: number, readonly clock: object, readonly cache: object }} options
 */
export async function sessionKeepers(parts, { accounts, clock, cache }) {
  const { CredentialVault, LeasedTurns, SessionKeeper, createRedactor, silentLogger } = parts;
  const store = await memoryStore().open();
  const master = { id: 'bench', bytes: randomBytes(32) };
  const vault = new CredentialVault({ current: async () => master, byId: async () => master });
  const counts = { reads: 0, opened: 0 };
  const sessions = { ...store.sessions, get: (key) => ((counts.reads += 1), store.sessions.get(key)) };
  const counting = { open: (...args) => ((counts.opened += 1), vault.open(...args)) };
  const never = async () => {
    throw new Error('nothing may reach a broker');
  };
  const shared = {
    template: { identity: 'clientId', fields: [], methods: [] },
    adapter: { logIn: never, renew: never, profile: never },
    vault: counting,
    sessions,
    cache,
    turns: new LeasedTurns({ leases: store.leases, owner: store.owner, clock, logger: silentLogger }),
    clock,
    random: { bytes: randomBytes },
    logger: silentLogger,
    redactor: createRedactor(),
    inCall: never,
  };
  const keepers = [];
  for (let number = 0; number < accounts; number += 1) {
    const key = keyOf(number);
    await writeSession(parts, store, vault, key, 1, clock.now());
    const source = { find: async () => ({ origin: 'store:1', fields: { clientId: key.userId } }), open: never };
    keepers.push(new SessionKeeper({ ...shared, key, source }));
  }
  const change = (number, version) => writeSession(parts, store, vault, keyOf(number), version, clock.now());
  return { keepers, counts, change, close: () => store.close() };
}

async function writeSession({ Secret, writeSession: textOf }, store, vault, key, version, nowMs) {
  const session = {
    clientId: key.userId,
    secrets: { accessToken: new Secret(randomBytes(48).toString('base64url')) },
    facts: {},
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 86_400_000,
    renewable: false,
  };
  const sealed = await vault.seal(key, 'session', version, textOf({ session, origin: 'store:1' }));
  const record = { ...key, version, sealed, expiresAtMs: session.expiresAtMs, updatedAtMs: nowMs };
  const isWritten = await store.sessions.put(record, version === 1 ? null : version - 1);
  if (!isWritten) throw new Error('a session was not written');
}
