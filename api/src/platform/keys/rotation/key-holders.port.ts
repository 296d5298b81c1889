/**
 * Which processes of the service work on this database, and which keys each can open. Without it, a rotation begun with a key that
 * a running instance does not have would take every record away from that instance, which would cry damage.
 */
export abstract class KeyHolders {
  /** From now on, until this process ends. @param opens as {@link KeyProvider.opens} */
  abstract announce(opens: readonly Uint8Array[]): Promise<void>;
  /** How many processes cannot open what has this header. */
  abstract without(header: Uint8Array): Promise<number>;
  abstract close(): Promise<void>;
}
