import { createHmac } from 'node:crypto';

/** A JSON Web Token, HS256, of whatever claims a broker puts in its own. */
export function signToken(key: string, claims: Readonly<Record<string, unknown>>): string {
  const header = encode({ typ: 'JWT', alg: 'HS256' });
  const payload = encode(claims);
  const signature = createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url');
  return `${header}.${payload}.${signature}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
