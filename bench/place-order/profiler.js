import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/**
 * Runs `work` under V8's CPU profiler and writes what it saw, for Chrome's or any other viewer.
 *
 * @template Value
 * @param {string | null} path null: no profile
 * @param {() => Promise<Value>} work
 */
export async function profiled(path, work) {
  if (path === null) return work();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 100 });
  await session.post('Profiler.start');
  const value = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  writeFileSync(path, JSON.stringify(profile));
  return value;
}
