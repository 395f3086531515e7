import { hash } from 'node:crypto';

/** A statement that each connection parses once and plans once or a few times. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Names a statement after what it does and what it says: two stores with other schemas may share a connection. */
export const statement = (what: string, text: string): Statement => ({
  name: `algo ${what} ${hash('sha256', text).slice(0, 12)}`,
  text,
});
