/** A line of a log: a stable event name and plain fields. Never a secret: core scrubs every string before it gets here. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** What a host's logger must offer. A pino logger fits with one adapter line: `(event, fields) => pino.info(fields, event)`. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
