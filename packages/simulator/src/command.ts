import { USAGE, parseCommandLine, restoreFlags } from './command-line.js';
import type { Simulator } from './simulator.js';
import { startSimulator } from './simulator.js';

/**
 * The command: prints one line of JSON when ready and serves until SIGTERM or SIGINT, then ends with exit code 0.
 *
 * What it cannot do (unknown flag, taken port, unusable directory) it says in one line on stderr and ends with 2.
 */
export async function main(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  try {
    const options = parseCommandLine(restoreFlags(argv, environment));
    if (options === 'help') {
      process.stdout.write(`${USAGE}\n`);
      return;
    }
    const stopped = untilStopped();
    const simulator = await startSimulator(options);
    process.stdout.write(`${JSON.stringify(readyLine(simulator))}\n`);
    await stopped;
    await simulator.close();
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
    process.stderr.write(`algo-simulator: ${line ?? ''}\n`);
    process.exitCode = 2;
  }
}

function readyLine(simulator: Simulator): unknown {
  const reaches = simulator.brokers.map((name) => [name, simulator[name]] as const);
  return { ...Object.fromEntries(reaches), control: simulator.control };
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
