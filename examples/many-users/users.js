export const USERS = Array.from({ length: 20 }, (_, at) => `user-${String(at + 1).padStart(2, '0')}`);

export const DHAN = { broker: 'dhan', account: 'main' };
export const KOTAK = { broker: 'kotak', account: 'main' };

/** The last user has no address yet and was given that of the one before. */
const SHARES_WITH = { [USERS[19]]: USERS[18] };

/** An address of this machine for each user. At a real broker it is the one registered for that client. */
export const addressOf = (userId) => `127.0.0.${10 + USERS.indexOf(SHARES_WITH[userId] ?? userId)}`;

/** Opens an account at both brokers for everybody, and stores the credentials as each user's own. */
export async function addUsers(algo, simulator, userIds = USERS) {
  for (const userId of userIds) {
    const { credentials } = algo.user(userId);
    const { clientId, accessToken } = simulator.dhan.addAccount({ clientId: String(2_000_000_000 + numberOf(userId)) });
    await credentials.put('dhan', 'main', { clientId, accessToken });
    const clientCode = `B${1_000_000 + numberOf(userId)}`;
    await credentials.put('kotak', 'main', simulator.kotak.addAccount({ clientId: clientCode }));
  }
}

const numberOf = (userId) => USERS.indexOf(userId) + 1;
