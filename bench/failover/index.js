import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { machine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { withScratch } from '../lib/scratch.js';
import { seeded, shuffled } from '../lib/shuffle.js';
import { CASES } from './cases.js';
import { report } from './report.js';
import { summarise } from './summary.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const SERVER = fileURLToPath(new URL('server.js', import.meta.url));
const PACKAGES = ['@algo/core', 'undici'];
const FULL = { warmUp: 500, samples: 500, callers: 40 };
const QUICK = { warmUp: 100, samples: 100, callers: 10 };

/** P18 and P19: from a first broker that fails to the second one's answer, beside the same two steps by hand. */
export async function run({ rounds: asked, seed, only, quick }, log) {
  const rounds = asked ?? (quick ? 3 : 5);
  const size = quick ? QUICK : FULL;
  const cases = chosen(CASES, only);
  const random = seeded(seed);
  const results = [];
  for (let round = 1; round <= rounds; round += 1) {
    const byName = {};
    for (const one of shuffled(cases, random)) byName[one.name] = await measure(one, { ...size, seed: seed + round });
    results.push(byName);
    log(`failover: round ${round} of ${rounds}`);
  }
  const summary = summarise(cases, results);
  const head = { seed, rounds, ...size, machine: machine(PACKAGES) };
  return {
    result: { ...head, ...summary },
    text: report(head, summary),
    failed: summary.verdicts.some(({ met }) => !met),
  };
}

/** A fresh process for our side and the floor, and another one for the brokers. */
const measure = (one, size) =>
  withScratch(async (folder) => {
    const server = fork(SERVER, [], { execArgv: [] });
    try {
      const [ports] = await once(server, 'message', { signal: AbortSignal.timeout(10_000) });
      const originOf = (name) => `http://127.0.0.1:${ports[name]}`;
      const origins = { home: originOf('home'), alpha: originOf('alpha'), beta: originOf('beta') };
      const job = { ...one, ...size, folder, origins, control: originOf('control') };
      return await runChild(CHILD, job, { timeoutMs: 120_000 });
    } finally {
      server.kill('SIGKILL');
    }
  });
