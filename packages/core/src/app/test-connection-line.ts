import type { CredentialSource } from '../connection/credential-source.js';
import { SessionCache } from '../connection/session-cache.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { AccountKey } from '../contract/store.js';
import { createEmitter } from '../runtime/emitter.js';
import { createRedactor, redactingLogger } from '../runtime/redactor.js';
import { memoryStore } from '../stores/memory-store.js';
import { buildLine } from './build-line.js';
import type { LineParts } from './build-line.js';
import { endLine } from './line.js';
import type { ManagerEvents } from './manager-events.js';
import { openStore } from './open-store.js';
import type { TestLine } from './test-connection.js';

/** A connection over what is stored, whose changes nobody is told. */
export function testLineOverStored(key: AccountKey, definition: BrokerDefinition, parts: LineParts): TestLine {
  const line = buildLine(key, definition, { ...parts, events: unheard() });
  return { connection: line.connection, end: () => endLine(line) };
}

/**
 * A connection whose session, log-in refusals and secrets are known nowhere else: they lie in a store, a cache and a
 * redactor of its own, which go with it.
 */
export async function testLineApart(
  key: AccountKey,
  definition: BrokerDefinition,
  source: CredentialSource,
  parts: LineParts,
): Promise<TestLine> {
  const { clock } = parts.options;
  const redactor = createRedactor();
  const logger = redactingLogger(parts.logger, redactor);
  const opened = await openStore({
    definition: memoryStore({ clock }),
    clock,
    logger,
    onChange: () => undefined,
    onSweep: async () => undefined,
  });
  const { store, writer, claims, turns } = opened;
  const cache = new SessionCache({ max: 1, ttlMs: CACHE_MS, monotonic: () => clock.monotonic() });
  const own = { logger, redactor, source, cache, store, writer, claims, turns, events: unheard() };
  const line = buildLine(key, definition, { ...parts, ...own });
  return {
    connection: line.connection,
    async end() {
      await endLine(line);
      await opened.close();
    },
  };
}

/** Longer than any test takes. */
const CACHE_MS = 600_000;

const unheard = (): LineParts['events'] => createEmitter<ManagerEvents>(() => undefined);
