import type { KeyProvider, MasterKey } from '../contract/key-provider.js';

export interface KeyringOptions {
  /** Seals new records. */
  readonly current: KeyProvider;
  /** Opens what is still under older keys, until rotation has put it under the current one. */
  readonly older: readonly KeyProvider[];
}

/** Several providers as one, for the time between two keys. */
export function keyring({ current, older }: KeyringOptions): KeyProvider {
  const providers = [current, ...older];
  return {
    current: () => current.current(),
    byId: (id) => firstThatHas(id, providers),
  };
}

/** One that fails does not keep the next from having the key; only when none has it, the failure is the answer. */
async function firstThatHas(id: string, providers: readonly KeyProvider[]): Promise<MasterKey | null> {
  const failures: unknown[] = [];
  for (const provider of providers) {
    try {
      const key = await provider.byId(id);
      if (key !== null) return key;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return null;
}
