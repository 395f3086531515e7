import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of JSON lines that only ever grows. Without a directory nothing is kept. */
export interface StateFile<Line> {
  /** Every line of earlier runs, oldest first. */
  readonly history: readonly Line[];
  /** Hands the line to the operating system before it returns: a SIGKILL right after loses nothing. */
  append(line: Line): void;
}

/** @throws when the directory cannot be made or written, or when a line of the file is not ours */
export function openStateFile<Line>(
  directory: string | undefined,
  name: string,
  isLine: (value: unknown) => value is Line,
): StateFile<Line> {
  if (directory === undefined) return { history: [], append: () => undefined };
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, '', { flag: 'a' });
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  // A line without its end was being written when the process died: nobody was told of it.
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  const history = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
  if (!history.every(isLine)) throw new Error(`${path} was not written by this version of the simulator`);
  return { history, append: (line) => appendFileSync(path, `${JSON.stringify(line)}\n`) };
}
