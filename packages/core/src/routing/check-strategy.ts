import { z } from 'zod';
import type { ConnectionRef } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InputProblem } from '../errors/codes.js';
import { isSameConnection } from './choose-connection.js';
import type { FailoverRule, FailoverStrategy } from './failover-strategy.js';

const MOST_BACKUPS = 20;
const MOST_RULES = 50;
const DAY_MS = 86_400_000;

/**
 * A strategy as a host wrote it or a store kept it, held to its shape.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem found
 */
export function checkStrategy(value: unknown): FailoverStrategy {
  const parsed = strategy.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error.issues.map(problemOf));
  const problems = [...connectionProblems(parsed.data), ...parsed.data.rules.flatMap(ruleProblems)];
  if (problems.length > 0) throw invalid(problems);
  return parsed.data;
}

const name = z.string().min(1).max(200);
const ref = z.strictObject({ broker: name, account: name });

const then = {
  then: z.enum(['RETRY', 'SWITCH', 'QUEUE']),
  tries: z.number().int().min(0).max(10).optional(),
  expiresMs: z.number().int().min(1).max(DAY_MS).optional(),
  onMargin: z.boolean().optional(),
};

const rule = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('TIMEOUT'), misses: z.number().int().min(1).max(10_000).optional(), ...then }),
  z.strictObject({ on: z.literal('ERROR_RATE'), share: z.number().gt(0).max(1).optional(), ...then }),
  z.strictObject({ on: z.literal('MANUAL'), ...then }),
]);

const strategy: z.ZodType<FailoverStrategy> = z.strictObject({
  primary: ref,
  backups: z.array(ref).max(MOST_BACKUPS),
  rules: z.array(rule).max(MOST_RULES),
  recovery: z
    .strictObject({
      automatic: z.boolean().optional(),
      healthyMs: z.number().int().min(1_000).max(DAY_MS).optional(),
    })
    .optional(),
  reads: z.enum(['primary', 'balance']).optional(),
});

function connectionProblems({ primary, backups }: FailoverStrategy): readonly InputProblem[] {
  return backups.flatMap((backup, at) => {
    const field = `backups.${at}`;
    if (isSameConnection(backup, primary)) return [{ field, problem: 'is the primary' }];
    const isTwice = backups.findIndex((other: ConnectionRef) => isSameConnection(other, backup)) < at;
    return isTwice ? [{ field, problem: 'is named twice' }] : [];
  });
}

/** What would be ignored in silence. */
function ruleProblems({ then: action, tries, expiresMs, onMargin }: FailoverRule, at: number): readonly InputProblem[] {
  const problem = (field: string, only: string): InputProblem => ({
    field: `rules.${at}.${field}`,
    problem: `means nothing here: it is for ${only} alone`,
  });
  return [
    ...(tries !== undefined && action !== 'RETRY' ? [problem('tries', 'RETRY')] : []),
    ...(expiresMs !== undefined && action !== 'QUEUE' ? [problem('expiresMs', 'QUEUE')] : []),
    ...(onMargin === true && action !== 'SWITCH' ? [problem('onMargin', 'SWITCH')] : []),
  ];
}

const problemOf = ({ path, message }: z.core.$ZodIssue): InputProblem => ({
  field: path.join('.') || 'strategy',
  problem: message,
});

const invalid = (problems: readonly InputProblem[]): AlgoError => new AlgoError('ALGO_INVALID_INPUT', { problems });
