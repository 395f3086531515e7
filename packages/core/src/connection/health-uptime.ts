/** How much of the time since it was first connected a connection was so. */
export class UpTime {
  #firstMs: number | null = null;
  #sinceMs: number | null = null;
  #sinceWallMs: number | null = null;
  #beforeMs = 0;

  get hasBegun(): boolean {
    return this.#firstMs !== null;
  }

  /** Since when it is connected, epoch milliseconds; null while it is not. */
  get sinceWallMs(): number | null {
    return this.#sinceWallMs;
  }

  /** @returns when it was connected, monotonic; null while it is not */
  turn(connected: boolean, nowMs: number, wallMs: number): number | null {
    if (connected === (this.#sinceMs !== null)) return this.#sinceMs;
    if (connected) {
      this.#firstMs ??= nowMs;
      this.#sinceMs = nowMs;
      this.#sinceWallMs = wallMs;
    } else {
      this.#beforeMs += nowMs - (this.#sinceMs ?? nowMs);
      this.#sinceMs = null;
      this.#sinceWallMs = null;
    }
    return this.#sinceMs;
  }

  /** From 0 to 1; null before it was connected once. */
  share(nowMs: number): number | null {
    if (this.#firstMs === null) return null;
    const length = nowMs - this.#firstMs;
    const connected = this.#beforeMs + (this.#sinceMs === null ? 0 : nowMs - this.#sinceMs);
    return length <= 0 ? 1 : connected / length;
  }
}
