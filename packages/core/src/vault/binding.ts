import type { AccountKey } from '../contract/store.js';

/** What kind of record a box holds; bound into it, so that one kind never opens as another. */
export type SealedField = 'credential' | 'session';

/** What a sealed box belongs to. All of it is bound: a box moved to another row, or put back after a change, stays shut. */
export interface Binding extends AccountKey {
  readonly field: SealedField;
  /** The record's version in its store. */
  readonly version: number;
}

/** What a text is bound to: everything but the master key, which rotation changes. */
export const textContext = ({ userId, broker, account, field, version }: Binding): Buffer =>
  contextOf(['algo sealed box 2', 'text', userId, broker, account, field, version]);

/** What a wrapped data key is bound to: the same, and the master key's id. */
export const wrapContext = ({ userId, broker, account, field, version }: Binding, keyId: string): Buffer =>
  contextOf(['algo sealed box 2', 'data key', userId, broker, account, field, version, keyId]);

/** JSON, because no two lists are written alike whatever is in their texts, and a key service can log it readably. */
const contextOf = (parts: readonly (string | number)[]): Buffer => Buffer.from(JSON.stringify(parts), 'utf8');
