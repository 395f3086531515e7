import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { CredentialField } from '../contract/credential-template.js';
import type { CredentialRecord, CredentialStore, CredentialSummary } from '../contract/credential-store.js';
import type { AccountKey } from '../contract/store.js';
import type { CredentialVault } from '../connection/credential-vault.js';
import { writeSecrets } from '../connection/sealed-text.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import { Secret } from '../runtime/secret.js';

/** A user's broker credentials. What a template calls secret is sealed before it is stored and never listed. */
export interface CredentialDesk {
  /**
   * Stores or replaces an account's credentials, checked against the broker's template.
   *
   * @throws {AlgoError} `ALGO_INVALID_INPUT` naming fields, never values; `ALGO_UNKNOWN_BROKER`, `ALGO_STORE_CONFLICT`
   */
  put(broker: string, account: string, fields: Readonly<Record<string, string>>): Promise<void>;
  /** Without anything secret. */
  list(): Promise<readonly CredentialSummary[]>;
  /**
   * False when there were none.
   *
   * @throws {AlgoError} `ALGO_ORDERS_UNSETTLED`
   */
  delete(broker: string, account: string): Promise<boolean>;
}

export interface CredentialDeskOptions {
  readonly userId: string;
  readonly definitionOf: (broker: string) => BrokerDefinition;
  readonly store: () => Promise<CredentialStore>;
  readonly vault: CredentialVault;
  readonly clock: Clock;
  /** How many of the account's orders have an outcome nobody knows: their look-up needs these credentials. */
  readonly unsettledOrders: (key: AccountKey) => Promise<number>;
  /** The session made with the old ones is dropped. */
  readonly onChange: (key: AccountKey) => Promise<void>;
}

const LONGEST_VALUE = 8_192;

export function createCredentialDesk(options: CredentialDeskOptions): CredentialDesk {
  const { userId, definitionOf, store, vault, clock, unsettledOrders, onChange } = options;

  return {
    async put(broker, account, fields) {
      const key: AccountKey = { userId, broker, account };
      const definition = definitionOf(broker);
      checkName('account', account);
      const { plain, secrets } = split(definition, fields);
      const facet = await store();
      const known = await facet.get(key);
      checkIdentity(definition, known?.fields, plain);
      const version = (known?.version ?? 0) + 1;
      const sealed = await vault.seal(key, 'credential', version, writeSecrets(secrets));
      const record: CredentialRecord = { ...key, version, fields: plain, sealed, updatedAtMs: clock.now() };
      if (!(await facet.put(record))) {
        throw new AlgoError('ALGO_STORE_CONFLICT', { what: `The credentials of ${broker}/${account}` });
      }
      await onChange(key);
    },
    async list() {
      return (await store()).list(userId);
    },
    async delete(broker, account) {
      const key: AccountKey = { userId, broker, account };
      checkName('account', account);
      const unsettled = await unsettledOrders(key);
      if (unsettled > 0) throw new AlgoError('ALGO_ORDERS_UNSETTLED', { broker, account, orders: unsettled });
      const deleted = await (await store()).delete(key);
      await onChange(key);
      return deleted;
    },
  };
}

/** A journal row of one client must never be looked up in the book of another: that would prove an absence that is none. */
function checkIdentity(
  { credentials: { identity } }: BrokerDefinition,
  known: Readonly<Record<string, string>> | undefined,
  given: Readonly<Record<string, string>>,
): void {
  if (known === undefined || known[identity] === given[identity]) return;
  throw refused([
    { field: identity, problem: 'is not the one stored for this account; use another account name for it' },
  ]);
}

/** Names of users, brokers and accounts: any text of 1 to 200 characters. */
export function checkName(field: string, value: unknown): void {
  if (typeof value === 'string' && value.length > 0 && value.length <= 200) return;
  throw new AlgoError('ALGO_INVALID_INPUT', {
    problems: [{ field, problem: 'must be a text of 1 to 200 characters' }],
  });
}

/** Checks every field against the template and tells what is secret from what is not. */
function split(
  { credentials: { fields: known, methods } }: BrokerDefinition,
  given: Readonly<Record<string, string>>,
): { readonly plain: Record<string, string>; readonly secrets: Record<string, Secret> } {
  if (typeof given !== 'object' || given === null) throw refused([{ field: 'fields', problem: 'must be an object' }]);
  const problems: InputProblem[] = [];
  const plain = new Map<string, string>();
  const secrets = new Map<string, Secret>();
  for (const [name, value] of Object.entries(given)) {
    const field = known.find((candidate) => candidate.name === name);
    const problem = field === undefined ? unknownField(known) : problemWith(field, value);
    if (field === undefined || problem !== null) problems.push({ field: name.slice(0, 60), problem: problem ?? '' });
    else if (field.secret) secrets.set(name, new Secret(value.trim()));
    else plain.set(name, value.trim());
  }
  const has = (name: string): boolean => plain.has(name) || secrets.has(name);
  if (problems.length === 0 && !methods.some(({ needs }) => needs.every(has))) {
    const ways = methods.map(({ label, needs }) => `${label} (${needs.join(', ')})`).join(' or ');
    problems.push({ field: 'fields', problem: `must hold what one of these needs: ${ways}` });
  }
  if (problems.length > 0) throw refused(problems);
  return { plain: Object.fromEntries(plain), secrets: Object.fromEntries(secrets) };
}

function problemWith({ pattern, help }: CredentialField, value: unknown): string | null {
  if (typeof value !== 'string') return 'must be a text';
  if (value.length > LONGEST_VALUE) return `must be at most ${LONGEST_VALUE} characters`;
  return pattern.test(value.trim()) ? null : `does not look right. ${help}`;
}

const unknownField = (known: readonly CredentialField[]): string =>
  `is not a field of this broker; it has ${known.map(({ name }) => name).join(', ')}`;

const refused = (problems: readonly InputProblem[]): AlgoError => new AlgoError('ALGO_INVALID_INPUT', { problems });
