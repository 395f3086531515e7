import type { CredentialField, CredentialTemplate, LoginMethod } from '../contract/credential-template.js';
import type { InputProblem } from '../errors/codes.js';
import { Secret } from '../runtime/secret.js';
import type { SecretFields } from '../vault/sealed-text.js';

/** Credentials checked against a broker's template: what is secret apart from what is not, and what is wrong with the rest. */
export interface CheckedFields {
  readonly plain: Readonly<Record<string, string>>;
  readonly secrets: SecretFields;
  /** By the name of the field; never a value. */
  readonly problems: readonly InputProblem[];
}

/** A way to log in, and what is still missing for it. */
export interface MethodFit {
  readonly method: LoginMethod;
  readonly missing: readonly string[];
}

const LONGEST_VALUE = 8_192;

/** Checks each field by itself; whether they are enough for a log-in, `fitOf` tells. */
export function checkFields(template: CredentialTemplate, given: Readonly<Record<string, unknown>>): CheckedFields {
  const plain = new Map<string, string>();
  const secrets = new Map<string, Secret>();
  const problems: InputProblem[] = [];
  for (const [name, value] of Object.entries(given)) {
    const field = template.fields.find((candidate) => candidate.name === name);
    const read = field === undefined ? { problem: unknownField(template) } : readValue(field, value);
    if ('problem' in read) problems.push({ field: name.slice(0, 60), problem: read.problem });
    else if (field?.secret === false) plain.set(name, read.text);
    else secrets.set(name, new Secret(read.text));
  }
  return { plain: Object.fromEntries(plain), secrets: Object.fromEntries(secrets), problems };
}

/** Every log-in method of the template, in its order of preference. */
export function fitOf({ methods }: CredentialTemplate, present: Iterable<string>): readonly MethodFit[] {
  const names = new Set(present);
  return methods.map((method) => ({ method, missing: method.needs.filter((name) => !names.has(name)) }));
}

/** The method a log-in uses: the first that can do without the broker's page, or else the first that has all it needs. */
export function methodInUse(fits: readonly MethodFit[]): LoginMethod | null {
  const suited = fits.filter(({ missing }) => missing.length === 0).map(({ method }) => method);
  return suited.find(({ redirect = false }) => !redirect) ?? suited[0] ?? null;
}

/** Told when no method has all it needs; `nameOf` words a field as its reader knows it. */
export function waysIn({ methods }: CredentialTemplate, nameOf: (field: string) => string = (field) => field): string {
  const ways = methods.map(({ label, needs }) => `${label} (${needs.map(nameOf).join(', ')})`);
  return `must hold what one of these needs: ${ways.join(' or ')}`;
}

type ReadValue = { readonly text: string } | { readonly problem: string };

function readValue({ pattern, help }: CredentialField, value: unknown): ReadValue {
  if (typeof value !== 'string') return { problem: 'must be a text' };
  if (value.length > LONGEST_VALUE) return { problem: `must be at most ${LONGEST_VALUE} characters` };
  const text = value.trim();
  return pattern.test(text) ? { text } : { problem: `does not look right. ${help}` };
}

const unknownField = ({ fields }: CredentialTemplate): string =>
  `is not a field of this broker; it has ${fields.map(({ name }) => name).join(', ')}`;
