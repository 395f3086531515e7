/** Who changed what, when and why. Holds no secret: sealed and secret fields appear by name alone. */
export interface AuditEntry {
  /** Whose data was changed. */
  readonly userId: string;
  readonly atMs: number;
  /** Who did it: the user, the host's name for an operator, or `system`. */
  readonly actor: string;
  /** For example `credentials-put`. */
  readonly action: string;
  /** What it was done to, for example `dhan/main`. */
  readonly subject: string;
  readonly why: string | null;
  /** JSON of what can be shown, as it was and as it is; null where there was or is nothing. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface AuditRow extends AuditEntry {
  /** Grows with every entry of the store; a user's own may have gaps. */
  readonly seq: number;
}

/** Append only: there is no call that changes or takes away an entry, and the databases refuse it too. */
export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first; older than `beforeSeq` when it is given. */
  list(
    userId: string,
    filter: { readonly limit: number; readonly beforeSeq?: number; readonly subject?: string },
  ): Promise<readonly AuditRow[]>;
}
