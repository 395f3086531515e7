import { fileURLToPath } from 'node:url';
import { runChild } from '../lib/child.js';
import { machine, shownMachine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { withScratch } from '../lib/scratch.js';
import { table } from '../lib/table.js';
import { withStub } from '../stub/start.js';
import { FAULTS } from './faults.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
/** Longer than the 7 s after which kiteconnect and smartapi give up by themselves. */
const PATIENCE_MS = 9_000;
const OURS = 'algo';

const CLIENTS = [
  { name: OURS, label: 'our road', client: 'algo', options: { store: 'full', deadlineMs: 1_000 } },
  { name: 'axios', label: 'axios, timeout 1 s', client: 'axios', options: { deadlineMs: 1_000 } },
  { name: 'kiteconnect', label: 'kiteconnect', client: 'kiteconnect' },
  { name: 'smartapi', label: 'smartapi-javascript', client: 'smartapi' },
  { name: 'xts', label: 'xts-interactive-api', client: 'xts' },
];

const PACKAGES = [
  '@algo/core',
  '@algo/broker-dhan',
  'undici',
  'axios',
  'kiteconnect',
  'smartapi-javascript',
  'xts-interactive-api',
];

/** What the caller of each client is told when placing an order fails: one fresh process and one stub for each answer. */
export async function run({ only, rounds: asked }, log) {
  const clients = chosen(CLIENTS, only, [OURS]);
  const rounds = asked ?? 1;
  const answers = [];
  for (const { name, client, options } of clients) {
    log(`outcomes: ${name}`);
    for (const fault of FAULTS) {
      const told = (warm) => ask(client, options, fault.name, warm);
      const asked = { client: name, fault: fault.name, truth: fault.truth };
      answers.push({ ...asked, warm: false, ...(await told(false)) });
      // Ours once more per round over a socket that was used before: it may die in more ways than a new one.
      const warmRounds = name === OURS ? rounds : 0;
      for (let round = 1; round <= warmRounds; round += 1) {
        answers.push({ ...asked, warm: true, ...(await told(true)) });
      }
    }
  }
  const ours = answers.filter((answer) => answer.client === OURS);
  const wrong = ours.filter((answer) => !isRight(answer));
  const verdict = {
    id: 'P20',
    target: '100 % right, 0 resolved failures',
    right: ours.length - wrong.length,
    of: ours.length,
    met: wrong.length === 0,
    wrong,
  };
  const seen = machine(PACKAGES);
  return {
    result: { machine: seen, answers, verdict },
    text: report(seen, clients, answers, verdict),
    failed: !verdict.met,
  };
}

const ask = (client, options, fault, warm) =>
  withStub(({ origin, control }) =>
    withScratch((folder) => {
      const job = {
        client,
        options: { ...options, origin, sockets: 50, folder },
        control,
        fault,
        warm,
        patienceMs: PATIENCE_MS,
      };
      return runChild(CHILD, job, { cwd: folder, timeoutMs: PATIENCE_MS + 15_000 });
    }),
  );

/** The label is the truth, and fits what the broker received. */
function isRight({ kind, truth, received }) {
  if (kind !== truth) return false;
  return truth === 'not-sent' ? received === 0 : received === 1;
}

function report(seen, clients, answers, { id, target, right, of, met, wrong }) {
  const cell = (client, fault) => {
    const { how, kind, text, afterMs } = answers.find((answer) => answer.client === client && answer.fault === fault);
    const after = afterMs >= 500 && how !== 'waits' ? ` after ${(afterMs / 1_000).toFixed(1)} s` : '';
    return kind === null && how !== 'waits' ? `${how} ${text}${after}` : `${text}${after}`;
  };
  const tables = FAULTS.map(({ name, label, truth }) =>
    table(
      [`${label} (the truth: ${truth})`, 'what the caller gets'],
      clients.map((client) => [client.label, cell(client.name, name)]),
      'left',
    ),
  );
  const mistakes = wrong.map((answer) => `wrong: ${JSON.stringify(answer)}`);
  return [
    'Outcomes: what the caller is told when placing an order fails',
    shownMachine(seen),
    ...tables,
    `${id}: ${right} of ${of} of our labels right (target: ${target}): ${met ? 'met' : 'NOT MET'}`,
    ...mistakes,
  ].join('\n\n');
}
