import { parseEnv } from 'node:util';

/** The text of a `.env` file, or variables as a process has them. */
export type EnvironmentSource = string | Readonly<Record<string, string | undefined>>;

/** Variables by name; those that are empty are as good as absent. */
export function variablesOf(source: EnvironmentSource): ReadonlyMap<string, string> {
  const variables = typeof source === 'string' ? parseEnv(source.replace(/^\uFEFF/, '')) : source;
  return new Map(
    Object.entries(variables).flatMap(([name, value]) => {
      const trimmed = value?.trim() ?? '';
      return trimmed === '' ? [] : [[name, trimmed] as const];
    }),
  );
}
