import { execFile } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withScratch } from '../lib/scratch.js';
import { table } from '../lib/table.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Core's five libraries and what they need; core itself is not counted. */
const CORE = { packages: 8, mb: 16 };
const BROKER = { packages: 3 };

/** What a host installs, and the peers it could install instead. */
const INSTALLS = [
  { name: 'core', label: '@algo/core', own: ['core'], others: {} },
  { name: 'dhan', label: '@algo/core + @algo/broker-dhan', own: ['core', 'broker-dhan'], others: {} },
  ...['axios', 'kiteconnect', 'smartapi-javascript', 'xts-interactive-api'].map((name) => ({
    name,
    label: name,
    own: [],
    others: { [name]: '*' },
  })),
];

/**
 * P17: the packages a lock-only install of the packed tarballs names, and the size of those packages as they lie in this
 * workspace. Asks the npm registry and nobody else.
 */
export async function measureInstall(log) {
  const rows = [];
  for (const install of INSTALLS) {
    log(`startup: what ${install.label} installs`);
    rows.push({
      name: install.name,
      label: install.label,
      ...(await withScratch((folder) => lockOnly(folder, install))),
    });
  }
  const [core, dhan] = rows;
  const added = dhan.thirdParty - core.thirdParty;
  return {
    rows,
    verdicts: [
      {
        id: 'P17',
        what: `core brings ${core.thirdParty} third-party packages, ${core.mb.toFixed(1)} MB in all`,
        target: `<= ${CORE.packages} packages, <= ${CORE.mb} MB`,
        met: core.thirdParty <= CORE.packages && core.mb <= CORE.mb && core.unmeasured.length === 0,
      },
      {
        id: 'P17',
        what: `broker-dhan adds ${added} third-party packages`,
        target: `<= ${BROKER.packages}`,
        met: added <= BROKER.packages,
      },
    ],
  };
}

async function lockOnly(folder, { own, others }) {
  const packed = {};
  let ownBytes = 0;
  for (const name of own) {
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: join(ROOT, 'packages', name),
      timeout: 60_000,
    });
    const [{ filename, name: packageName, unpackedSize }] = JSON.parse(stdout);
    packed[packageName] = `file:${filename}`;
    ownBytes += unpackedSize;
  }
  const versions = Object.fromEntries(
    Object.keys(others).map((name) => [name, installed(name)?.version ?? others[name]]),
  );
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, dependencies: { ...packed, ...versions } }),
  );
  await run(
    'npm',
    ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    {
      cwd: folder,
      timeout: 180_000,
    },
  );
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const packages = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, { version }]) => ({ name: path.split('node_modules/').at(-1), version }));

  let bytes = ownBytes;
  const unmeasured = [];
  for (const { name } of packages) {
    if (name in packed) continue;
    const found = installed(name);
    if (found === null) unmeasured.push(name);
    else bytes += bytesIn(found.folder);
  }
  const thirdParty = packages.filter(({ name }) => !name.startsWith('@algo/')).length;
  return { packages, thirdParty, mb: bytes / 2 ** 20, unmeasured };
}

/** A package as it lies in this workspace; its version may be older than the one the lock names. */
function installed(name) {
  const folder = join(ROOT, 'node_modules', name);
  try {
    return { folder, version: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version };
  } catch {
    return null;
  }
}

/** Without what is nested in it: that is counted under its own name. */
function bytesIn(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += bytesIn(path);
    else if (entry.isFile()) bytes += lstatSync(path).size;
  }
  return bytes;
}

export function shownInstall({ rows, verdicts }) {
  const sizes = table(
    ['installed', 'packages', 'third-party', 'MB', 'not measured'],
    rows.map(({ label, packages, thirdParty, mb, unmeasured }) => [
      label,
      String(packages.length),
      String(thirdParty),
      mb.toFixed(1),
      unmeasured.join(', '),
    ]),
  );
  return [
    sizes,
    ...verdicts.map(({ id, what, target, met }) => `${id} ${what} (target ${target}): ${met ? 'met' : 'NOT MET'}`),
  ].join('\n');
}
