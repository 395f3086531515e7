import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';
import type { Options } from 'tsup';

/** One build for every package: ESM and CJS with types for each. A package's doors are its entries. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  core: ['index', 'adapter', 'store'],
  xts: ['index'],
  'broker-angel': ['index'],
  'broker-dhan': ['index'],
  'broker-jainam': ['index'],
  'broker-kotak': ['index'],
  'store-sqlite': ['index'],
  'store-postgres': ['index'],
  migrate: ['index'],
  simulator: ['index'],
  testkit: ['index'],
};

/** What a package depends on is installed beside it, never copied into it; tsup itself looks at the root's list only. */
function externalOf(name: string): (string | RegExp)[] {
  const text = readFileSync(new URL(`packages/${name}/package.json`, import.meta.url), 'utf8');
  const { dependencies = {}, peerDependencies = {} }: Record<string, Record<string, string>> = JSON.parse(text);
  const names = Object.keys({ ...dependencies, ...peerDependencies });
  return [/^@algo\//, ...names.map((dependency) => new RegExp(`^${dependency}($|/)`))];
}

const build = (name: string, doors: readonly string[]): Options => ({
  name,
  entry: Object.fromEntries(doors.map((door) => [door, `packages/${name}/src/${door}.ts`])),
  outDir: `packages/${name}/dist`,
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  splitting: doors.length > 1, // the doors of one package share one copy of what they have in common, in CJS too
  clean: true,
  external: externalOf(name),
  esbuildOptions(options) {
    // The one `import.meta` in a CJS build stands behind a check that it is not CJS.
    options.logOverride = { 'empty-import-meta': 'silent' };
  },
  // tsup 8 injects `baseUrl`, which TypeScript 6 calls an error unless told otherwise; drop with tsup 9.
  dts: { compilerOptions: { ignoreDeprecations: '6.0', composite: false } },
});

export default defineConfig(Object.entries(DOORS).map(([name, doors]) => build(name, doors)));
