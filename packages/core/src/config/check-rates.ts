import { z } from 'zod';
import { AlgoError } from '../errors/algo-error.js';
import { errorName } from '../runtime/error-name.js';
import type { UserRates } from '../transport/rate-desk.js';

const windows = z.array(
  z.strictObject({
    limit: z.number().int().min(1),
    perMs: z.number().min(1).max(86_400_000),
    per: z.exactOptional(z.enum(['account', 'address'])),
    counted: z.exactOptional(z.enum(['sliding', 'ist-day'])),
    bySegment: z.exactOptional(z.boolean()),
  }),
);

const shape: z.ZodType<UserRates> = z.strictObject({
  orders: z.exactOptional(windows),
  reads: z.exactOptional(windows),
});

/**
 * What a host's function says of one user, held to its shape: a limit that is none must not pass for one that lets
 * everything through. Nothing said is no limit.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`, also when the function throws
 */
export function checkedRates(rates: (userId: string) => unknown, userId: string): UserRates {
  const parsed = shape.safeParse(answerOf(rates, userId) ?? {});
  if (parsed.success) return parsed.data;
  throw refused(parsed.error.issues.map(({ path, message }) => [path.join('.'), message]));
}

function answerOf(rates: (userId: string) => unknown, userId: string): unknown {
  try {
    return rates(userId);
  } catch (error) {
    throw refused([['', `threw ${errorName(error)}`]]);
  }
}

const refused = (problems: readonly (readonly [path: string, problem: string])[]): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', {
    problems: problems.map(([path, problem]) => ({
      field: path === '' ? 'limits.rates' : `limits.rates.${path}`,
      problem,
    })),
  });
