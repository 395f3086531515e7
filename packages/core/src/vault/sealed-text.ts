import { z } from 'zod';
import type { BrokerSession } from '../contract/session.js';
import { Secret } from '../runtime/secret.js';

/** Secrets by name, as the vault seals them. */
export type SecretFields = Readonly<Record<string, Secret>>;

const secretsText = z.record(z.string(), z.string());

/** Sessions sealed by 0.1.0 say `credentialVersion` instead of `origin`; their credentials came from the store. */
const sessionText = z.object({
  origin: z.string().optional(),
  credentialVersion: z.number().optional(),
  clientId: z.string(),
  secrets: secretsText,
  facts: z.record(z.string(), z.string()),
  issuedAtMs: z.number(),
  expiresAtMs: z.number().nullable(),
  renewable: z.boolean(),
});

/** A session and which credentials it came from, as `FoundCredentials.origin` names them. */
export interface StoredSession {
  readonly session: BrokerSession;
  readonly origin: string;
}

export const writeSecrets = (secrets: SecretFields): string => JSON.stringify(revealed(secrets));

export const readSecrets = (text: string): SecretFields => wrapped(secretsText.parse(JSON.parse(text)));

export const writeSession = ({ session, origin }: StoredSession): string =>
  JSON.stringify({ ...session, secrets: revealed(session.secrets), origin });

export function readSession(text: string): StoredSession {
  const { origin, credentialVersion = 0, secrets, ...session } = sessionText.parse(JSON.parse(text));
  return { session: { ...session, secrets: wrapped(secrets) }, origin: origin ?? `store:${credentialVersion}` };
}

const revealed = (secrets: SecretFields): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));

const wrapped = (plain: Record<string, string>): SecretFields =>
  Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, new Secret(value)]));
