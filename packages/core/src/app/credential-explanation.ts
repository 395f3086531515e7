import { fitOf, methodInUse } from '../connection/credential-fields.js';
import type { EnvironmentCredentials } from '../connection/environment-credentials.js';
import type { CredentialStore } from '../contract/credential-store.js';
import type { CredentialTemplate } from '../contract/credential-template.js';
import type { AccountKey } from '../contract/store.js';
import type { InputProblem } from '../errors/codes.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import { openRecord } from './credential-state.js';
import type { CredentialState } from './credential-state.js';

/** Which credentials serve an account. Names of fields and variables; values of neither. */
export interface CredentialExplanation {
  readonly source: 'store' | 'environment' | 'none';
  /** Null when there are none. Stored ones that stay shut are not replaced by the environment's. */
  readonly state: CredentialState | null;
  /** Names of the fields that are there and can be used. */
  readonly present: readonly string[];
  /** Ways to log in, in the broker's order of preference, and the fields each still misses. */
  readonly methods: readonly ExplainedMethod[];
  /** The one a log-in would use; null when none has all it needs. */
  readonly method: string | null;
  /** What is wrong with variables that are set; a log-in is refused because of it. */
  readonly problems: readonly InputProblem[];
}

export interface ExplainedMethod {
  readonly id: string;
  readonly label: string;
  readonly missing: readonly string[];
}

export interface ExplainOptions {
  readonly key: AccountKey;
  readonly template: CredentialTemplate;
  readonly credentials: Pick<CredentialStore, 'get'>;
  readonly vault: Pick<CredentialVault, 'open'>;
  readonly environment: EnvironmentCredentials | null;
}

export async function explainCredentials(options: ExplainOptions): Promise<CredentialExplanation> {
  const { template } = options;
  const found = await findIn(options);
  const fits = fitOf(template, found.present);
  return {
    ...found,
    methods: fits.map(({ method: { id, label }, missing }) => ({ id, label, missing })),
    method: found.problems.length > 0 ? null : (methodInUse(fits)?.id ?? null),
  };
}

type Found = Pick<CredentialExplanation, 'source' | 'state' | 'present' | 'problems'>;

async function findIn({ key, credentials, vault, environment }: ExplainOptions): Promise<Found> {
  const record = await credentials.get(key);
  if (record !== null) {
    const { state, secrets } = await openRecord(vault, record);
    const present = [...Object.keys(record.fields), ...Object.keys(secrets ?? {})];
    return { source: 'store', state, present, problems: [] };
  }
  const set = environment?.look(key) ?? null;
  if (set === null) return { source: 'none', state: null, present: [], problems: [] };
  const { plain, secrets, problems } = set;
  const present = [...Object.keys(plain), ...Object.keys(secrets)];
  return { source: 'environment', state: { kind: 'readable' }, present, problems };
}
