import type { TestRunner } from '../src/index.js';

export interface NamedTest {
  readonly name: string;
  readonly body: () => Promise<void>;
}

/** The tests that a suite would run, under their full names. */
export function testsOf(suite: (runner: TestRunner) => void): readonly NamedTest[] {
  const tests: NamedTest[] = [];
  const path: string[] = [];
  suite({
    describe(name, body) {
      path.push(name);
      body();
      path.pop();
    },
    test: (name, body) => void tests.push({ name: [...path, name].join(' '), body }),
  });
  return tests;
}

/** What the failing ones say. */
export async function failuresOf(tests: readonly NamedTest[]): Promise<readonly string[]> {
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
