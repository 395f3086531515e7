import { createHash } from 'node:crypto';
import type { CredentialTemplate } from '../contract/credential-template.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import { checkFields, fitOf, methodInUse, waysIn } from './credential-fields.js';
import type { CheckedFields } from './credential-fields.js';
import type { CredentialSource } from './credential-source.js';

/** Environment variables that a host handed over. They are one person's: they serve this user and account, nobody else. */
export interface HostEnvironment {
  /** Read anew each time, so that a value the host replaces is seen. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly userId: string;
  readonly account: string;
}

export interface EnvironmentCredentialsOptions {
  readonly environment: HostEnvironment;
  /** @throws {AlgoError} `ALGO_UNKNOWN_BROKER` */
  readonly templateOf: (broker: string) => CredentialTemplate;
  /**
   * Told whose account the variables name, before they are used: nothing else stops them from naming another client
   * than yesterday, in whose book the orders of the first would be looked for in vain.
   *
   * @throws {AlgoError} `ALGO_ORDERS_UNSETTLED` while such orders are looked for
   */
  readonly claim: (key: AccountKey, client: string) => Promise<void>;
}

export interface EnvironmentCredentials extends CredentialSource {
  /** What is there, good or bad, by the names of the fields; problems are told by the names of the variables. */
  look(key: AccountKey): CheckedFields | null;
}

/**
 * Credentials from the variables that the broker's template names. Blank ones count as not set; null when none is set.
 *
 * `find` and `open` throw `ALGO_INVALID_INPUT` naming variables, never values, when what is set does not fit.
 */
export function environmentCredentials(options: EnvironmentCredentialsOptions): EnvironmentCredentials {
  const { environment, templateOf, claim } = options;

  function look({ userId, broker, account }: AccountKey): CheckedFields | null {
    if (userId !== environment.userId || account !== environment.account) return null;
    return readVariables(templateOf(broker), environment.variables);
  }

  async function usable(key: AccountKey): Promise<CheckedFields | null> {
    const found = look(key);
    if (found === null) return null;
    if (found.problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems: found.problems });
    await claim(key, found.plain[templateOf(key.broker).identity] ?? '');
    return found;
  }

  return {
    look,
    async find(key) {
      const found = await usable(key);
      return found === null ? null : { origin: originOf(found), fields: found.plain };
    },
    async open(key) {
      const found = await usable(key);
      return found === null ? null : { origin: originOf(found), fields: found.plain, secrets: found.secrets };
    },
  };
}

function readVariables(template: CredentialTemplate, variables: HostEnvironment['variables']): CheckedFields | null {
  const variableOf = new Map(template.fields.map(({ name, environment }) => [name, environment]));
  const set = [...variableOf].flatMap(([name, variable]) => {
    const value: unknown = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    const isBlank = value === undefined || (typeof value === 'string' && value.trim() === '');
    return isBlank ? [] : [[name, value] as const];
  });
  if (set.length === 0) return null;
  const checked = checkFields(template, Object.fromEntries(set));
  const nameOf = (field: string): string => variableOf.get(field) ?? field;
  const problems: InputProblem[] = checked.problems.map(({ field, problem }) => ({ field: nameOf(field), problem }));
  if (
    problems.length === 0 &&
    methodInUse(
      fitOf(
        template,
        set.map(([name]) => name),
      ),
    ) === null
  ) {
    problems.push({ field: 'environment', problem: waysIn(template, nameOf) });
  }
  return { ...checked, problems };
}

/**
 * Changes when any value does. A hash of a PIN could be tried out, so it must not be shown: it leaves this process only
 * inside a session's sealed text, and a key of its own would have to be kept beside it to outlive a restart.
 */
function originOf({ plain, secrets }: CheckedFields): string {
  const revealed = Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]);
  const values = [...Object.entries(plain), ...revealed].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update('algo environment credentials 1').update(JSON.stringify(values));
  return `environment:${hash.digest('hex').slice(0, 32)}`;
}
