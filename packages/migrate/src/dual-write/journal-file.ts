import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** How the writing of a file goes. */
export interface FileStatus {
  /** Lines the file has. */
  readonly written: number;
  /** Lines it should have and has not: writing failed, or came too far behind. */
  readonly lost: number;
  /** Code of the last failure, for example `ENOSPC`; null when there was none. */
  readonly failure: string | null;
}

/** Lines that wait may take this many characters; what comes on top while the disk hangs is lost and counted. */
const LARGEST_BACKLOG = 16_777_216;

/**
 * A file of lines that is only ever added to. Nobody waits for it and nothing it does fails: what goes wrong is counted.
 *
 * Lines are handed to the operating system as soon as the ones before them are, and are flushed to the disk when it is
 * closed: after a power cut the last ones may be missing.
 */
export class JournalFile {
  readonly #path: string;
  #file: FileHandle | null = null;
  #waiting: string[] = [];
  #backlog = 0;
  #writing: Promise<void> | null = null;
  /** The last write may have left half a line. */
  #torn = false;
  #written = 0;
  #lost = 0;
  #failure: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  get status(): FileStatus {
    return { written: this.#written, lost: this.#lost, failure: this.#failure };
  }

  append(line: string): void {
    if (this.#backlog + line.length > LARGEST_BACKLOG) {
      this.#noteLost(1, 'backlog');
      return;
    }
    this.#waiting.push(line);
    this.#backlog += line.length;
    this.#writing ??= this.#drain();
  }

  /** Writes what waits, flushes and lets go. */
  async close(): Promise<void> {
    await this.#writing;
    const file = this.#file;
    this.#file = null;
    try {
      await file?.sync();
      await file?.close();
    } catch (error) {
      this.#failure = codeOf(error);
    }
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // the lines of one turn go in one write
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#backlog = 0;
      await this.#write(lines);
    }
    this.#writing = null;
  }

  async #write(lines: readonly string[]): Promise<void> {
    try {
      if (this.#file === null) {
        const { file, size } = await openPrivate(this.#path);
        this.#file = file;
        this.#torn = size > 0; // whoever wrote before may have ended in the middle of a line
      }
      await this.#file.appendFile(`${this.#torn ? '\n' : ''}${lines.join('\n')}\n`);
      this.#torn = false;
      this.#written += lines.length;
    } catch (error) {
      this.#torn = true;
      this.#noteLost(lines.length, codeOf(error));
    }
  }

  #noteLost(lines: number, failure: string): void {
    this.#lost += lines;
    this.#failure = failure;
  }
}

/** Of mode 600, and never through a link that somebody put in its place. */
async function openPrivate(path: string): Promise<{ readonly file: FileHandle; readonly size: number }> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  const file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' });
    await file.chmod(0o600); // whatever the umask says, and whoever made it
    return { file, size: stats.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
