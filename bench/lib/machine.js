import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What the numbers were measured on, with the versions that took part. @param {readonly string[]} packages */
export function machine(packages) {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown'}`,
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
}

/** @param {ReturnType<typeof machine>} seen */
export const shownMachine = ({ date, node, platform, cpu, versions }) =>
  `${date}, Node ${node}, ${platform}, ${cpu}\n` +
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

/** Read from the file: many packages do not export their package.json. @param {string} name */
export function versionOf(name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')).version;
    } catch {
      // not in this folder
    }
  }
  return 'missing';
}
