import { describe, expect, test } from 'vitest';
import { brokerConformance } from '../src/index.js';
import type { ConformanceOptions, TestRunner } from '../src/index.js';
import { DEFINITION_MUTANTS } from './mutants/definitions.js';
import { HONESTLY_LACKING, LACKING_MUTANTS } from './mutants/lacking.js';
import type { Mutant } from './mutants/mutant.js';
import { ORDER_MUTANTS, OUTCOME_MUTANTS } from './mutants/orders.js';
import { READ_MUTANTS } from './mutants/reads.js';
import { SESSION_MUTANTS } from './mutants/session.js';

/** A suite that cannot fail shows nothing. Every adapter here is a good one, broken in one place. */
const MUTANTS: Readonly<Record<string, readonly Mutant[]>> = {
  'sends another order': ORDER_MUTANTS,
  'takes a reply for another': OUTCOME_MUTANTS,
  'reads less than there is, or something else': READ_MUTANTS,
  'tells a secret or misnames a refusal': SESSION_MUTANTS,
  'describes itself wrongly': DEFINITION_MUTANTS,
  'has what it says it lacks': LACKING_MUTANTS,
};

describe.each(Object.entries(MUTANTS))('the suite fails an adapter that %s', (_kind, mutants) => {
  test.each(mutants)('$what', async ({ caughtBy, options }) => {
    const tests = testsOf(options).filter(({ name }) => name.includes(caughtBy));
    expect(tests).not.toEqual([]);
    expect(await failuresOf(tests)).not.toEqual([]);
  });
});

/** Tests that ask for every read there is, so that what is lacking would trip them. */
const ASK_FOR_EVERYTHING = ['is refused before anything is sent', 'limits', 'leaves no timer', 'is a command on'];

describe('the suite passes a good adapter with', () => {
  test.each(HONESTLY_LACKING)('$what', async ({ options }) => {
    const tests = testsOf(options).filter(({ name }) => ASK_FOR_EVERYTHING.some((part) => name.includes(part)));
    expect(await failuresOf(tests)).toEqual([]);
  });
});

interface NamedTest {
  readonly name: string;
  readonly body: () => Promise<void>;
}

function testsOf(options: ConformanceOptions): readonly NamedTest[] {
  const tests: NamedTest[] = [];
  const runner: TestRunner = {
    describe: (_name, body) => body(),
    test: (name, body) => void tests.push({ name, body }),
  };
  brokerConformance(runner, options);
  return tests;
}

async function failuresOf(tests: readonly NamedTest[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, body } of tests) {
    try {
      await body();
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures;
}
