/** Several callers, one run: whoever asks while a run is under way gets that run's result. */
export interface SingleFlight<Value> {
  run(key: string, start: () => Promise<Value>): Promise<Value>;
}

export function createSingleFlight<Value>(): SingleFlight<Value> {
  const flights = new Map<string, Promise<Value>>();
  return {
    run(key, start) {
      const underway = flights.get(key);
      if (underway) return underway;
      const flight = start().finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
