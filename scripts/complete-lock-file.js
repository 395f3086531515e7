import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * npm leaves optional packages out of the lock file when the registry at hand does not carry them, as a mirror may not
 * carry binaries for other platforms. They are named exactly by who wants them, so their entries can be written here.
 */
const SYSTEMS = ['android', 'darwin', 'freebsd', 'openbsd', 'netbsd', 'linux', 'win32', 'openharmony', 'sunos', 'aix'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

/** Optional packages that somebody in the lock file wants and that have no entry. */
export function missingOptional({ packages }) {
  const missing = [];
  for (const [wanter, { optionalDependencies = {}, dev, license }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (isThere(packages, wanter, name)) continue;
      const base = wanter.slice(0, wanter.lastIndexOf('node_modules/'));
      missing.push({ path: `${base}node_modules/${name}`, version, entry: entryOf(name, version, dev, license) });
    }
  }
  return missing;
}

/** Looks where Node would: beside the one who wants it, then further up. */
function isThere(packages, wanter, name) {
  for (let folder = wanter; ; folder = parentOf(folder)) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}

const parentOf = (folder) =>
  folder.includes('/node_modules/') ? folder.slice(0, folder.lastIndexOf('/node_modules/')) : '';

function entryOf(name, version, dev, license) {
  const words = name.split(/[@/-]/);
  const cpu = PROCESSORS.filter((word) => words.includes(word)).slice(0, 1);
  const os = SYSTEMS.filter((word) => words.includes(word));
  return {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(license ? { license } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}

function complete(path) {
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingOptional(lock);
  for (const { path: at, entry } of missing) lock.packages[at] = entry;
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} entries written`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) complete('package-lock.json');
