import type { BrokerDefinition, CredentialField } from '@algo/core';
import { shown } from '../source/shown.js';
import { variablesOf } from './variables.js';
import type { EnvironmentSource } from './variables.js';

/** One field of a broker's template, as the environment has it. Never holds a secret value. */
export interface FoundField {
  readonly name: string;
  readonly label: string;
  /** Where it was looked for. */
  readonly variable: string;
  readonly secret: boolean;
  /** `malformed`: something is there that this broker's credentials never look like. */
  readonly state: 'found' | 'missing' | 'malformed';
  /** The value of a field that is not secret; `(secret)`; null where nothing is. */
  readonly shown: string | null;
  /** Where the user finds it. */
  readonly help: string;
}

/** Which way to log in the fields that were found make possible. */
export interface FoundMethod {
  readonly id: string;
  readonly label: string;
  /** True when a session can be had without a person. */
  readonly unattended: boolean;
  /** Names of fields that are missing or malformed; empty when it is possible. */
  readonly lacks: readonly string[];
}

/** What the environment has of one account at one broker. */
export interface FoundCredentials {
  readonly broker: string;
  readonly account: string;
  readonly fields: readonly FoundField[];
  readonly methods: readonly FoundMethod[];
  /** The method that would be used; null when none is possible, or a field is malformed, and nothing can be imported. */
  readonly method: string | null;
}

export interface EnvironmentNames {
  /** Account by the suffix its variables carry: `{ main: '', second: '_2' }`. @default { main: '' } */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Their name of a variable, by ours: `{ KOTAK_ACCESS_TOKEN: 'NEO_CONSUMER_KEY' }`. @default none */
  readonly renamed?: Readonly<Record<string, string>>;
}

/**
 * Finds credentials of these brokers among environment variables, by the names in their templates. A broker without a
 * single variable is left out.
 */
export function detectEnvironment(
  source: EnvironmentSource,
  brokers: readonly BrokerDefinition[],
  names: EnvironmentNames = {},
): readonly FoundCredentials[] {
  const variables = variablesOf(source);
  return brokers.flatMap((broker) =>
    Object.entries(names.accounts ?? { main: '' }).flatMap(([account, suffix]) => {
      const found = detect(broker, account, (field) => lookUp(variables, field, suffix, names));
      return found.fields.some(({ state }) => state !== 'missing') ? [found] : [];
    }),
  );
}

/** The values of what was found, for the one who stores them. */
export function valuesOf(
  source: EnvironmentSource,
  { credentials }: BrokerDefinition,
  suffix: string,
  names: EnvironmentNames,
): Readonly<Record<string, string>> {
  const variables = variablesOf(source);
  const found = credentials.fields.map((field) => [field.name, lookUp(variables, field, suffix, names).value] as const);
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

interface Looked {
  readonly variable: string;
  readonly value: string | undefined;
}

function lookUp(
  variables: ReadonlyMap<string, string>,
  { environment }: CredentialField,
  suffix: string,
  { renamed = {} }: EnvironmentNames,
): Looked {
  const variable = `${Object.hasOwn(renamed, environment) ? renamed[environment] : environment}${suffix}`;
  return { variable, value: variables.get(variable) };
}

function detect(
  { id, credentials: { fields: template, methods: known } }: BrokerDefinition,
  account: string,
  look: (field: CredentialField) => Looked,
): FoundCredentials {
  const fields = template.map((field) => foundField(field, look(field)));
  const isUsable = (name: string): boolean => fields.some((field) => field.name === name && field.state === 'found');
  const methods = known.map(({ id: method, label, needs, unattended }) => ({
    id: method,
    label,
    unattended,
    lacks: needs.filter((name) => !isUsable(name)),
  }));
  const isMalformed = fields.some(({ state }) => state === 'malformed');
  const possible = methods.find(({ lacks }) => lacks.length === 0);
  return { broker: id, account, fields, methods, method: isMalformed ? null : (possible?.id ?? null) };
}

function foundField({ name, label, secret, pattern, help }: CredentialField, { variable, value }: Looked): FoundField {
  const common = { name, label, variable, secret, help };
  if (value === undefined) return { ...common, state: 'missing', shown: null };
  // A pattern with the g flag would remember where it stopped.
  const state = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, '')).test(value) ? 'found' : 'malformed';
  return { ...common, state, shown: secret ? '(secret)' : shown(value) };
}
