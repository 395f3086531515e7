import assert from 'node:assert/strict';
import { dhan } from '@algo/broker-dhan';
import { kotak } from '@algo/broker-kotak';
import { createAlgo, memoryStore } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import { startQuickClock } from '../shared/quick-clock.js';
import { startWire } from '../shared/wire.js';
import { startBot } from './bot.js';
import { DHAN, KOTAK, prove, SCENES } from './scenes.js';
import { watch } from './watch.js';

// node two-brokers-failover.js   Dhan leads, Kotak stands by, and in seven scenes both of them fail

const time = startQuickClock({ speed: 20 });
const { clock } = time;
const simulator = await startSimulator({ brokers: ['dhan', 'kotak'], clock });
const wire = await startWire(simulator.dhan.baseUrl);
const key = { id: 'example', bytes: new Uint8Array(32).fill(7) }; // a real bot uses fileKey(path)
const algo = createAlgo({
  store: memoryStore(),
  keys: { current: async () => key, byId: async () => key },
  brokers: [dhanThrough(wire), kotak({ loginUrl: simulator.kotak.loginUrl })],
  clock,
});

try {
  const me = algo.user('u1');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  await me.credentials.put('kotak', 'main', simulator.kotak.credentials);
  await me.setFailover({
    primary: DHAN,
    backups: [KOTAK],
    rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }],
    recovery: { healthyMs: 10_000 }, // leave it at 60 seconds in a real bot
  });
  const screen = watch(me);
  await me.start();
  const bot = startBot(me, { clock, onTurn: screen.refresh });
  const stage = { me, bot, simulator, wire, time, screen };

  for (const [at, [title, play]] of SCENES.entries()) {
    screen.say(`\n${at + 1}. ${title}`);
    await play(stage);
  }
  await bot.stop();
  await prove(stage);
  await algo.close();
  assert.equal(clock.timers, 0); // nothing is left of it
} finally {
  simulator.releaseHung();
  await algo.close();
  await wire.close();
  await simulator.close();
  await time.close();
}

function dhanThrough({ through }) {
  const { baseUrl, authUrl, detailedInstrumentsUrl } = simulator.dhan;
  return dhan({
    baseUrl: through(baseUrl),
    authUrl: through(authUrl),
    instrumentsUrl: through(detailedInstrumentsUrl),
  });
}
