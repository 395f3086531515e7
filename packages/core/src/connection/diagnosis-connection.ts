import { LANES } from '../contract/http.js';
import type { HttpClient } from '../transport/http-client.js';
import type { Connection } from './connection.js';
import type { DiagnosedConnection, SessionFacts } from './diagnosis-facts.js';
import type { SessionKeeper } from './session-keeper.js';

/** A connection as a diagnosis sees it: everything that can be told without asking the broker. */
export function diagnosedConnection(
  connection: Connection,
  keeper: Pick<SessionKeeper, 'life' | 'isUnattended'>,
  http: Pick<HttpClient, 'rateReport'>,
): DiagnosedConnection {
  const { runner } = connection;
  return {
    state: connection.state,
    egress: connection.egress,
    instruments: connection.instruments.provenance,
    health: () => connection.health(),
    session: () => sessionOf(keeper),
    breakers: () => LANES.map((lane) => ({ lane, state: runner.breakerState(lane) })),
    rates: () => http.rateReport(),
    faults: () => runner.faults.list(),
  };
}

async function sessionOf(keeper: Pick<SessionKeeper, 'life' | 'isUnattended'>): Promise<SessionFacts | null> {
  const { life } = keeper;
  if (life === null) return null;
  const { expiresAtMs: endsAtMs, renewable } = life;
  return { endsAtMs, needsPerson: !renewable && !(await keeper.isUnattended()) };
}
