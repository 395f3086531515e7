import { parseOptions } from './lib/options.js';

/** Every bench by name: what it answers, and where it lives. */
const BENCHES = {
  'place-order': {
    about: 'cost of one order: our road, raw undici, axios and official SDKs (P1, P2, P3)',
    load: () => import('./place-order/index.js'),
  },
  'order-book': {
    about: 'a book of 50 orders read and mapped, for each broker (P5)',
    load: () => import('./order-book/index.js'),
  },
  outcomes: {
    about: 'what a caller is told when placing an order fails (P20)',
    load: () => import('./outcomes/index.js'),
  },
  instruments: {
    about: 'a master of 200,000 rows: load, memory, stall, look-ups, beside CSV parsers (P7, P8)',
    load: () => import('./instruments/index.js'),
  },
  stores: {
    about: 'credentials, sessions, leases and the journal in both databases, beside their drivers (P9 to P13)',
    load: () => import('./stores/index.js'),
  },
  resilience: {
    about: 'limiter, breaker, deadline and retry around a no-op, beside cockatiel, opossum, p-retry, p-queue (P6)',
    load: () => import('./resilience/index.js'),
  },
  failover: {
    about: 'from a first broker that fails to the answer of the second, beside the two steps by hand (P18, P19)',
    load: () => import('./failover/index.js'),
  },
  connections: {
    about: '1,000 users with 5 connections each in one process: time, memory, sockets, event loop, status',
    load: () => import('./connections/index.js'),
  },
  startup: {
    about: 'load time and installed size (P16, P17)',
    load: () => import('./startup/index.js'),
  },
};

const USAGE = `usage: npm run bench -- NAME [options]

${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join('\n')}

options:
  --rounds N       rounds; a ratio is taken inside one round
  --seed N         order of the cases, to repeat a run
  --only A,B       only these cases
  --quick          fewer calls and rounds: shows that it works, not how fast it is
  --profile DIR    place-order: also writes a CPU profile of each case and phase
  --users N        connections: so many users, with five connections each
  --soak           connections: ten minutes of traffic more, with the heap at minute 10 beside minute 2
  --json           one JSON object on stdout, everything else on stderr
`;

const [name = '', ...rest] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : null;
if (bench === null) {
  process.stderr.write(USAGE);
  process.exit(2);
}

try {
  const options = parseOptions(rest);
  const { run } = await bench.load();
  const { result, text, failed } = await run(options, (line) => process.stderr.write(`${line}\n`));
  if (options.json) process.stdout.write(`${JSON.stringify({ bench: name, ...result })}\n`);
  (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? (error.usage ? `${error.message}\n\n${USAGE}` : error.stack) : error}\n`,
  );
  process.exitCode = error?.usage ? 2 : 1;
}
