/** The door: one function, and the types of what it takes. */
export { sqlite } from './sqlite.js';
export type { Durability, SqliteOptions } from './options.js';
export type { SqliteConnection, SqliteDriver, SqliteStatement } from './driver.js';
