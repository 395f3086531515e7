import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { machine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { seeded, shuffled } from '../lib/shuffle.js';
import { shownSpread, spread } from '../lib/statistics.js';
import { table } from '../lib/table.js';
import { BROKERS } from './brokers.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const CALLS = 4_000;
const QUICK_CALLS = 400;
const CHILD_LIMIT_MS = 120_000;
/** P5, and what no round may go beyond: see ../README.md. */
const BAR = 1.15;
const WORST_ROUND = 1.3;

const CASES = Object.keys(BROKERS).map((name) => ({ name }));
const PACKAGES = ['@algo/core', ...CASES.map(({ name }) => `@algo/broker-${name}`), 'undici'];

/** A book of 50 orders, fetched and mapped to our orders, beside `undici.request` and `JSON.parse` alone (P5). */
export async function run({ rounds: asked, seed, only, quick }, log) {
  const rounds = asked ?? (quick ? 2 : 5);
  const calls = quick ? QUICK_CALLS : CALLS;
  const cases = chosen(CASES, only, []);
  const random = seeded(seed);
  log(`order-book: ${cases.length} brokers, ${rounds} rounds, seed ${seed}`);

  const measured = [];
  for (let round = 1; round <= rounds; round += 1) {
    const results = {};
    for (const { name: broker } of shuffled(cases, random)) {
      log(`round ${round} of ${rounds}: ${broker}`);
      results[broker] = await withReplay(broker, async (job, bookOf) => {
        const placed = await runChild(CHILD, { ...job, client: 'place' }, { timeoutMs: CHILD_LIMIT_MS });
        const book = await bookOf();
        if (placed !== 50 || book === null) throw new Error(`${broker}: the book has ${placed} orders`);
        const both = {};
        for (const client of shuffled(['raw', 'ours'], random)) {
          both[client] = await runChild(CHILD, { ...job, client, book, calls }, { timeoutMs: CHILD_LIMIT_MS });
          if (both[client].orders !== 50) throw new Error(`${broker}: ${client} saw ${both[client].orders} orders`);
        }
        return { ...both, bytes: book.bytes };
      });
    }
    measured.push(results);
  }

  const brokers = cases.map(({ name }) => {
    const ratio = spread(measured.map((results) => results[name].ours.cpuUs / results[name].raw.cpuUs));
    const cpuUs = (client) => spread(measured.map((results) => results[name][client].cpuUs));
    return {
      name,
      bytes: measured[0][name].bytes,
      rawUs: cpuUs('raw'),
      oursUs: cpuUs('ours'),
      ratio,
      met: ratio.median <= BAR && ratio.max <= BAR * WORST_ROUND,
    };
  });
  const seen = machine(PACKAGES);
  return {
    result: { seed, rounds, calls, machine: seen, brokers, raw: measured },
    text: report(brokers, rounds, seed),
    failed: false,
  };
}

function report(brokers, rounds, seed) {
  const rows = brokers.map(({ name, bytes, rawUs, oursUs, ratio, met }) => [
    name,
    String(bytes),
    rawUs.median.toFixed(0),
    oursUs.median.toFixed(0),
    shownSpread(ratio),
    met ? 'met' : 'NOT MET',
  ]);
  const head = ['broker', 'bytes', 'raw CPU us', 'our CPU us', 'CPU ratio', `P5 <= ${BAR} x`];
  return `Order book of 50: ${rounds} rounds, seed ${seed}; ratios within a round, min / median / max\n\n${table(head, rows)}`;
}

async function withReplay(broker, use) {
  const server = fork(fileURLToPath(new URL('replay.js', import.meta.url)), [], { execArgv: [] });
  const answer = () =>
    new Promise((resolve, reject) => {
      server.once('message', resolve);
      server.once('exit', (code) => reject(new Error(`the replaying server ended with ${code}`)));
    });
  try {
    const ready = answer();
    server.send({ broker });
    const { reach, nowMs } = await ready;
    const bookOf = async () => {
      const told = answer();
      server.send('book');
      return (await told).book;
    };
    return await use({ broker, reach, offsetMs: nowMs - Date.now() }, bookOf);
  } finally {
    server.removeAllListeners('exit');
    server.kill('SIGKILL');
  }
}
