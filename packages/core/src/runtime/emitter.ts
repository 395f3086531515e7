/** Name and event belong together: a pair of one cannot carry the event of another. */
export type EventPair<Events> = { [Name in keyof Events]: readonly [name: Name, event: Events[Name]] }[keyof Events];

/** Listeners by event name. A listener that throws is reported and never reaches who emitted, nor the next listener. */
export interface Emitter<Events> {
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  emit(...pair: EventPair<Events>): void;
  clear(): void;
}

/** Held under the name it asked for, so it only ever hears events of its own kind. */
interface Held<Events> {
  hear(event: Events[keyof Events]): unknown;
}

export function createEmitter<Events>(onListenerError: (name: keyof Events, error: unknown) => void): Emitter<Events> {
  const held = new Map<keyof Events, Set<Held<Events>>>();

  return {
    on(name, listener) {
      const entry: Held<Events> = { hear: listener };
      const set = held.get(name) ?? new Set();
      held.set(name, set.add(entry));
      return () => void set.delete(entry);
    },
    emit(...pair) {
      const [name, event] = pair;
      // A copy: a listener may take itself, or the next one, away.
      for (const entry of Array.from(held.get(name) ?? [])) {
        try {
          const returned = entry.hear(event);
          if (returned instanceof Promise) returned.catch((error: unknown) => onListenerError(name, error));
        } catch (error) {
          onListenerError(name, error);
        }
      }
    },
    clear() {
      held.clear();
    },
  };
}
