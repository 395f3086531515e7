import assert from 'node:assert/strict';
import { dhan } from '@algo/broker-dhan';
import { kotak } from '@algo/broker-kotak';
import { createAlgo, memoryStore } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import { createLiveTable } from '../shared/live-table.js';
import { startQuickClock } from '../shared/quick-clock.js';
import { startWire } from '../shared/wire.js';
import { SCENES } from './scenes.js';
import { addUsers, addressOf, USERS } from './users.js';

// node many-users.js   twenty people with two brokers each, in one process, each from an address of their own

const time = startQuickClock({ speed: 10 });
const { clock } = time;
const simulator = await startSimulator({ brokers: ['dhan', 'kotak'], clock });
const wire = await startWire(simulator.dhan.baseUrl);
const key = { id: 'example', bytes: new Uint8Array(32).fill(7) }; // a real host uses fileKey(path), or its key service
const managers = [];

/** The host's manager, and later the same again with other settings. */
function newAlgo(egress = {}) {
  const { authUrl, baseUrl, detailedInstrumentsUrl } = simulator.dhan;
  const algo = createAlgo({
    store: memoryStore(),
    keys: { current: async () => key, byId: async () => key },
    brokers: [
      dhan({
        baseUrl: wire.through(baseUrl),
        authUrl: wire.through(authUrl),
        instrumentsUrl: wire.through(detailedInstrumentsUrl),
      }),
      kotak({ loginUrl: simulator.kotak.loginUrl }),
    ],
    clock,
    egress: { of: ({ userId }) => ({ localAddress: addressOf(userId) }), ...egress },
    limits: { callsPerUser: 8, connectionsPerUser: 4 },
  });
  managers.push(algo);
  return algo;
}

try {
  const table = createLiveTable(['user', 'address', 'dhan', 'kotak', 'orders', 'user is']);
  const algo = newAlgo();
  await addUsers(algo, simulator);
  const stage = { algo, newAlgo, simulator, wire, time, table, readers: [] };
  for (const [at, [title, play]] of SCENES.entries()) {
    table.note(`\n${at + 1}. ${title}`);
    await play(stage);
  }
  await algo.close();
  await Promise.all(stage.readers); // a stream of events ends with its user
  assert.equal(clock.timers, 0);
  table.note(`\n${USERS.length} users came and went. Nothing is left of them: no timer, no socket, no loop.`);
} finally {
  simulator.releaseHung();
  for (const algo of managers) await algo.close();
  await wire.close();
  await simulator.close();
  await time.close();
}
