/** One field of a broker's credentials. Forms, checks and environment fall-back are all made from this table. */
export interface CredentialField {
  readonly name: string;
  readonly label: string;
  readonly secret: boolean;
  /** What a value must look like; applied to the trimmed text. */
  readonly pattern: RegExp;
  /** Where the user finds it, in one sentence. */
  readonly help: string;
  /** Environment variable for hosts that hand their environment over. */
  readonly environment: string;
}

/** A way to log in, and the fields it needs. */
export interface LoginMethod {
  readonly id: string;
  readonly label: string;
  readonly needs: readonly string[];
  /** True when a new session can be had without a person. */
  readonly unattended: boolean;
  /** True when the person logs in on the broker's page: see `RedirectLogin`. @default false */
  readonly redirect?: boolean;
}

export interface CredentialTemplate {
  /** The plain field that says whose account it is. It never changes under one account name: journal rows hang on it. */
  readonly identity: string;
  readonly fields: readonly CredentialField[];
  /** In order of preference: the first whose fields are all present is used. */
  readonly methods: readonly LoginMethod[];
}
