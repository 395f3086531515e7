import { readFile, stat } from 'node:fs/promises';
import { createAlgo } from '@algo/core';
import type { ChangedBy } from '@algo/core';
import { isAlgoError } from '@algo/core/store';
import type { Store } from '@algo/core/store';
import { compareDualWrite } from '../dual-write/compare-dual-write.js';
import { detectEnvironment } from '../environment/detect-environment.js';
import { importEnvironment } from '../environment/import-environment.js';
import { compareImport } from '../import/compare-import.js';
import type { ImportOptions } from '../import/options.js';
import { planImport } from '../import/plan-import.js';
import { rollbackImport, runImport } from '../import/run-import.js';
import { planReassignment, reassignUser } from '../reassign/reassign-user.js';
import { fileRefused } from '../source/refusals.js';
import { storeWith } from '../store-with.js';
import { loadConfig, loadLayout } from './command-config.js';
import type { MigrateConfig } from './command-config.js';
import { USAGE, UsageError, parseCommandLine } from './command-line.js';
import type {
  Common,
  CommandLine,
  CompareLine,
  EnvLine,
  ImportLine,
  ReassignLine,
  RollbackLine,
} from './command-line.js';
import * as lines from './report-lines.js';

/** Where a command's words go. */
export interface CommandOutput {
  /** One line of the report. */
  print(line: string): void;
  /** One line about what went wrong. */
  complain(line: string): void;
}

/** How a command ended: all well, failed, not understood, or done with something left out. */
export type ExitCode = 0 | 1 | 2 | 3;

/**
 * The command `algo-migrate`. Without `--apply` it changes nothing. Prints no secret.
 *
 * @param argv the words after the command's name
 * @param given what the module named by `--config` would export, for a host with a command of its own
 * @returns the code to end the process with
 */
export async function runCommand(
  argv: readonly string[],
  output: CommandOutput,
  given?: MigrateConfig,
): Promise<ExitCode> {
  try {
    const line = parseCommandLine(argv);
    if (line.command === 'help') {
      output.print(USAGE);
      return 0;
    }
    return await runWithStore(line, given ?? (await loadConfig(line.config)), output);
  } catch (error) {
    output.complain(messageOf(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** What is not an error of ours may hold anything, so its name is all that is told. */
const messageOf = (error: unknown): string => {
  if (isAlgoError(error) || error instanceof UsageError) return error.message;
  return `It failed in an unexpected way (${error instanceof Error ? error.name : typeof error}).`;
};

type StoreLine = Exclude<CommandLine, { command: 'help' }>;

async function runWithStore(line: StoreLine, config: MigrateConfig, output: CommandOutput): Promise<ExitCode> {
  const store = await config.store.open();
  try {
    return await run(line, { store, config, output });
  } finally {
    await store.close();
  }
}

interface Tools {
  readonly store: Store;
  readonly config: MigrateConfig;
  readonly output: CommandOutput;
}

async function run(line: StoreLine, tools: Tools): Promise<ExitCode> {
  switch (line.command) {
    case 'env':
      return runEnv(line, tools);
    case 'import':
      return runImportLine(line, tools);
    case 'rollback':
      return runRollback(line, tools);
    case 'compare':
      return runCompare(line, tools);
    case 'compare-dual-write': {
      const comparison = await compareDualWrite(tools.store, line.file);
      report(line, tools, comparison, lines.dualWriteLines(comparison));
      const { unreadable, missingInFile, missingInStore, different } = comparison;
      return leftOut(unreadable.length + missingInFile.length + missingInStore.length + different.length);
    }
    case 'reassign':
      return runReassign(line, tools);
  }
}

async function runEnv(line: EnvLine & Common, tools: Tools): Promise<ExitCode> {
  const { store, config, output } = tools;
  const { brokers, keys } = config;
  const source = await readEnvironment(line.file, output);
  const names = { accounts: { [line.account]: '' } };
  if (!line.apply) {
    const found = detectEnvironment(source, brokers, names);
    report(line, tools, found, [...lines.foundLines(found), NOTHING_CHANGED]);
    return leftOut(found.filter(({ method }) => method === null).length);
  }
  // The manager works on this opened store: a second opening of it may not be allowed.
  const algo = createAlgo({ store: { open: async () => borrowed(store) }, keys, brokers });
  try {
    const me = algo.user(line.user);
    const imported = await importEnvironment({
      source,
      brokers,
      names,
      userId: line.user,
      credentials: me.credentials,
      store,
      keys,
      probe: line.probe ? (ref) => me.establishConnection(ref) : null,
      ...changedBy(line),
    });
    report(line, tools, imported, lines.importedLines(imported));
    return leftOut(imported.filter(({ outcome }) => outcome !== 'stored').length);
  } finally {
    await algo.close();
  }
}

/** @throws {AlgoError} `ALGO_IMPORT_REFUSED` */
async function readEnvironment(file: string, output: CommandOutput): Promise<string> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0)
      output.complain(`${file} can be read by others; run chmod 600 on it, or delete it afterwards`);
    return await readFile(file, 'utf8');
  } catch {
    throw fileRefused(file, 'it cannot be read');
  }
}

/** Who borrows it does not close it. */
const borrowed = (store: Store): Store => storeWith(store, { close: async () => undefined });

async function runImportLine(line: ImportLine & Common, tools: Tools): Promise<ExitCode> {
  const plan = await planImport(tools.store, await importOptions(line));
  const { batch: _, ...shown } = plan;
  const refused = plan.files.reduce((sum, file) => sum + file.refused.length, 0);
  if (line.apply) {
    const written = await runImport(tools.store, plan);
    report(line, tools, { ...shown, written }, [...lines.planLines(plan), `Written: ${lines.countsText(written)}`]);
  } else {
    report(line, tools, shown, [...lines.planLines(plan), NOTHING_CHANGED]);
  }
  return leftOut(refused);
}

async function importOptions({
  user,
  broker,
  account,
  layout: wanted,
  holdingsAs,
  files,
}: ImportLine | CompareLine): Promise<ImportOptions> {
  const layout = await loadLayout(wanted);
  if (holdingsAs !== null && holdingsAs !== 'holdings' && holdingsAs !== 'positions') {
    throw new UsageError('--holdings-as must be holdings or positions');
  }
  return {
    target: { userId: user, broker, account },
    files: files.map((path) => (layout === undefined ? { path } : { path, layout })),
    ...(holdingsAs === null ? {} : { holdingsAs }),
  };
}

async function runRollback(line: RollbackLine & Common, tools: Tools): Promise<ExitCode> {
  const { store } = tools;
  const imports = await store.transfers.listImports(line.user);
  if (line.importId === null) {
    report(line, tools, imports, lines.storedLines(imports));
    return 0;
  }
  const stored = imports.find(({ importId }) => importId === line.importId);
  if (stored === undefined) throw new UsageError(`this user has no import ${JSON.stringify(line.importId)}`);
  if (!line.apply) {
    report(line, tools, stored, [`Would go: ${lines.countsText(stored)}`, NOTHING_CHANGED]);
    return 0;
  }
  const gone = await rollbackImport(store, line.user, line.importId, changedBy(line));
  report(line, tools, gone, gone === null ? ['It was gone already.'] : [`Gone: ${lines.countsText(gone)}`]);
  return 0;
}

async function runCompare(line: CompareLine & Common, tools: Tools): Promise<ExitCode> {
  const options = await importOptions(line);
  const { importId } = line;
  const comparison = await compareImport(tools.store, importId === null ? options : { ...options, importId });
  report(line, tools, comparison, lines.comparisonLines(comparison));
  const refused = comparison.files.reduce((sum, file) => sum + file.refused.length, 0);
  return leftOut(refused + comparison.missing.length + comparison.extra.length + comparison.different.length);
}

async function runReassign(line: ReassignLine & Common, tools: Tools): Promise<ExitCode> {
  const { store, config } = tools;
  const { from, to } = line;
  if (!line.apply) {
    const plan = await planReassignment(store, from, to);
    report(line, tools, plan, [...lines.reassignmentLines(plan), NOTHING_CHANGED]);
    return leftOut(plan.inTheWay.length);
  }
  const moved = await reassignUser(store, { from, to, keys: config.keys, ...changedBy(line) });
  const { attempts, configuration, credentials } = moved;
  const text = `Moved: ${lines.countsText(moved)}, ${attempts} attempts, ${configuration} settings, ${credentials} credentials`;
  report(line, tools, moved, [text]);
  return 0;
}

const NOTHING_CHANGED = 'Nothing was changed. Add --apply to do it.';

const leftOut = (count: number): ExitCode => (count === 0 ? 0 : 3);

const changedBy = ({ actor, why }: Common): ChangedBy => ({
  ...(actor === null ? {} : { actor }),
  ...(why === null ? {} : { why }),
});

function report({ json }: Common, { output }: Tools, whole: unknown, text: readonly string[]): void {
  if (json) output.print(JSON.stringify(whole, null, 2));
  else for (const line of text) output.print(line);
}
