import type { TestRunner } from '../conformance/runner.js';
import { attemptsGroup } from './groups/attempts.js';
import { auditGroup } from './groups/audit.js';
import { behindTheBackGroup } from './groups/behind-the-back.js';
import { brokerRemovalGroup } from './groups/broker-removal.js';
import { budgetsGroup } from './groups/budgets.js';
import { changesGroup } from './groups/changes.js';
import { configurationGroup } from './groups/configuration.js';
import { credentialsGroup } from './groups/credentials.js';
import { importsGroup } from './groups/imports.js';
import { instrumentsGroup } from './groups/instruments.js';
import { leaksGroup } from './groups/leaks.js';
import { leasesGroup } from './groups/leases.js';
import { lifecycleGroup } from './groups/lifecycle.js';
import { orderRecordsGroup } from './groups/order-records.js';
import { portfolioGroup } from './groups/portfolio.js';
import { queueGroup } from './groups/queue.js';
import { reassignmentGroup } from './groups/reassignment.js';
import { sealedRecordsGroup } from './groups/sealed-records.js';
import { secretsGroup } from './groups/secrets.js';
import { sessionsGroup } from './groups/sessions.js';
import { userIdsGroup } from './groups/user-ids.js';
import type { StoreConformanceOptions, StoreSubject } from './subject.js';

type Group = (runner: TestRunner, subject: StoreSubject, options: StoreConformanceOptions) => void;

const GROUPS: readonly Group[] = [
  credentialsGroup,
  sessionsGroup,
  configurationGroup,
  attemptsGroup,
  queueGroup,
  orderRecordsGroup,
  portfolioGroup,
  instrumentsGroup,
  auditGroup,
  leasesGroup,
  budgetsGroup,
  importsGroup,
  reassignmentGroup,
  sealedRecordsGroup,
  brokerRemovalGroup,
  changesGroup,
  lifecycleGroup,
  userIdsGroup,
  leaksGroup,
  secretsGroup,
  behindTheBackGroup,
];

/**
 * The contract of a store as tests: what every store package has to pass. Hand in a way to fresh places for data, and the
 * test runner. Every test makes a place of its own and disposes of it.
 */
export function storeConformance(
  subject: StoreSubject,
  runner: TestRunner,
  options: StoreConformanceOptions = {},
): void {
  runner.describe(`${subject.name} keeps the contract of a store`, () => {
    for (const group of GROUPS) group(runner, subject, options);
  });
}
