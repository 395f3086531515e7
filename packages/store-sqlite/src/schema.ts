/** Marks a file as ours: "ALGO" in ASCII, in the header field SQLite keeps for that. */
export const APPLICATION_ID = 0x414c474f;

/** The number of the newest migration; each migration writes its own into `user_version`. */
export const SCHEMA_VERSION = 1;
