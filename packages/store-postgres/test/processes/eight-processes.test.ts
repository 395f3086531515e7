import { randomBytes, randomInt } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { testServer } from '../server.js';
import { startCountingVenue } from './counting-venue.js';
import type { CountingVenue } from './counting-venue.js';
import { startWorker } from './workers.js';
import type { Worker } from './workers.js';

const FULL = process.env['ALGO_TEST_FULL'] === '1';
const EXPIRIES = FULL ? 1_000 : 60;
const IDS = FULL ? 10_000 : 500;
const PROCESSES = 8;

const server = testServer();
let venue: CountingVenue;
let task: Readonly<Record<string, string>>;

beforeEach(async () => {
  venue = await startCountingVenue();
  const database = server.newSchema();
  await server.sql(`CREATE DATABASE "${database}"`);
  const connectionString = server.address().replace(/postgres$/, database);
  task = { connectionString, origin: venue.origin, key: randomBytes(32).toString('hex') };
  return () => venue.close();
});

/** As many processes on one database, of one user and account. */
async function startAll(): Promise<readonly Worker[]> {
  const first = await startWorker(task);
  await first.ask({ what: 'connect', pin: 'a-pin-of-some-length' });
  const others = await Promise.all(Array.from({ length: PROCESSES - 1 }, () => startWorker(task)));
  await Promise.all(others.map((worker) => worker.ask({ what: 'connect' })));
  return [first, ...others];
}

test(
  `${EXPIRIES} sessions that end are renewed ${EXPIRIES} times by eight processes`,
  { timeout: 900_000 },
  async () => {
    const workers = await startAll();
    expect(venue.logIns()).toBe(1);

    for (let expiry = 1; expiry <= EXPIRIES; expiry += 1) {
      venue.endSessions();
      await Promise.all(workers.map((worker) => worker.ask({ what: 'read' })));
      expect(venue.logIns()).toBe(1 + expiry);
    }
  },
);

test(`${IDS} client order ids raced by eight processes are ${IDS} orders`, { timeout: 900_000 }, async () => {
  const workers = await startAll();
  const ids = Array.from({ length: IDS }, (_, at) => `c${at}`);

  // Each starts somewhere else, so that some meet at the same id and some find it placed long ago.
  const answers = await Promise.all(
    workers.map((worker, at) => {
      const start = at % 2 === 0 ? 0 : randomInt(IDS);
      return worker.ask({ what: 'place', ids: [...ids.slice(start), ...ids.slice(0, start)], atOnce: 20 });
    }),
  );

  const [first] = answers;
  expect(venue.orders.size).toBe(IDS);
  expect(venue.repeated).toEqual([]);
  expect(new Set(Object.values(first?.ends ?? {}))).toEqual(new Set(venue.orders.values()));
  for (const { ends } of answers) expect(ends).toEqual(first?.ends);
});

test('a log-in goes on in another process when the one that has the turn is killed', { timeout: 60_000 }, async () => {
  const workers = await startAll();
  const [first, second] = workers;
  venue.endSessions();
  void first?.ask({ what: 'read' }).catch(() => undefined); // it is killed on the way
  first?.process.kill('SIGKILL');

  await second?.ask({ what: 'read' });

  expect(venue.logIns()).toBeLessThanOrEqual(3);
});
