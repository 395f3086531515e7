import type { Secret } from './secret.js';
import type { LogFields, Logger } from './logger.js';

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
  const known = new Map<string, { count: number; readonly shapes: readonly string[] }>();

  return {
    remember(secret) {
      const value = secret.reveal();
      if (value.length < SHORTEST) return;
      const entry = known.get(value);
      if (entry) entry.count += 1;
      else known.set(value, { count: 1, shapes: shapesOf(value) });
    },
    forget(secret) {
      const value = secret.reveal();
      const entry = known.get(value);
      if (entry && --entry.count === 0) known.delete(value);
    },
    scrub(text) {
      let clean = text;
      for (const { shapes } of known.values()) {
        for (const shape of shapes) if (clean.includes(shape)) clean = clean.replaceAll(shape, MASK);
      }
      return stripControls(clean);
    },
  };
}

/** A logger whose every string has passed the redactor. */
export function redactingLogger(logger: Logger, redactor: Redactor): Logger {
  const clean = (fields: LogFields | undefined): LogFields | undefined =>
    fields &&
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? redactor.scrub(value) : value]),
    );
  const through =
    (level: keyof Logger) =>
    (event: string, fields?: LogFields): void => {
      const scrubbed = clean(fields);
      if (scrubbed) logger[level](event, scrubbed);
      else logger[level](event);
    };
  return { debug: through('debug'), info: through('info'), warn: through('warn'), error: through('error') };
}

function shapesOf(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const base64 = bytes.toString('base64');
  return [
    ...new Set([
      value,
      base64,
      base64.replace(/=+$/, ''),
      bytes.toString('base64url'),
      hex,
      hex.toUpperCase(),
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
    ]),
  ];
}

/** Broker text may carry line breaks or escape codes that would forge log lines (ASVS 16.4.1). */
function stripControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f\u0080-\u009f\u2028\u2029]+/g, ' ');
}
