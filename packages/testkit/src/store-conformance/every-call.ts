import { ATTEMPT_STATES } from '@algo/core/store';
import type { Store } from '@algo/core/store';
import {
  accountOf,
  attempt,
  configuration,
  credential,
  entry,
  fill,
  listed,
  master,
  positions,
  session,
  sighting,
} from './rows.js';

/** Every call of every facet that is about a user, by its name. */
export function everyCallOf(store: Store, userId: string): Readonly<Record<string, () => Promise<unknown>>> {
  const key = accountOf(userId);
  const lease = { userId, name: 'session/dhan/main', owner: 'process-1', epoch: 1, expiresAtMs: 0 };
  const move = { tag: 'T1', userId, from: 'INTENT', to: 'NOT_SENT', atMs: 1 } as const;
  const claim = { kinds: ['place'], limit: 1, owner: 'process-1', sendByMs: 1, atMs: 1 } as const;
  const rows = { orders: [], fills: [], snapshots: [] };
  const scope = `account/${userId}/dhan/main/orders`;
  const { credentials, sessions, journal, portfolio, instruments, audit, leases, budgets, transfers, sealed } = store;
  return {
    'credentials.get': () => credentials.get(key),
    'credentials.put': () => credentials.put(credential({ userId }), null),
    'credentials.list': () => credentials.list(userId),
    'credentials.delete': () => credentials.delete(key),
    'sessions.get': () => sessions.get(key),
    'sessions.put': () => sessions.put(session({ userId }), null),
    'sessions.list': () => sessions.list(userId),
    'sessions.delete': () => sessions.delete(key),
    'configuration.get': () => store.configuration.get(userId, 'routing'),
    'configuration.put': () => store.configuration.put(configuration({ userId }), null),
    'configuration.list': () => store.configuration.list(userId),
    'configuration.delete': () => store.configuration.delete(userId, 'routing'),
    'journal.add': () => journal.add(attempt({ userId })),
    'journal.move': () => journal.move(move),
    'journal.attemptsOf': () => journal.attemptsOf(userId, 'c1'),
    'journal.byTag': () => journal.byTag(userId, 'T1'),
    'journal.inState': () => journal.inState(key, ATTEMPT_STATES),
    'journal.list': () => journal.list(userId, { limit: 1 }),
    'journal.claimQueued': () => journal.claimQueued(key, claim),
    'journal.saveSighting': () => journal.saveSighting(sighting({ userId })),
    'journal.sighting': () => journal.sighting(userId, 'c1'),
    'journal.orders': () => journal.orders(userId, { limit: 1 }),
    'journal.addFills': () => journal.addFills([fill({ userId })]),
    'journal.fills': () => journal.fills(userId, { limit: 1 }),
    'journal.deleteOrder': () => journal.deleteOrder(userId, 'c1'),
    'portfolio.save': () => portfolio.save(positions({ userId })),
    'portfolio.latest': () => portfolio.latest(key, 'positions'),
    'portfolio.list': () => portfolio.list(key, 'positions', { limit: 1 }),
    'portfolio.delete': () => portfolio.delete(key, 'positions', 1),
    'instruments.replace': () => instruments.replace(userId, 'dhan', master([listed(1)])),
    'instruments.byInstrument': () => instruments.byInstrument(userId, 'dhan', 'NSE:SHARE1'),
    'instruments.byToken': () => instruments.byToken(userId, 'dhan', 'NSE_EQ', '1001'),
    'instruments.page': () => instruments.page(userId, 'dhan', 0, 1),
    'instruments.master': () => instruments.master(userId, 'dhan'),
    'instruments.deleteBroker': () => instruments.deleteBroker(userId, 'dhan'),
    'audit.append': () => audit.append(entry({ userId })),
    'audit.list': () => audit.list(userId, { limit: 1 }),
    'leases.acquire': () => leases.acquire(lease, 'process-1', 60_000),
    'leases.renew': () => leases.renew(lease, 60_000),
    'leases.release': () => leases.release(lease),
    'leases.get': () => leases.get(lease),
    'budgets.take': () => budgets.take({ scope, windows: [{ limit: 9, perMs: 1_000 }], places: 1, holdMs: 250 }),
    'budgets.pause': () => budgets.pause(scope, 1),
    'transfers.import': () => transfers.import({ userId, importId: 'i', source: 's', atMs: 1, ...rows }),
    'transfers.listImports': () => transfers.listImports(userId),
    'transfers.rollback': () => transfers.rollback(userId, 'i'),
    'transfers.reassign from': () => transfers.reassign(userId, 'nobody', [], []),
    'transfers.reassign to': () => transfers.reassign('nobody', userId, [], []),
    'sealed.replace': () => sealed.replace({ ...credential({ userId }), field: 'credential' }, new Uint8Array([1])),
    removeBroker: () => store.removeBroker(userId, 'dhan', { dryRun: true }),
  };
}
