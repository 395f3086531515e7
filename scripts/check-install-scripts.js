import { existsSync, readFileSync, readdirSync } from 'node:fs';

/** Installing a package of ours runs nothing: no network, no banner, no surprise in somebody's build. */
const RUN_AT_INSTALL = ['preinstall', 'install', 'postinstall', 'prepare'];

const manifests = ['packages', 'examples']
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}/package.json`))
  .filter((path) => existsSync(path));

let found = 0;
for (const path of manifests) {
  const { scripts = {} } = JSON.parse(readFileSync(path, 'utf8'));
  for (const name of RUN_AT_INSTALL.filter((script) => Object.hasOwn(scripts, script))) {
    found += 1;
    console.error(`${path} has a ${name} script`);
  }
}
if (manifests.length === 0) console.error('no package.json was found: run this from the root of the repository');
process.exitCode = found === 0 && manifests.length > 0 ? 0 : 1;
