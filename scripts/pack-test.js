import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startSimulator } from '@algo/simulator';

/**
 * Installs the packed packages in an empty project and runs the README's example there, as ESM and as CommonJS, and
 * type-checks it: what a user gets from the registry, not what the workspace sees.
 */
const PACKAGES = ['core', 'broker-dhan', 'store-sqlite'];
const root = resolve('.');
const project = mkdtempSync(join(tmpdir(), 'algo-pack-'));

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The first ts block of the README. */
function readmeExample() {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  if (code === undefined) throw new Error('README.md has no ts example');
  return code;
}

/** The same lines for CommonJS, which has no top-level await. */
function asCommonJs(code) {
  const required = code.replaceAll(/^import \{(.*)\} from '(.*)';$/gm, "const {$1} = require('$2');");
  const at = required.indexOf('\n\n') + 2;
  return `${required.slice(0, at)}async function main() {\n${required.slice(at)}}\nmain();\n`;
}

function installPacked() {
  mkdirSync(join(project, 'tarballs'));
  for (const name of PACKAGES) {
    run('npm', ['pack', '--silent', '--pack-destination', join(project, 'tarballs')], {
      cwd: join(root, 'packages', name),
    });
  }
  const tarballs = readdirSync(join(project, 'tarballs')).map((file) => `./tarballs/${file}`);
  writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
  const others = ['better-sqlite3@12', 'typescript@~6.0.3', '@types/node@20'];
  run('npm', ['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs, ...others]);
  // Its native part is compiled already in this workspace, which saves a minute and proves nothing of ours.
  cpSync(join(root, 'node_modules/better-sqlite3/build'), join(project, 'node_modules/better-sqlite3/build'), {
    recursive: true,
  });
}

function environmentOf({ dhan: { credentials, baseUrl, authUrl, instrumentsUrl } }) {
  return {
    ...process.env,
    DHAN_CLIENT_ID: credentials.clientId,
    DHAN_ACCESS_TOKEN: credentials.accessToken,
    DHAN_OPTIONS: JSON.stringify({ baseUrl, authUrl, instrumentsUrl, instruments: 'compact' }),
  };
}

/** The simulator's trading day, for a process that only knows the system's clock. */
function writePinnedDate(simulator) {
  const offset = simulator.clock.now() - Date.now();
  writeFileSync(join(project, 'pin.cjs'), `const now = Date.now; Date.now = () => Math.floor(now() + ${offset});\n`);
}

function expectAccepted(what, output, simulator, orders) {
  if (output.trim() !== 'accepted') throw new Error(`${what} printed ${output}`);
  if (simulator.ledger().length !== orders) throw new Error(`${what} left ${simulator.ledger().length} orders`);
  console.log(`ok     README example as ${what}`);
}

const simulator = await startSimulator();
try {
  installPacked();
  writePinnedDate(simulator);
  const env = environmentOf(simulator);
  const example = readmeExample();

  writeFileSync(join(project, 'example.ts'), example);
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  run(join('node_modules', '.bin', 'tsc'), [...flags, '--exactOptionalPropertyTypes', 'example.ts']);
  console.log('ok     README example type-checks');

  writeFileSync(join(project, 'example.mjs'), example);
  const asModule = await runLive(['--require', './pin.cjs', 'example.mjs'], env);
  expectAccepted('ESM', asModule, simulator, 1);

  rmSync(join(project, 'bot.db'), { force: true });
  for (const suffix of ['-wal', '-shm', '-owner']) rmSync(join(project, `bot.db${suffix}`), { force: true });
  writeFileSync(join(project, 'example.cjs'), asCommonJs(example));
  const asScript = await runLive(['--require', './pin.cjs', 'example.cjs'], env);
  expectAccepted('CommonJS', asScript, simulator, 2);
} finally {
  await simulator.close();
  rmSync(project, { recursive: true, force: true });
}

/** Not spawnSync: the simulator answers from this very process. */
async function runLive(args, env) {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, args, { cwd: project, env });
  let output = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (complaint += chunk));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}\n${output}\n${complaint}`);
  return output;
}
