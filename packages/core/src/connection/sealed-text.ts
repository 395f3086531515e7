import { z } from 'zod';
import type { BrokerSession } from '../contract/session.js';
import { Secret } from '../runtime/secret.js';

/** Secrets by name, as the vault seals them. */
export type SecretFields = Readonly<Record<string, Secret>>;

const secretsText = z.record(z.string(), z.string());

const sessionText = z.object({
  credentialVersion: z.number(),
  clientId: z.string(),
  secrets: secretsText,
  facts: z.record(z.string(), z.string()),
  issuedAtMs: z.number(),
  expiresAtMs: z.number().nullable(),
  renewable: z.boolean(),
});

/** A session and which credentials it came from. */
export interface StoredSession {
  readonly session: BrokerSession;
  readonly credentialVersion: number;
}

export const writeSecrets = (secrets: SecretFields): string => JSON.stringify(revealed(secrets));

export const readSecrets = (text: string): SecretFields => wrapped(secretsText.parse(JSON.parse(text)));

export const writeSession = ({ session, credentialVersion }: StoredSession): string =>
  JSON.stringify({ ...session, secrets: revealed(session.secrets), credentialVersion });

export function readSession(text: string): StoredSession {
  const { credentialVersion, secrets, ...session } = sessionText.parse(JSON.parse(text));
  return { session: { ...session, secrets: wrapped(secrets) }, credentialVersion };
}

const revealed = (secrets: SecretFields): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));

const wrapped = (plain: Record<string, string>): SecretFields =>
  Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, new Secret(value)]));
