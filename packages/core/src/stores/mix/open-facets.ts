import type { Store, StoreDefinition } from '../../contract/store.js';
import type { FacetStores, StoreFacet } from './facet-stores.js';

export interface OpenedFacets {
  readonly stores: FacetStores;
  /** Each opened store once. */
  readonly all: readonly Store[];
  /** Closes all of them, whatever one of them says, and rejects with the first failure. */
  close(): Promise<void>;
}

/** Opens each definition once; when one cannot be opened, those before it are closed again. */
export async function openFacets(definitionOf: (facet: StoreFacet) => StoreDefinition): Promise<OpenedFacets> {
  const opened = new Map<StoreDefinition, Store>();
  try {
    const stores = await openInto(opened, definitionOf);
    const all = [...opened.values()];
    return { stores, all, close: () => closeAll(all) };
  } catch (error) {
    await Promise.allSettled([...opened.values()].map((store) => store.close()));
    throw error; // why one did not open says more than why another did not close
  }
}

async function openInto(
  opened: Map<StoreDefinition, Store>,
  definitionOf: (facet: StoreFacet) => StoreDefinition,
): Promise<FacetStores> {
  const open = async (facet: StoreFacet): Promise<Store> => {
    const definition = definitionOf(facet);
    const store = opened.get(definition) ?? (await definition.open());
    opened.set(definition, store);
    return store;
  };
  return {
    credentials: await open('credentials'),
    sessions: await open('sessions'),
    configuration: await open('configuration'),
    journal: await open('journal'),
    portfolio: await open('portfolio'),
    instruments: await open('instruments'),
    audit: await open('audit'),
    leases: await open('leases'),
    budgets: await open('budgets'),
  };
}

async function closeAll(stores: readonly Store[]): Promise<void> {
  const closing = stores.map((store) => store.close());
  await Promise.allSettled(closing);
  await Promise.all(closing);
}
