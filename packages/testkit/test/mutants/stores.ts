import type { Lease, Store, StoreDefinition } from '@algo/core/store';

/** A good store, broken in one place. */
export interface BrokenStore {
  readonly what: string;
  /** Part of the name of a test that has to fail. */
  readonly caughtBy: string;
  readonly breakIt: (good: Store) => Partial<Store>;
}

/** The same definition, whose opened stores are broken. */
export const breaking = (definition: StoreDefinition, { breakIt }: BrokenStore): StoreDefinition => ({
  async open() {
    const good = await definition.open();
    return { ...good, ...breakIt(good) };
  },
});

export const BROKEN_STORES: readonly BrokenStore[] = [
  {
    what: 'finds a credential by its account alone',
    caughtBy: 'no row crosses in any read',
    breakIt: ({ credentials, sealed }) => ({
      credentials: {
        ...credentials,
        async get(key) {
          const { records } = await sealed.page(null, 1_000);
          const owner = records.find(({ broker, account }) => broker === key.broker && account === key.account);
          return credentials.get({ ...key, userId: owner?.userId ?? key.userId });
        },
      },
    }),
  },
  {
    what: 'writes credentials over whatever is there',
    caughtBy: 'credentials are written only over the version',
    breakIt: ({ credentials }) => ({
      credentials: {
        ...credentials,
        put: async (record, _over, audit) =>
          credentials.put(record, (await credentials.get(record))?.version ?? null, audit),
      },
    }),
  },
  {
    what: 'writes the audit entry of a conflict',
    caughtBy: 'credentials write their audit entry with the change, and none without one',
    breakIt: ({ audit, credentials }) => ({
      credentials: {
        ...credentials,
        async put(record, over, said) {
          if (said !== undefined) await audit.append(said);
          return credentials.put(record, over);
        },
      },
    }),
  },
  {
    what: 'lists credentials with what is sealed',
    caughtBy: 'credentials are listed for their user alone',
    breakIt: ({ credentials }) => ({
      credentials: {
        ...credentials,
        list: async (userId) =>
          Promise.all((await credentials.list(userId)).map(async (row) => (await credentials.get(row)) ?? row)),
      },
    }),
  },
  {
    what: 'ignores the fence of a session',
    caughtBy: 'sessions are written under a lease only while it is the last one given',
    breakIt: ({ sessions }) => ({
      sessions: { ...sessions, put: (record, over) => sessions.put(record, over) },
    }),
  },
  {
    what: 'deletes a session at any version',
    caughtBy: 'sessions are deleted at the version that was named',
    breakIt: ({ sessions }) => ({ sessions: { ...sessions, delete: (key) => sessions.delete(key) } }),
  },
  {
    what: 'lists configuration as it was stored',
    caughtBy: 'configuration is listed for its user alone, in the order of names',
    breakIt: ({ configuration }) => ({
      configuration: { ...configuration, list: async (userId) => (await configuration.list(userId)).toReversed() },
    }),
  },
  {
    what: 'moves an attempt whatever its state',
    caughtBy: 'attempts move only from the state they are in',
    breakIt: ({ journal }) => ({
      journal: {
        ...journal,
        async move(move) {
          const row = await journal.byTag(move.userId, move.tag);
          return row !== null && journal.move({ ...move, from: row.state });
        },
      },
    }),
  },
  {
    what: 'claims queued attempts in two steps',
    caughtBy: 'queued attempts go to one of several callers each',
    breakIt: ({ journal }) => ({
      journal: {
        ...journal,
        async claimQueued(key, { kinds, limit, owner, sendByMs, atMs }) {
          const waiting = await journal.inState(key, ['INTENT']);
          const claimed = waiting.filter(({ kind }) => kinds.includes(kind)).slice(0, limit);
          await Promise.all(
            claimed.map(({ tag, userId }) =>
              journal.move({ tag, userId, from: 'INTENT', to: 'SUBMITTING', owner, sendByMs, atMs }),
            ),
          );
          return claimed.map((row) => ({ ...row, state: 'SUBMITTING', owner, sendByMs, updatedAtMs: atMs }));
        },
      },
    }),
  },
  {
    what: 'lists orders by when they were seen last',
    caughtBy: 'orders are listed for one user, newest first by when they were first stored',
    breakIt: ({ journal }) => ({
      journal: {
        ...journal,
        async saveSighting(sighting) {
          await journal.deleteOrder(sighting.userId, sighting.clientOrderId);
          await journal.saveSighting(sighting);
        },
      },
    }),
  },
  {
    what: 'counts a fill each time it is read',
    caughtBy: 'fills are written once, however often they are read',
    breakIt: ({ journal }) => ({
      journal: {
        ...journal,
        async addFills(fills) {
          await journal.addFills(fills);
          return fills.length;
        },
      },
    }),
  },
  {
    what: 'deletes snapshots of both kinds',
    caughtBy: 'portfolio snapshots before a moment are deleted, of that account and kind alone',
    breakIt: ({ portfolio }) => ({
      portfolio: {
        ...portfolio,
        async delete(key, kind, beforeMs) {
          await portfolio.delete(key, kind === 'holdings' ? 'positions' : 'holdings', beforeMs);
          return portfolio.delete(key, kind, beforeMs);
        },
      },
    }),
  },
  {
    what: 'forgets the old instruments before it has the new ones',
    caughtBy: 'instruments stay as they were when reading the new ones fails midway',
    breakIt: ({ instruments }) => ({
      instruments: {
        ...instruments,
        async replace(userId, broker, master) {
          await instruments.deleteBroker(userId, broker);
          return instruments.replace(userId, broker, master);
        },
      },
    }),
  },
  {
    what: 'pages audit entries from the one it was given on',
    caughtBy: 'audit comes in pages',
    breakIt: ({ audit }) => ({
      audit: {
        ...audit,
        list: (userId, { beforeSeq, ...filter }) =>
          audit.list(userId, beforeSeq === undefined ? filter : { ...filter, beforeSeq: beforeSeq + 1 }),
      },
    }),
  },
  {
    what: 'starts the epoch of a lease again after each release',
    caughtBy: 'leases count their epoch up for ever',
    breakIt: ({ leases }) => {
      const first = (lease: Lease | null): Lease | null => lease && { ...lease, epoch: 1 };
      const current = async (lease: Lease): Promise<Lease> => (await leases.get(lease)) ?? lease;
      return {
        leases: {
          ...leases,
          acquire: async (key, owner, ttlMs) => first(await leases.acquire(key, owner, ttlMs)),
          release: async (lease) => leases.release(await current(lease)),
        },
      };
    },
  },
  {
    what: 'lets anybody release a lease',
    caughtBy: 'leases pass on when they are released, and only their holder can do that',
    breakIt: ({ leases }) => ({
      leases: { ...leases, release: async (lease) => leases.release((await leases.get(lease)) ?? lease) },
    }),
  },
  {
    what: 'gives as many places as are wanted while there is one',
    caughtBy: 'budgets give what is wanted, then what is left',
    breakIt: ({ budgets }) => ({
      budgets: {
        ...budgets,
        async take(request) {
          const grant = await budgets.take(request);
          return grant.granted === 0 ? grant : { granted: request.places, waitMs: 0 };
        },
      },
    }),
  },
  {
    what: 'counts the places of each opened store apart',
    caughtBy: 'budgets are never overdrawn by many who ask at once',
    breakIt: ({ budgets, owner }) => ({
      budgets: { ...budgets, take: (request) => budgets.take({ ...request, scope: `${owner} ${request.scope}` }) },
    }),
  },
  {
    what: 'holds the last window alone',
    caughtBy: 'budgets hold all of their windows at once',
    breakIt: ({ budgets }) => ({
      budgets: { ...budgets, take: (request) => budgets.take({ ...request, windows: request.windows.slice(-1) }) },
    }),
  },
  {
    what: 'gives places back when half of their window is over',
    caughtBy: 'budgets let no stretch of time have more than its places',
    breakIt: ({ budgets }) => ({
      budgets: {
        ...budgets,
        take: (request) =>
          budgets.take({ ...request, windows: request.windows.map((each) => ({ ...each, perMs: each.perMs / 2 })) }),
      },
    }),
  },
  {
    what: 'counts a day as any 24 hours',
    caughtBy: 'budgets count a day from midnight to midnight in IST',
    breakIt: ({ budgets }) => ({
      budgets: {
        ...budgets,
        take: (request) =>
          budgets.take({ ...request, windows: request.windows.map(({ limit, perMs }) => ({ limit, perMs })) }),
      },
    }),
  },
  {
    what: 'lets a shorter pause end a longer one',
    caughtBy: 'budgets are paused for everybody, and a longer pause stays',
    breakIt: ({ budgets }) => {
      let longest = 0;
      return {
        budgets: {
          take: async (request) => (longest > 10 ? budgets.take(request) : { granted: 1, waitMs: 0 }),
          async pause(scope, forMs) {
            longest = forMs;
            await budgets.pause(scope, forMs);
          },
        },
      };
    },
  },
  {
    what: 'takes scopes that differ in case for one',
    caughtBy: 'budgets of other scopes have nothing to do with each other',
    breakIt: ({ budgets }) => ({
      budgets: { ...budgets, take: (request) => budgets.take({ ...request, scope: request.scope.toLowerCase() }) },
    }),
  },
  {
    what: 'imports what it can before it meets a bad row',
    caughtBy: 'imports refuse rows of another user',
    breakIt: ({ journal, transfers }) => ({
      transfers: {
        ...transfers,
        async import(batch) {
          for (const order of batch.orders.slice(0, 1)) await journal.saveSighting(order);
          return transfers.import(batch);
        },
      },
    }),
  },
  {
    what: 'rolls back an order that was seen at its broker since',
    caughtBy: 'imports leave an order behind that was seen at its broker since',
    breakIt: ({ journal }) => ({
      journal: {
        ...journal,
        async saveSighting(sighting) {
          const known = await journal.sighting(sighting.userId, sighting.clientOrderId);
          await journal.saveSighting({ ...sighting, importId: known?.importId ?? sighting.importId });
        },
      },
    }),
  },
  {
    what: 'reassigns while an order is under way',
    caughtBy: 'a user whose rows are reassigned keeps all of it while an order is under way',
    breakIt: ({ journal, transfers }) => ({
      transfers: {
        ...transfers,
        async reassign(from, to, credentials, audit) {
          const rows = await journal.list(from, { limit: 100 });
          await Promise.all(
            rows.map(({ tag, state }) => journal.move({ tag, userId: from, from: state, to: 'NOT_SENT', atMs: 1 })),
          );
          return transfers.reassign(from, to, credentials, audit);
        },
      },
    }),
  },
  {
    what: 'ends its pages of sealed records one too early',
    caughtBy: 'sealed records come in pages, each once',
    breakIt: ({ sealed }) => ({
      sealed: {
        ...sealed,
        async page(after, limit) {
          const { records, next } = await sealed.page(after, limit);
          return next === null ? { records: records.slice(0, -1), next } : { records, next };
        },
      },
    }),
  },
  {
    what: 'replaces sealed bytes whatever they are now',
    caughtBy: 'sealed records are replaced over exactly their bytes',
    breakIt: ({ credentials, sealed }) => ({
      sealed: {
        ...sealed,
        async replace(record, bytes) {
          const current = await credentials.get(record);
          return sealed.replace(current === null ? record : { ...record, sealed: current.sealed }, bytes);
        },
      },
    }),
  },
  {
    what: 'takes a dry run for a run',
    caughtBy: 'a broker that is removed is only counted in a dry run',
    breakIt: ({ removeBroker }) => ({
      removeBroker: (userId, broker, options) => removeBroker(userId, broker, { ...options, dryRun: false }),
    }),
  },
  {
    what: 'tells nobody of a session that was written',
    caughtBy: 'changes of credentials, sessions and configuration are heard',
    breakIt: ({ onChange }) => ({
      onChange: (listener) =>
        onChange((change) => {
          if (change.kind !== 'session') listener(change);
        }),
    }),
  },
  {
    what: 'answers after it was closed',
    caughtBy: 'an opened store refuses every call once it is closed',
    breakIt: () => ({ close: async () => undefined }),
  },
  {
    what: 'takes every owner for dead',
    caughtBy: 'knows that it is alive itself, and who never was or has ended is not',
    breakIt: () => ({ isOwnerAlive: async () => false }),
  },
  {
    what: 'cuts user ids at a NUL',
    caughtBy: 'user ids that look alike are different users',
    breakIt: ({ configuration }) => ({
      configuration: {
        ...configuration,
        list: (userId) => configuration.list(userId.split('\0')[0] ?? ''),
      },
    }),
  },
  {
    what: 'stores a replacement for half a surrogate pair',
    caughtBy: 'user ids that are no text are refused by every call',
    breakIt: ({ audit }) => ({
      audit: { ...audit, append: (said) => audit.append({ ...said, userId: said.userId.toWellFormed() }) },
    }),
  },
  {
    what: 'repeats a value in an error',
    caughtBy: 'what is sealed is in no error',
    breakIt: ({ journal }) => ({
      journal: {
        ...journal,
        add: (row) =>
          journal.add(row).catch((error: unknown) => {
            throw Object.assign(error instanceof Error ? error : new Error('no error'), { request: row.request });
          }),
      },
    }),
  },
];
