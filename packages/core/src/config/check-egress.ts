import { z } from 'zod';
import type { Egress } from '../contract/egress.js';
import { AlgoError } from '../errors/algo-error.js';
import { isSecret } from '../runtime/secret.js';
import type { Secret } from '../runtime/secret.js';

const address = z.union([z.ipv4(), z.ipv6()], 'must be an IP address');

const proxyUrl = z.string().refine(isPlainProxy, 'must be http://host:port, without user, password or path');

const shape: z.ZodType<Egress> = z.strictObject({
  localAddress: z.exactOptional(address),
  proxy: z.exactOptional(
    z.strictObject({
      url: proxyUrl,
      credentials: z.exactOptional(z.custom<Secret>(isSecret, 'must be a Secret of user:password')),
    }),
  ),
  publicAddress: z.exactOptional(address),
});

/**
 * What a host's function says of one account, held to its shape.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`; it names fields, never what stands in them
 */
export function checkEgress(egress: unknown): Egress {
  const parsed = shape.safeParse(egress);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({
    field: ['egress.of', ...path].join('.'),
    problem: message,
  }));
  throw new AlgoError('ALGO_INVALID_INPUT', { problems });
}

function isPlainProxy(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  return protocol === 'http:' && username === '' && password === '' && pathname === '/' && search === '' && hash === '';
}
