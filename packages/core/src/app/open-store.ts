import { LeasedTurns } from '../connection/leased-turn.js';
import type { Store, StoreDefinition } from '../contract/store.js';
import type { StoreChange } from '../contract/store-change.js';
import { JournalWriter } from '../orders/journal-writer.js';
import { OrderClaims } from '../orders/order-claims.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';

/** The store, and what works on it for all users: journal writes keep their order, log-ins their turn. */
export interface OpenStore {
  readonly store: Store;
  readonly writer: JournalWriter;
  readonly claims: OrderClaims;
  readonly turns: LeasedTurns;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  readonly definition: StoreDefinition;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: (change: Exclude<StoreChange, { readonly kind: 'lease' }>) => void;
  /** Every now and then, where other processes share the store: one of them may have ended. */
  readonly onSweep: () => Promise<void>;
}

const SWEEP_EVERY_MS = 30_000;

/** @throws {AlgoError} whatever the store throws when it cannot be opened */
export async function openStore({
  definition,
  clock,
  logger,
  onChange,
  onSweep,
}: OpenStoreOptions): Promise<OpenStore> {
  const store = await definition.open();
  const writer = new JournalWriter(store.journal, clock, logger);
  const claims = new OrderClaims({ journal: store.journal, writer, clock, logger });
  const turns = new LeasedTurns({ leases: store.leases, owner: store.owner, clock, logger });
  const unsubscribe = store.onChange((change) => {
    if (change.kind === 'lease') turns.freed(change.userId, change.name);
    else onChange(change);
  });
  const stopSweeping = store.shared ? repeat(clock, SWEEP_EVERY_MS, onSweep) : (): void => undefined;
  return {
    store,
    writer,
    claims,
    turns,
    async close() {
      stopSweeping();
      unsubscribe();
      turns.close();
      claims.close();
      await writer.close();
      await store.close();
    },
  };
}

/** Again and again, each time that long after the last time ended. */
function repeat(clock: Clock, everyMs: number, work: () => Promise<void>): () => void {
  let cancel = (): void => undefined;
  let stopped = false;
  const next = (): void => {
    if (!stopped) cancel = clock.after(everyMs, () => void work().finally(next), { background: true });
  };
  next();
  return () => {
    stopped = true;
    cancel();
  };
}
