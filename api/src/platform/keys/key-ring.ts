// Several providers as one: a single one wraps, and each unwraps what has its version in front. So a service can move from
// key files to a key service, or back, while everything stays readable; a rotation then re-wraps the rest.
import { KeyProvider, KeyUnwrapError, type UnwrapRequest, type WrapRequest } from './key-provider.port.ts';

export class KeyRing extends KeyProvider {
  readonly #current: KeyProvider;
  readonly #readers: ReadonlyMap<number, KeyProvider>;

  /** @param readers by the version of the wrapped form; the one that wraps is among them */
  constructor(current: KeyProvider, readers: ReadonlyMap<number, KeyProvider>) {
    super();
    this.#current = current;
    this.#readers = readers;
  }

  wrap(keys: readonly WrapRequest[]): Promise<readonly Uint8Array[]> {
    return this.#current.wrap(keys);
  }

  async unwrap(requests: readonly UnwrapRequest[]): Promise<readonly (Uint8Array | KeyUnwrapError)[]> {
    const results: (Uint8Array | KeyUnwrapError)[] = requests.map(
      ({ wrapped }) =>
        new KeyUnwrapError(
          wrapped[0] === 1 || wrapped[0] === 2
            ? 'a wrapped key needs a key provider that is not configured'
            : 'a wrapped key is malformed',
        ),
    );
    for (const [version, reader] of this.#readers) {
      const positions = requests.flatMap(({ wrapped }, position) => (wrapped[0] === version ? [position] : []));
      if (positions.length === 0) continue;
      const opened = await reader.unwrap(positions.map((position) => requests[position] as UnwrapRequest));
      positions.forEach((position, at) => (results[position] = opened[at] as Uint8Array | KeyUnwrapError));
    }
    return results;
  }

  header(): Promise<Uint8Array> {
    return this.#current.header();
  }

  async knows(header: Uint8Array): Promise<boolean> {
    return (await this.#readers.get(header[0] ?? 0)?.knows(header)) ?? false;
  }

  opens(): readonly Uint8Array[] {
    return [...this.#readers.values()].flatMap((reader) => reader.opens());
  }

  renew(): Promise<void> {
    return this.#current.renew();
  }
}
