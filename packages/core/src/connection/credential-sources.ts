import type { CredentialRecord, CredentialStore } from '../contract/credential-store.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import { readSecrets } from '../vault/sealed-text.js';
import type { CredentialSource } from './credential-source.js';

export interface StoredCredentialsOptions {
  readonly credentials: Pick<CredentialStore, 'get'>;
  readonly vault: Pick<CredentialVault, 'open'>;
}

/** Credentials that the user stored. */
export function storedCredentials({ credentials, vault }: StoredCredentialsOptions): CredentialSource {
  return {
    async find(key) {
      const record = await credentials.get(key);
      return record === null ? null : { origin: originOf(record), fields: record.fields };
    },
    async open(key) {
      const record = await credentials.get(key);
      if (record === null) return null;
      const { version, fields, sealed } = record;
      const secrets = readSecrets(await vault.open(key, 'credential', version, sealed));
      return { origin: originOf(record), fields, secrets };
    },
  };
}

/**
 * The first of these that has the account's credentials. One that has them and cannot give them ends the search: going
 * on would log in with other credentials than the user meant, and perhaps to another account.
 */
export function chain(sources: readonly CredentialSource[]): CredentialSource {
  return {
    find: (key) => first(sources, (source) => source.find(key)),
    open: (key) => first(sources, (source) => source.open(key)),
  };
}

const originOf = ({ version }: CredentialRecord): string => `store:${version}`;

async function first<Found>(
  sources: readonly CredentialSource[],
  ask: (source: CredentialSource) => Promise<Found | null>,
): Promise<Found | null> {
  for (const source of sources) {
    const found = await ask(source);
    if (found !== null) return found;
  }
  return null;
}
