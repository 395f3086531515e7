import { parseArgs } from 'node:util';

export const USAGE = `Usage: algo-migrate COMMAND [options]

  env       --user ID --file .env [--account main] [--no-probe]
            stores the broker credentials of an environment file, and tries each of them
  import    --user ID --broker NAME [--account main] [--layout NAME] [--holdings-as positions] FILE...
            brings orders, fills and holdings in from JSON and CSV files
  rollback  --user ID [--import ID]
            takes an import away again; without --import it lists what there is
  compare   --user ID --broker NAME [--account main] [--layout NAME] [--import ID] FILE...
  compare   --dual-write FILE
            compares files with the store, record by record
  reassign  --from ID --to ID
            hands everything of one user to another

  --config FILE   module that exports { store, keys, brokers } (default ./algo.config.mjs)
  --apply         writes; without it nothing is changed
  --layout NAME   trades-history, pending-orders, paper-orders, transactions, holdings, or a JSON file with a mapping
  --actor NAME    who does it, for the audit (default the user)
  --why TEXT      why, for the audit
  --json          the whole report as JSON
  --help          show this

Ends with 0 when all went well, 1 when it failed, 2 when the command line is not understood, and 3 when it is done
but something was left out: rows refused, differences found, credentials that do not work.`;

/** What the command line asks for. */
export type CommandLine =
  | { readonly command: 'help' }
  | (EnvLine & Common)
  | (ImportLine & Common)
  | (RollbackLine & Common)
  | (CompareLine & Common)
  | (CompareDualWriteLine & Common)
  | (ReassignLine & Common);

export interface Common {
  readonly config: string;
  readonly apply: boolean;
  readonly json: boolean;
  readonly actor: string | null;
  readonly why: string | null;
}

export interface EnvLine {
  readonly command: 'env';
  readonly user: string;
  readonly file: string;
  readonly account: string;
  readonly probe: boolean;
}

interface FilesOfAccount {
  readonly user: string;
  readonly broker: string;
  readonly account: string;
  readonly layout: string | null;
  readonly holdingsAs: string | null;
  readonly files: readonly string[];
}

export interface ImportLine extends FilesOfAccount {
  readonly command: 'import';
}

export interface RollbackLine {
  readonly command: 'rollback';
  readonly user: string;
  readonly importId: string | null;
}

export interface CompareLine extends FilesOfAccount {
  readonly command: 'compare';
  readonly importId: string | null;
}

export interface CompareDualWriteLine {
  readonly command: 'compare-dual-write';
  readonly file: string;
}

export interface ReassignLine {
  readonly command: 'reassign';
  readonly from: string;
  readonly to: string;
}

/** What a person typed cannot be understood; the message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  config: { type: 'string', default: './algo.config.mjs' },
  apply: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  actor: { type: 'string' },
  why: { type: 'string' },
  user: { type: 'string' },
  file: { type: 'string' },
  broker: { type: 'string' },
  account: { type: 'string' },
  layout: { type: 'string' },
  'holdings-as': { type: 'string' },
  import: { type: 'string' },
  'dual-write': { type: 'string' },
  'no-probe': { type: 'boolean', default: false },
  from: { type: 'string' },
  to: { type: 'string' },
} as const;

type OptionName = keyof typeof OPTIONS;

const EVERYWHERE = ['config', 'apply', 'dry-run', 'json', 'help', 'actor', 'why'] as const;
const FILES = ['user', 'broker', 'account', 'layout', 'holdings-as'] as const;

/** What each command takes beside those: an option of another one is a mistake, not to be passed over. */
const TAKES = {
  env: ['user', 'file', 'account', 'no-probe'],
  import: FILES,
  rollback: ['user', 'import'],
  compare: [...FILES, 'import', 'dual-write'],
  reassign: ['from', 'to'],
} as const satisfies Readonly<Record<string, readonly OptionName[]>>;

type Command = keyof typeof TAKES;

/** @throws {UsageError} */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parse(argv);
  const [command, ...files] = positionals;
  if (values.help || command === undefined) return { command: 'help' };
  if (!isCommand(command)) throw new UsageError(`there is no command ${JSON.stringify(command)}; see --help`);
  checkOptions(command, values);
  const { config, apply, json, actor = null, why = null, account = 'main', layout = null } = values;
  if (apply && values['dry-run']) throw new UsageError('--apply and --dry-run exclude each other');
  const common: Common = { config, apply, json, actor, why };
  const need = (name: 'user' | 'file' | 'broker' | 'from' | 'to'): string => needed(command, name, values[name]);
  const filesOfAccount = (): FilesOfAccount => {
    if (files.length === 0) throw new UsageError(`${command} needs at least one file`);
    const holdingsAs = values['holdings-as'] ?? null;
    return { user: need('user'), broker: need('broker'), account, layout, holdingsAs, files };
  };
  if (command !== 'import' && command !== 'compare' && files.length > 0) {
    throw new UsageError(`${command} takes no ${JSON.stringify(files[0])}`);
  }

  switch (command) {
    case 'env':
      return { command, ...common, user: need('user'), file: need('file'), account, probe: !values['no-probe'] };
    case 'import':
      return { command, ...common, ...filesOfAccount() };
    case 'rollback':
      return { command, ...common, user: need('user'), importId: values.import ?? null };
    case 'reassign':
      return { command, ...common, from: need('from'), to: need('to') };
    case 'compare': {
      const dualWrite = values['dual-write'];
      if (dualWrite === undefined) return { command, ...common, ...filesOfAccount(), importId: values.import ?? null };
      if (files.length > 0) throw new UsageError('compare takes --dual-write or files, not both');
      return { command: 'compare-dual-write', ...common, file: dualWrite };
    }
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'it is not understood');
  }
}

const isCommand = (word: string): word is Command => Object.hasOwn(TAKES, word);

function checkOptions(command: Command, values: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = [...EVERYWHERE, ...TAKES[command]];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== false && !known.includes(name)) {
      throw new UsageError(`${command} takes no --${name}; see --help`);
    }
  }
}

function needed(command: string, name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`${command} needs --${name}`);
  return value;
}
