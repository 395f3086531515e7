import type { Store, StoreDefinition } from '../contract/store.js';
import { systemClock } from '../runtime/clock.js';
import type { Clock } from '../runtime/clock.js';
import { memoryAudit } from './memory/audit.js';
import { removeBroker } from './memory/broker-removal.js';
import { memoryBudgets } from './memory/budgets.js';
import { memoryConfiguration } from './memory/configuration.js';
import { memoryCredentials } from './memory/credentials.js';
import { memoryInstruments } from './memory/instruments.js';
import { memoryLeases } from './memory/leases.js';
import { createMemoryData } from './memory/memory-data.js';
import type { MemoryData } from './memory/memory-data.js';
import { linkTo } from './memory/memory-link.js';
import { memoryJournal } from './memory/order-journal.js';
import { memoryPortfolio } from './memory/portfolio.js';
import { memorySealedRecords } from './memory/sealed-records.js';
import { memorySessions } from './memory/sessions.js';
import { memoryTransfers } from './memory/transfers.js';

export interface MemoryStoreOptions {
  /** What leases and budgets run by; without `now` the monotonic clock tells the day too. @default the system's clock */
  readonly clock?: Pick<Clock, 'monotonic'> & Partial<Pick<Clock, 'now'>>;
}

/**
 * All facets in memory: the reference for what a store must do, and enough for tests. It forgets everything when the
 * process ends, the order journal too, so it cannot keep the promise about restarts: never trade with it.
 *
 * Every opened store of one definition shares its data, as processes share a database. Rows come back frozen, and
 * sealed bytes as copies: what a caller does to them changes nothing here.
 */
export function memoryStore({ clock = systemClock() }: MemoryStoreOptions = {}): StoreDefinition {
  const startedAtMs = clock.now === undefined ? 0 : clock.now() - clock.monotonic();
  const data = createMemoryData(clock, startedAtMs);
  return { open: async () => openOn(data) };
}

function openOn(data: MemoryData): Store {
  const link = linkTo(data);
  return {
    credentials: memoryCredentials(link),
    sessions: memorySessions(link),
    configuration: memoryConfiguration(link),
    journal: memoryJournal(link),
    portfolio: memoryPortfolio(link),
    instruments: memoryInstruments(link),
    audit: memoryAudit(link),
    leases: memoryLeases(link),
    budgets: memoryBudgets(link),
    transfers: memoryTransfers(link),
    sealed: memorySealedRecords(link),
    shared: false, // by processes; what is opened twice in one of them shares all the same
    owner: link.owner,
    isOwnerAlive: (owner) => link.call({}, () => data.links.has(owner)),
    removeBroker: (userId, broker, options) => removeBroker(link, userId, broker, options),
    onChange: link.onChange,
    close: link.close,
  };
}
