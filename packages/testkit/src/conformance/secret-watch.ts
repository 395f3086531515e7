import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Logger, Secret } from '@algo/core/adapter';

/** Keeps every secret of one test, and finds it again in what must not hold it. */
export interface SecretWatch {
  remember(...secrets: readonly (string | Secret)[]): void;
  /** A logger that adds its lines to `lines`, and to all that is looked through at the end. */
  loggerInto(lines: string[]): Logger;
  /** Fails when the text holds a secret, plain or in another spelling of it. */
  assertHoldsNone(text: string, what: string): void;
  /** Fails when any line that was logged does. */
  assertNoneLogged(): void;
}

export function createSecretWatch(): SecretWatch {
  const secrets = new Set<string>();
  const logged: string[] = [];

  const assertHoldsNone: SecretWatch['assertHoldsNone'] = (text, what) => {
    for (const secret of secrets) {
      const spelling = spellingsOf(secret).find(({ finds }) => finds.test(text));
      assert.ok(spelling === undefined, `${what} holds a secret, ${spelling?.name}`); // which one is not told
    }
  };

  return {
    assertHoldsNone,
    remember(...found) {
      for (const secret of found) secrets.add(typeof secret === 'string' ? secret : secret.reveal());
    },
    loggerInto(lines) {
      const log = (event: string, fields: unknown = {}): void => {
        const line = `${event} ${inspect(fields, { depth: 8, maxStringLength: null, breakLength: Infinity })}`;
        lines.push(line);
        logged.push(line);
      };
      return { debug: log, info: log, warn: log, error: log };
    },
    assertNoneLogged: () => logged.forEach((line) => assertHoldsNone(line, `the log line ${line.split(' ')[0]}`)),
  };
}

interface Spelling {
  readonly name: string;
  readonly finds: RegExp;
}

/** Shorter ones, such as a PIN, turn up by chance within longer numbers: they count only as a word of their own. */
const LONG_ENOUGH = 7;

function spellingsOf(secret: string): readonly Spelling[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const spelling = (name: string, text: string, flags = ''): Spelling => ({ name, finds: finder(text, flags) });
  return [
    spelling('as it is', secret),
    spelling('URL-encoded', encodeURIComponent(secret), 'i'),
    spelling('in JSON', JSON.stringify(secret).slice(1, -1)),
    spelling('in base64', base64),
    spelling('in base64url', base64.replaceAll('+', '-').replaceAll('/', '_')),
    spelling('in hex', bytes.toString('hex'), 'i'),
  ];
}

function finder(text: string, flags: string): RegExp {
  const plain = text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
  return new RegExp(text.length >= LONG_ENOUGH ? plain : `(?<![A-Za-z0-9])${plain}(?![A-Za-z0-9])`, flags);
}
