import type { Secret } from './secret.js';
import type { LogFields, Logger } from './logger.js';
import { SecretIndex } from './secret-index.js';

const MASK = '[secret]';
/** Shorter values would mask ordinary numbers and words everywhere. No broker issues a credential this short. */
const SHORTEST = 4;

/**
 * Knows the secret values that are alive and takes them out of any text that leaves: raw, base64, base64url, hex,
 * URL-encoded and JSON-escaped. By value, because a path or a key name does not tell where a broker echoes a token.
 */
export interface Redactor {
  /** Remembers a value until `forget`. Counted: two holders of one value may each forget it. */
  remember(secret: Secret): void;
  forget(secret: Secret): void;
  scrub(text: string): string;
}

export function createRedactor(): Redactor {
  const holders = new Map<string, number>();
  const index = new SecretIndex();

  return {
    remember(secret) {
      const value = secret.reveal();
      if (value.length < SHORTEST) return;
      const count = holders.get(value) ?? 0;
      if (count === 0) index.add(value);
      holders.set(value, count + 1);
    },
    forget(secret) {
      const value = secret.reveal();
      const count = holders.get(value) ?? 0;
      if (count > 1) holders.set(value, count - 1);
      else if (holders.delete(value)) index.remove(value);
    },
    scrub: (text) => stripControls(holders.size === 0 ? text : masked(text, index)),
  };
}

function masked(text: string, index: SecretIndex): string {
  const spans = index.spansOf(text);
  let shown = '';
  let shownTo = 0;
  for (const { from, to } of spans) {
    shown += text.slice(shownTo, from) + MASK;
    shownTo = to;
  }
  return spans.length === 0 ? text : shown + text.slice(shownTo);
}

/** A logger whose every text has passed the redactor, and whose failures stay its own. */
export function redactingLogger(logger: Logger, redactor: Redactor): Logger {
  const clean = (fields: LogFields): LogFields =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [
        redactor.scrub(key),
        typeof value === 'string' ? redactor.scrub(value) : plain(value, redactor),
      ]),
    );
  const through =
    (level: keyof Logger) =>
    (event: string, fields?: LogFields): void => {
      try {
        if (fields === undefined) logger[level](redactor.scrub(event));
        else logger[level](redactor.scrub(event), clean(fields));
      } catch {
        // A host's logger that fails must not change what becomes of an order, and there is nobody else to tell.
      }
    };
  return { debug: through('debug'), info: through('info'), warn: through('warn'), error: through('error') };
}

/** What a host without types hands over may be anything; it is written as text rather than passed on unseen. */
function plain(value: number | boolean | null, redactor: Redactor): string | number | boolean | null {
  return typeof value === 'object' && value !== null ? redactor.scrub(JSON.stringify(value) ?? '') : value;
}

/** Broker text may carry line breaks or escape codes that would forge log lines (ASVS 16.4.1). */
function stripControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f\u0080-\u009f\u2028\u2029]+/g, ' ');
}
