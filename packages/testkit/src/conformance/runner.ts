/** What the suite needs of a test runner. vitest fits as it is; so do node:test and mocha. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  test(name: string, body: () => Promise<void>): void;
}
