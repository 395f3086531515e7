import { setTimeout as pause } from 'node:timers/promises';
import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';
import { START_MS, withBrokers } from './brokers.js';
import { openFleet, PER_USER, userNamed } from './fleet.js';
import { heldMemory } from './memory.js';
import { burst, connect, failing, idle, latencyOf, steady, targetsOf, warm, warmable } from './phases.js';
import { soak } from './soak.js';
import { countSockets } from './sockets.js';
import { StatusLatency } from './status-latency.js';
import { place, read } from './traffic.js';

closeNetwork();

const sockets = countSockets();

answerJob((job) => {
  const users = job.users + 1; // the first one warms the code up and is in no number
  return withBrokers([users * (PER_USER - 1), users], (brokers) => measure({ ...job, brokers }));
});

async function measure({ users, cap, steadyMs, rounds, soakMs, folder, brokers }) {
  const latency = new StatusLatency();
  const hooks = { onCall: (message) => latency.onCall(message) };
  const { algo, addUser } = openFleet({ brokers, folder, sockets: cap, nowMs: START_MS, hooks });
  await warmUp(algo, addUser, users);
  const before = await heldMemory();

  const userIds = Array.from({ length: users }, (_, number) => userNamed(number));
  for (const number of userIds.keys()) await addUser(number);
  tell(`${users} users with ${PER_USER} connections each: connecting`);
  const connected = await connect({ algo, userIds });
  const targets = targetsOf(algo, users);

  tell('waiting for idle sockets to close');
  const idleAtFirst = await idle({ sockets });
  tell('an order and a read on every connection');
  const warmed = await warm({ targets: warmable(targets, cap), sockets });
  const burstSeen = await burst({ targets });
  tell('ordinary traffic');
  const steadySeen = await steady({ targets, forMs: steadyMs });
  tell('a fifth of the brokers fails and recovers');
  latency.listen(algo, users);
  const failingSeen = await failing({ targets, broker: brokers[1], latency, rounds });
  const soaked = soakMs === null ? null : await soak({ targets, broker: brokers[1], forMs: soakMs, tell });
  await latency.close();
  tell('waiting for idle sockets to close');
  const idleAtLast = await idle({ sockets });

  const counts = await Promise.all(brokers.map(({ ask }) => ask('counts')));
  const [failed, critical, back] = ['failed', 'critical', 'back'].map((kind) => latencyOf(latency.samples[kind]));
  await algo.close();
  return {
    users,
    connections: targets.length,
    cap,
    before,
    connected,
    idleAtFirst,
    warmed,
    burst: burstSeen,
    steady: steadySeen,
    failing: { ...failingSeen, latency: { failed, critical, back } },
    soak: soaked,
    idleAtLast,
    sockets: { most: sockets.most, atBrokers: counts.map(({ sockets: { most } }) => most) },
    requests: counts.reduce((sum, { requests }) => sum + requests, 0),
  };
}

/** One user more goes through everything first: what is loaded and compiled once is no connection's. */
async function warmUp(algo, addUser, number) {
  await addUser(number);
  await connect({ algo, userIds: [userNamed(number)] });
  for (const target of targetsOf(algo, number + 1).slice(-PER_USER)) {
    await place(target);
    await read(target);
  }
  await pause(100);
}

const tell = (progress) => process.send({ progress });
