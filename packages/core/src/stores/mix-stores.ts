import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import type { Store, StoreDefinition } from '../contract/store.js';
import { mixedBrokerRemoval } from './mix/broker-removal.js';
import type { StoreFacet } from './mix/facet-stores.js';
import { openFacets } from './mix/open-facets.js';
import type { OpenedFacets } from './mix/open-facets.js';
import { mixedSealedRecords } from './mix/sealed-records.js';
import { mixedTransfers } from './mix/transfers.js';
import { auditedConfiguration, auditedCredentials } from './mix/with-audit.js';

export type { StoreFacet } from './mix/facet-stores.js';

/**
 * One store whose facets come from several: those that are named from their own, all others from `base`. Each is opened
 * once and closed with the mix; when one cannot be opened, the others are closed again.
 *
 * What is one transaction within a store cannot be one across two. Therefore
 * - `sessions` and `leases` have to come from one store, or a fence could not be checked with the write it protects;
 *   `journal` and `portfolio` as well, because an import writes both;
 * - when `audit` is apart, an entry is written right after the change it tells of: a crash between the two, or an audit
 *   store that does not answer, leaves a change without its entry. The call then rejects though the change was made;
 * - `removeBroker` takes the credentials away first, then the sessions and instruments that lie apart, a call each;
 * - `budgets` have to come from a store that all processes share, or each of them counts by itself;
 * - `transfers.reassign` is refused with `ALGO_STORE_FAILED` unless credentials, sessions, configuration, journal and
 *   audit are in one store: half a user must not change hands.
 *
 * `owner` and `isOwnerAlive` are those of the journal's store. What a store holds of a facet that another one serves is
 * never read.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for facets apart that have to be together. Opening rejects as the stores do.
 */
export function mixStores(
  base: StoreDefinition,
  facets: Readonly<Partial<Record<StoreFacet, StoreDefinition>>>,
): StoreDefinition {
  const definitionOf = (facet: StoreFacet): StoreDefinition => facets[facet] ?? base;
  const problems = TOGETHER.filter(([one, other]) => definitionOf(one) !== definitionOf(other)).map(
    ([one, other]): InputProblem => ({ field: one, problem: `must come from the same store as ${other}` }),
  );
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  return { open: async () => assemble(await openFacets(definitionOf)) };
}

const TOGETHER: readonly (readonly [StoreFacet, StoreFacet])[] = [
  ['sessions', 'leases'],
  ['journal', 'portfolio'],
];

function assemble({ stores, all, close }: OpenedFacets): Store {
  return {
    credentials: auditedCredentials(stores),
    sessions: stores.sessions.sessions,
    configuration: auditedConfiguration(stores),
    journal: stores.journal.journal,
    portfolio: stores.portfolio.portfolio,
    instruments: stores.instruments.instruments,
    audit: stores.audit.audit,
    leases: stores.leases.leases,
    budgets: stores.budgets.budgets,
    transfers: mixedTransfers(stores),
    sealed: mixedSealedRecords(stores),
    shared: all.some(({ shared }) => shared),
    owner: stores.journal.owner,
    isOwnerAlive: (owner) => stores.journal.isOwnerAlive(owner),
    removeBroker: (userId, broker, options) => mixedBrokerRemoval(stores, userId, broker, options),
    onChange(listener) {
      const unsubscribes = all.map((store) => store.onChange(listener));
      return () => unsubscribes.forEach((unsubscribe) => unsubscribe());
    },
    close,
  };
}
