import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.js';
import { driverProblem, loadDriver } from './driver.js';

const refusal = (found: string | null, wanted: string) => ({ driver: 'better-sqlite3', found, wanted });

test.each([
  ['20.19.0', '12.11.1', null],
  ['20.19.0', '13.2.0', refusal('13.2.0', '12')],
  ['21.7.3', '13.0.0', refusal('13.0.0', '12')],
  ['22.12.0', '12.11.1', null],
  ['22.12.0', '13.2.0', null],
  ['26.1.0', '13.2.0', null],
  ['26.1.0', '14.0.0', refusal('14.0.0', '12 or 13')],
  ['20.19.0', '11.10.0', refusal('11.10.0', '12')],
  ['20.19.0', null, refusal(null, '12')],
  ['22.12.0', null, refusal(null, '12 or 13')],
])('on Node %s, better-sqlite3 %s gives %j', (node, found, problem) => {
  expect(driverProblem(node, found)).toStrictEqual(problem);
});

test('loads the installed driver', () => {
  const driver = loadDriver();
  const connection = new driver(':memory:', { timeout: 0 });
  expect(connection.prepare('SELECT 1 AS one').get()).toStrictEqual({ one: 1 });
  connection.close();
});

/** A project in which some better-sqlite3 is installed, and the `require` of a file in it. */
function projectWith(version: string, code: string): NodeJS.Require {
  const project = temporaryFolder();
  const folder = join(project, 'node_modules', 'better-sqlite3');
  mkdirSync(join(folder, 'lib'), { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'better-sqlite3', version, main: 'lib/index.js' }),
  );
  writeFileSync(join(folder, 'lib', 'package.json'), '{}'); // not the one to read
  writeFileSync(join(folder, 'lib', 'index.js'), code);
  return createRequire(join(project, 'index.js'));
}

const LOADED = 'globalThis.driverWasLoaded = true;';

test('refuses a driver that takes Node 20 down, without running any of its code', () => {
  const require = projectWith('13.2.0', LOADED);
  expect(() => loadDriver(require, '20.20.2')).toThrow(
    expect.objectContaining({ code: 'ALGO_DRIVER_UNSUITABLE', details: refusal('13.2.0', '12') }),
  );
  expect(globalThis).not.toHaveProperty('driverWasLoaded');
});

test('says that no driver is installed', () => {
  const require = createRequire(join(temporaryFolder(), 'index.js'));
  expect(() => loadDriver(require, '20.20.2')).toThrow(expect.objectContaining({ details: refusal(null, '12') }));
});

test.each([
  ['its native part is missing', 'module.exports = class { constructor() { throw new Error("no bindings"); } }'],
  ['it is not a class', 'module.exports = {}'],
])('refuses a driver of the right version when %s', (_what, code) => {
  expect(() => loadDriver(projectWith('12.11.1', code), '20.20.2')).toThrow(
    expect.objectContaining({ code: 'ALGO_DRIVER_UNSUITABLE', details: refusal('12.11.1', '12') }),
  );
});
