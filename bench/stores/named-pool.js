import pg from 'pg';

/** A pool that counts the statements without a name that are sent over it. */
export function namedPool(connectionString, max) {
  const pool = new pg.Pool({ connectionString, max });
  const counts = { statements: 0, unnamed: 0 };
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    client.query = (given, ...rest) => {
      counts.statements += 1;
      if (given?.name === undefined) counts.unnamed += 1;
      return query(given, ...rest);
    };
  });
  return { pool, counts };
}
