/** What each market data session is subscribed to: `<message code>/<segment>_<instrument id>`. Ends with the session. */
export interface Subscriptions {
  of(token: string): readonly string[];
  /** Adds what is new, all of it or nothing. */
  add(token: string, keys: readonly string[]): 'added' | 'nothing-new' | 'too-many';
  remove(token: string, keys: readonly string[]): void;
  remaining(token: string): number;
  forget(token: string): void;
}

export function createSubscriptions(limit: number): Subscriptions {
  const all = new Map<string, Set<string>>();
  const setOf = (token: string): Set<string> => all.get(token) ?? new Set();

  return {
    of: (token) => [...setOf(token)],
    add(token, keys) {
      const present = setOf(token);
      const added = keys.filter((key) => !present.has(key));
      if (added.length === 0) return 'nothing-new';
      if (present.size + new Set(added).size > limit) return 'too-many';
      all.set(token, new Set([...present, ...added]));
      return 'added';
    },
    remove(token, keys) {
      const kept = setOf(token);
      for (const key of keys) kept.delete(key);
      all.set(token, kept);
    },
    remaining: (token) => limit - setOf(token).size,
    forget: (token) => void all.delete(token),
  };
}
