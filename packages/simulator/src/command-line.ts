import { parseArgs } from 'node:util';
import { BROKER_NAMES } from './simulator.js';
import type { BrokerName, SimulatorOptions } from './simulator.js';

export const USAGE = `Usage: algo-simulator [options]
  --brokers NAMES      separated by commas: jainam, dhan (default), angel, kotak; or all
  --port NUMBER        port on 127.0.0.1 of the first broker; 0 takes free ones (default)
  --state DIRECTORY    keep accounts, orders, tokens and the ledger over a restart
  --clock INSTANT      where time starts, for example 2026-11-20T10:00:00+05:30 (default), or now
  --seed NUMBER        settles every chance (default 1)
  --rate-limits on|off the broker's own limits (default on)
  --help               show this`;

const FLAGS = ['brokers', 'port', 'state', 'clock', 'seed', 'rate-limits'] as const;
type Flag = (typeof FLAGS)[number];

const NAMES = [...BROKER_NAMES, 'all'].join('|');

/** What a value looks like, by flag; the folder comes last, since anything may be one. */
const LOOKS: readonly (readonly [Flag, RegExp])[] = [
  ['brokers', new RegExp(`^(${NAMES})(,(${NAMES}))*$`)],
  ['rate-limits', /^(on|off)$/],
  ['clock', /^(now|\d{4}-\d{2}-\d{2}T.+)$/],
  ['port', /^\d+$/],
  ['seed', /^\d+$/],
  ['state', /./],
];

/**
 * `npx --no algo-simulator --port 0` takes the flags for npm's own: the command gets their values alone, and npm's
 * environment says which flags there were. This puts them together again; any other call comes back as it is.
 */
export function restoreFlags(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (environment['npm_command'] !== 'exec' || argv.some((word) => word.startsWith('-'))) return argv;
  const given = FLAGS.flatMap((flag) => {
    const value = environment[`npm_config_${flag.replaceAll('-', '_')}`];
    return value === undefined ? [] : [[flag, value] as const];
  });
  const missing = new Set(given.filter(([, value]) => value === 'true').map(([flag]) => flag));
  const restored = given.filter(([flag]) => !missing.has(flag)).flatMap(([flag, value]) => [`--${flag}`, value]);
  for (const value of argv) {
    const fits = LOOKS.find(([flag, look]) => missing.has(flag) && look.test(value));
    if (fits === undefined) return argv;
    missing.delete(fits[0]);
    restored.push(`--${fits[0]}`, value);
  }
  return restored;
}

/** What the command line asks for. Throws with one clear line when it cannot be understood. */
export function parseCommandLine(argv: readonly string[]): SimulatorOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: false,
    options: {
      brokers: { type: 'string' },
      port: { type: 'string' },
      state: { type: 'string' },
      clock: { type: 'string' },
      seed: { type: 'string' },
      'rate-limits': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const { brokers, port, state, clock, seed, 'rate-limits': rateLimits } = values;
  return {
    ...(brokers === undefined ? {} : { brokers: brokersOf(brokers) }),
    ...(port === undefined ? {} : { port: wholeNumber('--port', port, 65_535) }),
    ...(state === undefined ? {} : { state: directoryOf(state) }),
    ...(clock === undefined ? {} : { startMs: instantOf(clock) }),
    ...(seed === undefined ? {} : { seed: wholeNumber('--seed', seed, 4_294_967_295) }),
    ...(rateLimits === undefined ? {} : rateLimitsOfAll(switchOf(rateLimits))),
  };
}

function brokersOf(text: string): readonly BrokerName[] {
  return text.split(',').flatMap((word) => {
    const name = word.trim();
    if (name === 'all') return BROKER_NAMES;
    const known = BROKER_NAMES.find((broker) => broker === name);
    if (known === undefined) {
      throw new Error(`--brokers: there is no front end for "${name}", only ${BROKER_NAMES.join(', ')}`);
    }
    return [known];
  });
}

function rateLimitsOfAll(rateLimits: 'on' | 'off'): SimulatorOptions {
  return { jainam: { rateLimits }, dhan: { rateLimits }, angel: { rateLimits }, kotak: { rateLimits } };
}

function wholeNumber(flag: string, text: string, highest: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > highest) throw new Error(`${flag} is a whole number from 0 to ${highest}`);
  return number;
}

function directoryOf(text: string): string {
  if (text === '') throw new Error('--state is a directory');
  return text;
}

/** The zone must be written: a time without one means something else on every machine. */
function instantOf(text: string): number {
  if (text === 'now') return Date.now();
  const instant = Date.parse(text);
  if (Number.isNaN(instant) || !/(?:Z|[+-]\d{2}:\d{2})$/.test(text)) {
    throw new Error('--clock is an instant with its zone, for example 2026-11-20T10:00:00+05:30');
  }
  return instant;
}

function switchOf(text: string): 'on' | 'off' {
  if (text !== 'on' && text !== 'off') throw new Error('--rate-limits is on or off');
  return text;
}
