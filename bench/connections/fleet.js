import { join } from 'node:path';
import { createAlgo, fileKey, systemClock } from '@algo/core';
import { dhan } from '@algo/broker-dhan';
import { sqlite } from '@algo/store-sqlite';

/** Each user's connections: four accounts at one broker, the fifth at another, which is the one that fails. */
export const PER_USER = 5;
export const STEADY = 'dhan';
export const FLAKY = 'flaky';

const UNLIMITED = [{ limit: 1_000_000, perMs: 1_000 }];

/**
 * The host: users named `u0`, `u1` and so on, with their credentials stored and nothing connected.
 *
 * @param {object} options
 * @param {readonly import('./brokers.js').Broker[]} options.brokers the steady one and the flaky one
 * @param {string} options.folder
 * @param {number} options.sockets most that may be open at once
 * @param {number} options.nowMs what the brokers' clocks show
 * @param {import('@algo/core').AlgoHooks} options.hooks
 */
export function openFleet({ brokers, folder, sockets, nowMs, hooks }) {
  const algo = createAlgo({
    store: sqlite({ path: join(folder, 'algo.db'), durability: 'normal' }),
    keys: fileKey(join(folder, 'master.key')),
    brokers: [STEADY, FLAKY].map((id, at) => brokerNamed(id, brokers[at])),
    clock: clockAt(nowMs),
    egress: { acceptShared: true },
    limits: { sockets },
    health: { probeIdleMs: null },
    warmUp: false,
    hooks,
  });
  return { algo, addUser: (number) => addUser(algo, brokers, number) };
}

/** Where a user's five connections are. */
export const REFS = Array.from({ length: PER_USER }, (_, at) =>
  at < PER_USER - 1 ? { broker: STEADY, account: `a${at}` } : { broker: FLAKY, account: 'main' },
);

export const userNamed = (number) => `u${number}`;

/** Dhan's package under a name of its own, its rate windows raised so that no call waits for them. */
function brokerNamed(id, { urls }) {
  const rateLimits = { orders: UNLIMITED, reads: UNLIMITED, instruments: UNLIMITED };
  return { ...dhan({ ...urls, instruments: 'compact', rateLimits }), id };
}

async function addUser(algo, [steady, flaky], number) {
  const { credentials } = algo.user(userNamed(number));
  for (const [at, { broker, account }] of REFS.entries()) {
    const fields = broker === FLAKY ? flaky.credentials[number] : steady.credentials[number * (PER_USER - 1) + at];
    await credentials.put(broker, account, fields);
  }
}

/** The system's clock, moved to the brokers' day. */
function clockAt(nowMs) {
  const clock = systemClock();
  const aheadMs = nowMs - clock.now();
  return { ...clock, now: () => clock.now() + aheadMs };
}
