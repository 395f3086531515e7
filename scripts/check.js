import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that can be wrong without running the code. Says each check by name; fails if one does. */
const packages = readdirSync('packages').map((name) => `packages/${name}`);

const CHECKS = [
  ['types', 'tsc', ['--project', 'tsconfig.json']],
  ['lint', 'oxlint', ['--deny-warnings', 'packages', 'examples', 'bench', 'scripts']],
  ['promises and switches', 'eslint', ['packages']],
  ['formatting', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['import directions', 'depcruise', ['--config', '.dependency-cruiser.cjs', 'packages']],
  ['unused exports and dependencies', 'knip', []],
  ['lock file names no registry', 'node', ['scripts/check-lock-file.js']],
  ['nothing runs at install time', 'node', ['scripts/check-install-scripts.js']],
  ['capabilities are shown by what is there', 'node', ['scripts/check-capabilities.js']],
  ...packages.map((folder) => [`package shape of ${folder}`, 'publint', [folder, '--strict']]),
  ...packages.map((folder) => [
    `types of ${folder} for every resolver`,
    'attw',
    ['--pack', folder, '--profile', 'node16'],
  ]),
];

let failed = 0;
for (const [name, command, args] of CHECKS) {
  const path = command === 'node' ? process.execPath : join('node_modules', '.bin', command);
  const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status === 0) continue;
  failed += 1;
  console.log(`${stdout}${stderr}`);
}
console.log(failed === 0 ? `\nAll ${CHECKS.length} checks hold.` : `\n${failed} of ${CHECKS.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
