export interface EgressDeskOptions {
  /** The host knows that several clients leave from one address, and answers for it. @default false */
  readonly acceptShared?: boolean;
  /** Users, by id, that count as one client: a person with spouse, dependent children and parents. @default none */
  readonly families?: readonly (readonly string[])[];
  /** Called for each of the users that share an address, once while anybody leaves from it. */
  readonly onShared: (shared: SharedEgress) => void;
}

export interface SharedEgress {
  readonly userId: string;
  /** As `egressKey` names it. */
  readonly address: string;
  /** How many leave from it, this one included. */
  readonly users: number;
}

/**
 * Who leaves from which address, over all users of a process. The exchanges register an address for one client, and a
 * family counts as one: where others share it no new order of any of them goes out, unless the host accepts that.
 * Cancels are not asked about.
 */
export class EgressDesk {
  readonly #options: EgressDeskOptions;
  /** The client that a user is a part of: his family's number. */
  readonly #familyOf: ReadonlyMap<string, number>;
  readonly #addresses = new Map<string, Address>();

  constructor(options: EgressDeskOptions) {
    this.#options = options;
    this.#familyOf = familiesOf(options.families ?? []);
  }

  /** A connection of this user leaves from there. @returns what says that it no longer does; calling it twice is once */
  enter(userId: string, key: string): () => void {
    let address = this.#addresses.get(key);
    if (address === undefined) {
      this.#addresses.set(key, (address = { connections: new Map(), clients: new Map(), warned: new Set() }));
    }
    const { connections, clients } = address;
    const before = connections.get(userId) ?? 0;
    connections.set(userId, before + 1);
    if (before === 0) add(clients, this.#clientOf(userId), 1);
    if (clients.size > 1) this.#warn(key, address);
    let entered = true;
    return () => {
      if (entered) this.#leave(userId, key, address);
      entered = false;
    };
  }

  /** Whether new orders of this user may leave from there now. */
  mayTrade(userId: string, key: string): boolean {
    const clients = this.#addresses.get(key)?.clients;
    if (this.#options.acceptShared === true || clients === undefined) return true;
    return clients.size - (clients.has(this.#clientOf(userId)) ? 1 : 0) === 0;
  }

  /** Users that leave from there now. */
  usersAt(key: string): readonly string[] {
    return [...(this.#addresses.get(key)?.connections.keys() ?? [])];
  }

  #leave(userId: string, key: string, address: Address): void {
    const { connections, clients } = address;
    add(connections, userId, -1);
    if (!connections.has(userId)) add(clients, this.#clientOf(userId), -1);
    if (connections.size === 0 && this.#addresses.get(key) === address) this.#addresses.delete(key);
  }

  #warn(key: string, { connections, warned }: Address): void {
    if (this.#options.acceptShared === true || [...connections.keys()].every((userId) => warned.has(userId))) return;
    for (const userId of connections.keys()) {
      if (warned.has(userId)) continue;
      warned.add(userId);
      this.#options.onShared({ userId, address: key, users: connections.size });
    }
  }

  #clientOf(userId: string): string | number {
    return this.#familyOf.get(userId) ?? userId;
  }
}

interface Address {
  /** Connections of each user. */
  readonly connections: Map<string, number>;
  /** Users of each client; a family is named by its number. */
  readonly clients: Map<string | number, number>;
  readonly warned: Set<string>;
}

function add<Key>(counts: Map<Key, number>, key: Key, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

/** Two lists that name one person are one family. */
function familiesOf(families: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const numberOf = new Map<string, number>();
  for (const [number, family] of families.entries()) {
    const joined = new Set(family.flatMap((userId) => numberOf.get(userId) ?? []));
    for (const [userId, other] of numberOf) if (joined.has(other)) numberOf.set(userId, number);
    for (const userId of family) numberOf.set(userId, number);
  }
  return numberOf;
}
