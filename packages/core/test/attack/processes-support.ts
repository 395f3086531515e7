import type { ConnectionManager, OrderOutcome } from '@algo/core';
import type { Store, StoreChange } from '@algo/core/store';
import type { FakeClock } from '@algo/testkit';
import { buy } from './support.js';

/** The processes of one test, in the order in which they opened the store. */
export interface Processes {
  /** To be handed to `startAttack`: stores that say that processes share them. */
  readonly wrap: (store: Store) => Store;
  readonly owner: (at: number) => string;
  /** Its store is gone, and with it everything that says that it lives. */
  kill(at: number): Promise<void>;
  /** The others hold it for dead, though it goes on. */
  deemDead(at: number): void;
  deemAlive(at: number): void;
  /** Says to all of them that something changed. */
  tell(change: StoreChange): void;
}

export function processes(): Processes {
  const stores: Store[] = [];
  const deemedDead = new Set<string>();
  const listeners = new Set<(change: StoreChange) => void>();
  const storeOf = (at: number): Store => {
    const store = stores[at];
    if (store === undefined) throw new Error(`Process ${at} has not opened the store`);
    return store;
  };
  return {
    owner: (at) => storeOf(at).owner,
    kill: (at) => storeOf(at).close(),
    deemDead: (at) => void deemedDead.add(storeOf(at).owner),
    deemAlive: (at) => void deemedDead.delete(storeOf(at).owner),
    tell: (change) => listeners.forEach((listener) => listener(change)),
    wrap(store) {
      stores.push(store);
      return {
        ...store,
        shared: true,
        isOwnerAlive: async (owner) => !deemedDead.has(owner) && store.isOwnerAlive(owner),
        onChange(listener) {
          listeners.add(listener);
          const unsubscribe = store.onChange(listener);
          return () => {
            listeners.delete(listener);
            unsubscribe();
          };
        },
      };
    },
  };
}

export const place = (me: ConnectionManager, clientOrderId: string, deadlineMs = 5_000): Promise<OrderOutcome> =>
  me.orders.place(buy({ clientOrderId, deadlineMs }));

export async function seconds(clock: FakeClock, count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) await clock.advance(1_000);
}
