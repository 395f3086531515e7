import type { Secret } from './secret.js';
import type { LogFields, Logger } from './logger.js';

const MASK = '[secret]';
/** Shorter values would mask ordinary numbers and words everywhere. No broker issues a credential this short. */
const SHORTEST = 4;
/** A shorter beginning of a secret at the end of a text is taken for chance. */
const SHORTEST_PART = 8;

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
  const known = new Map<string, number>();
  let pattern: RegExp | null = null; // made on first use after a change

  const change = (value: string, by: 1 | -1): void => {
    if (value.length < SHORTEST) return;
    const count = (known.get(value) ?? 0) + by;
    if (count > 0) known.set(value, count);
    else known.delete(value);
    pattern = null;
  };

  return {
    remember: (secret) => change(secret.reveal(), 1),
    forget: (secret) => change(secret.reveal(), -1),
    scrub(text) {
      if (known.size === 0) return stripControls(text);
      pattern ??= patternOf(known.keys());
      return stripControls(withoutCutEnd(text.replace(pattern, MASK), known.keys()));
    },
  };
}

/** Somebody may have cut the text in the middle of a secret: then its end is the beginning of one. */
function withoutCutEnd(text: string, values: Iterable<string>): string {
  for (const value of values) {
    for (let length = Math.min(value.length - 1, text.length); length >= SHORTEST_PART; length -= 1) {
      if (text.endsWith(value.slice(0, length))) return text.slice(0, -length) + MASK;
    }
  }
  return text;
}

/** Longest first: a PIN that is part of a token must not split the token and leave its ends. */
function patternOf(values: Iterable<string>): RegExp {
  const shapes = [...new Set([...values].flatMap(shapesOf))].sort((a, b) => b.length - a.length);
  return new RegExp(shapes.map((shape) => shape.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
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

function shapesOf(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const base64 = bytes.toString('base64');
  const plain = [value, base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), hex, hex.toUpperCase()];
  return plain.flatMap((shape) => {
    const percent = encodeURIComponent(shape);
    const form = new URLSearchParams([['', shape]]).toString().slice(1);
    const json = JSON.stringify(shape).slice(1, -1);
    return [shape, percent, lowerEscapes(percent), form, lowerEscapes(form), json, json.replaceAll('/', '\\/')];
  });
}

const lowerEscapes = (text: string): string => text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());

/** Broker text may carry line breaks or escape codes that would forge log lines (ASVS 16.4.1). */
function stripControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f\u0080-\u009f\u2028\u2029]+/g, ' ');
}
