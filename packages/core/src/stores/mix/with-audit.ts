import type { AuditEntry } from '../../contract/audit-store.js';
import type { ConfigurationStore } from '../../contract/configuration-store.js';
import type { CredentialStore } from '../../contract/credential-store.js';
import type { FacetStores, StoreFacet } from './facet-stores.js';

/** A change with its entry: in one transaction where one store has both, else the entry right after the change. */
export async function withAudit<Result>(
  stores: FacetStores,
  facet: StoreFacet,
  entry: AuditEntry | undefined,
  change: (entry: AuditEntry | undefined) => Promise<Result>,
  isChange: (result: Result) => boolean,
): Promise<Result> {
  if (entry === undefined || stores[facet] === stores.audit) return change(entry);
  const result = await change(undefined);
  if (isChange(result)) await stores.audit.audit.append(entry);
  return result;
}

const isTrue = (changed: boolean): boolean => changed;

export function auditedCredentials(stores: FacetStores): CredentialStore {
  const { credentials } = stores.credentials;
  return {
    get: (key) => credentials.get(key),
    list: (userId) => credentials.list(userId),
    put: (record, over, audit) =>
      withAudit(stores, 'credentials', audit, (entry) => credentials.put(record, over, entry), isTrue),
    delete: (key, audit) => withAudit(stores, 'credentials', audit, (entry) => credentials.delete(key, entry), isTrue),
  };
}

export function auditedConfiguration(stores: FacetStores): ConfigurationStore {
  const { configuration } = stores.configuration;
  return {
    get: (userId, name) => configuration.get(userId, name),
    list: (userId) => configuration.list(userId),
    put: (record, over, audit) =>
      withAudit(stores, 'configuration', audit, (entry) => configuration.put(record, over, entry), isTrue),
    delete: (userId, name, audit) =>
      withAudit(stores, 'configuration', audit, (entry) => configuration.delete(userId, name, entry), isTrue),
  };
}
