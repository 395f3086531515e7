import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { machine } from '../lib/machine.js';
import { withScratch } from '../lib/scratch.js';
import { report } from './report.js';
import { verdicts } from './verdict.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const CHILD_LIMIT_MS = 1_500_000;
/** The SDK's own default. */
const CAP = 4_096;
const FULL = { users: 1_000, steadyMs: 30_000, rounds: 2, soakMs: 600_000 };
/** Few users, and a cap as many times smaller, so that it is reached all the same. */
const QUICK = { users: 50, steadyMs: 10_000, rounds: 1, soakMs: 60_000 };

const PACKAGES = ['@algo/core', '@algo/broker-dhan', '@algo/store-sqlite', 'undici', 'better-sqlite3'];

/** Many users with five connections each in one process: time, memory, sockets, event loop, status: see README.md. */
export async function run({ rounds, quick, users: asked, soak }, log) {
  const size = quick ? QUICK : FULL;
  const users = asked ?? size.users;
  const job = {
    ...size,
    users,
    rounds: rounds ?? size.rounds,
    cap: Math.min(CAP, Math.ceil((CAP * users) / FULL.users)),
    soakMs: soak ? size.soakMs : null,
  };
  log(`connections: ${users} users, at most ${job.cap} sockets`);
  const measured = await withScratch((folder) =>
    runChild(CHILD, { ...job, folder }, { cwd: folder, timeoutMs: CHILD_LIMIT_MS, log }),
  );
  const judged = verdicts(measured);
  const seen = machine(PACKAGES);
  return {
    result: { machine: seen, job, measured, verdicts: judged },
    text: report(seen, measured, judged),
    failed: judged.some(({ met }) => !met),
  };
}
