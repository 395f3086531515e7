import type { Lease, LeaseKey, LeaseStore } from '../../contract/lease-store.js';
import type { LeaseState } from './memory-data.js';
import type { Ids, MemoryLink } from './memory-link.js';

export function memoryLeases(link: MemoryLink): LeaseStore {
  const nowMs = (): number => link.data.clock.monotonic();
  const stateOf = ({ userId, name }: LeaseKey): LeaseState => link.rowsOf(userId).leases.get(name) ?? NEVER_GIVEN;
  const isHeld = ({ holder }: LeaseState): boolean => holder !== null && holder.expiresAtMs > nowMs();

  const give = ({ userId, name }: LeaseKey, owner: string, epoch: number, ttlMs: number): Lease => {
    const expiresAtMs = nowMs() + ttlMs;
    link.rowsOf(userId).leases.set(name, { epoch, holder: { owner, expiresAtMs } });
    return Object.freeze({ userId, name, owner, epoch, expiresAtMs });
  };

  return {
    acquire: (key, owner, ttlMs) =>
      link.call({ ...leaseIds(key), owner }, () => {
        const state = stateOf(key);
        return isHeld(state) ? null : give(key, owner, state.epoch + 1, ttlMs);
      }),

    // One that ran out and that nobody took since is still the last one given: its holder was only late.
    renew: (lease, ttlMs) =>
      link.call({ ...leaseIds(lease), owner: lease.owner }, () =>
        isLastGiven(link, lease) ? give(lease, lease.owner, lease.epoch, ttlMs) : null,
      ),

    release: (lease) =>
      link.call({ ...leaseIds(lease), owner: lease.owner }, () => {
        if (!isLastGiven(link, lease) || !isHeld(stateOf(lease))) return false;
        const { userId, name, epoch } = lease;
        link.rowsOf(userId).leases.set(name, { epoch, holder: null });
        link.tell({ kind: 'lease', userId, name });
        return true;
      }),

    get: (key) =>
      link.call(leaseIds(key), () => {
        const { userId, name } = key;
        const { epoch, holder } = stateOf(key);
        return holder === null || holder.expiresAtMs <= nowMs() ? null : { userId, name, epoch, ...holder };
      }),
  };
}

const NEVER_GIVEN: LeaseState = { epoch: 0, holder: null };

/** Whether nobody was given the lease since, and its holder did not give it back. */
export function isLastGiven(link: MemoryLink, { userId, name, owner, epoch }: Lease): boolean {
  const state = link.rowsOf(userId).leases.get(name);
  return state !== undefined && state.epoch === epoch && state.holder?.owner === owner;
}

export const leaseIds = ({ userId, name }: LeaseKey): Ids => ({ userId, name });
