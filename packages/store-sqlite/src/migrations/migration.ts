/** One step of the schema. It runs in a transaction of its own, which also writes its number into `user_version`. */
export interface Migration {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  readonly up: readonly string[];
  /** Takes the step back; null for the first one, before which there is nothing to go back to. */
  readonly down: readonly string[] | null;
  /** What `down` cannot keep, each counted by `FROM` and what follows it. */
  readonly lost: readonly Loss[];
}

export interface Loss {
  /** What goes, as a person calls it. */
  readonly what: string;
  /** A table, with a condition where not all of its rows lose something. */
  readonly from: string;
}
