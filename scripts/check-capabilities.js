import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * docs/capabilities.md names the test or example that shows each row. This holds it to that: every file it names is there,
 * and every test named after a file, `file`: "name", "name", is in it. `…` in a name stands for any text.
 */
const PAGE = 'docs/capabilities.md';
const ROOTS = ['packages', ''];
const SUITE = 'packages/testkit/src';
const CHECKS = ['scripts/check.js', '.dependency-cruiser.cjs'];

/** A code span, or a quoted name after one; a table cell or a full stop ends what a file is named for. */
const MARKS = /`([^`]+)`|"([^"]+)"|\| /g;

const everyTextBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

const isPath = (span) => /^[\w./-]+\/[\w./-]+$/.test(span) && !span.startsWith('@');

const found = (path) => ROOTS.map((root) => join(root, path)).find((place) => existsSync(place));

/** Names of tests as a source holds them: quotes are escaped there, and parts are filled in. */
const holds = (text, name) => {
  const parts = name.split(/…|\.\.\./).map((part) => part.trim());
  const plain = text.replaceAll("\\'", "'").replaceAll('\\"', '"');
  return parts.every((part) => part === '' || plain.includes(part));
};

const problems = [];
const read = (span, line) => {
  if (span === 'testkit') return everyTextBelow(SUITE);
  if (span === 'npm run check') return CHECKS.map((path) => readFileSync(path, 'utf8')).join('\n');
  if (!isPath(span)) return null;
  const place = found(span);
  if (place === undefined) {
    problems.push(`${PAGE}:${line}: there is no ${span}`);
    return null;
  }
  return /\.[jt]s$/.test(place) ? readFileSync(place, 'utf8') : null;
};

let names = 0;
for (const [at, line] of readFileSync(PAGE, 'utf8').split('\n').entries()) {
  let source = null;
  let where = '';
  for (const [, span, name] of line.matchAll(MARKS)) {
    if (span !== undefined) [source, where] = [read(span, at + 1), span];
    else if (name === undefined) source = null;
    else if (source !== null) {
      names += 1;
      if (!holds(source, name)) problems.push(`${PAGE}:${at + 1}: ${where} has no test "${name}"`);
    }
  }
}
for (const problem of problems) console.error(problem);
if (names === 0) console.error(`${PAGE} names no test: run this from the root of the repository`);
process.exitCode = problems.length === 0 && names > 0 ? 0 : 1;
