/**
 * What became of a call's command requests, kept by core and never by an adapter. From it alone the gate decides
 * whether a command is proven not to have been sent.
 */
export class SendRecord {
  /** Command requests the adapter asked for. */
  #asked = 0;
  /** Those whose head was handed to a socket: undici's `sendHeaders` fired for them. */
  #written = 0;
  /** Those of them that may have changed an order. */
  #changed = 0;
  /** One that changes orders was asked for and is not over. */
  #reserved = false;
  /** Set when one left our sight: then nothing can be proven any more. */
  #blind = false;
  #sealed = false;

  /** @returns false when the call has ended: then the request must not go out. */
  ask(): boolean {
    this.#asked += 1;
    return !this.#sealed;
  }

  /** The one place for a request that changes orders. @returns false when another has it, or had it and was written */
  reserve(): boolean {
    if (this.#reserved || this.#changed > 0) return false;
    this.#reserved = true;
    return true;
  }

  /** That request is over; if nothing of it was written another may take its place. */
  free(): void {
    this.#reserved = false;
  }

  wrote(changes = true): void {
    this.#written += 1;
    if (changes) this.#changed += 1;
  }

  loseSight(): void {
    this.#blind = true;
  }

  /** From now on no request of this call may be written. */
  seal(): void {
    this.#sealed = true;
  }

  get sealed(): boolean {
    return this.#sealed;
  }

  get asked(): number {
    return this.#asked;
  }

  get changed(): number {
    return this.#changed;
  }

  get written(): number {
    return this.#written;
  }

  /**
   * True when requests were made, all were watched, and not a byte of them was written. An adapter that asked for none
   * proves nothing: it may have a client of its own.
   */
  provesNotSent(): boolean {
    return this.#asked > 0 && this.#written === 0 && !this.#blind;
  }
}
