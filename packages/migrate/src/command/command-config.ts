import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrokerDefinition, KeyProvider, StoreDefinition } from '@algo/core';
import type { LayoutName } from '../layout/layouts.js';
import { LAYOUT_NAMES } from '../layout/layouts.js';
import type { LayoutMapping } from '../layout/resolve-layout.js';
import { UsageError } from './command-line.js';

/** What the host's config module exports: the same that it hands to `createAlgo`. */
export interface MigrateConfig {
  readonly store: StoreDefinition;
  readonly keys: KeyProvider;
  readonly brokers: readonly BrokerDefinition[];
}

/** Loads the module. It is the host's own code and runs with all the rights of this process. @throws {UsageError} */
export async function loadConfig(path: string): Promise<MigrateConfig> {
  let exported: unknown;
  try {
    exported = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new UsageError(`${path} could not be loaded (${nameOf(error)})`);
  }
  const config: unknown = partOf(exported, 'store') === undefined ? partOf(exported, 'default') : exported;
  if (!isConfig(config)) throw new UsageError(`${path} must export { store, keys, brokers }, as createAlgo takes them`);
  return config;
}

/** Not its message: the module may have put anything into it. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

const partOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const isConfig = (value: unknown): value is MigrateConfig =>
  typeof partOf(partOf(value, 'store'), 'open') === 'function' &&
  typeof partOf(partOf(value, 'keys'), 'current') === 'function' &&
  Array.isArray(partOf(value, 'brokers'));

/** A layout by its name, or the mapping in a JSON file; what is in it is checked where it is used. @throws {UsageError} */
export async function loadLayout(wanted: string | null): Promise<LayoutName | LayoutMapping | undefined> {
  if (wanted === null) return undefined;
  const name = LAYOUT_NAMES.find((known) => known === wanted);
  if (name !== undefined) return name;
  try {
    const mapping: unknown = JSON.parse(await readFile(wanted, 'utf8'));
    if (isMapping(mapping)) return mapping;
  } catch {
    // Said below: whether it is missing or no JSON, it is no layout.
  }
  throw new UsageError(`--layout must be ${LAYOUT_NAMES.join(', ')}, or a JSON file with a mapping`);
}

const isMapping = (value: unknown): value is LayoutMapping => typeof partOf(value, 'like') === 'string';
