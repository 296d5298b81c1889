/**
 * Data keys, each wrapped by a master key. Rows are few, are never removed, and only their wrapping is ever replaced.
 */
export abstract class DataKeyStore {
  abstract find(ids: readonly number[]): Promise<readonly WrappedDataKey[]>;
  /** Of this master. */
  abstract newest(master: string): Promise<WrappedDataKey | null>;
  /** False when the id is taken. */
  abstract add(key: WrappedDataKey): Promise<boolean>;
  abstract all(): Promise<readonly WrappedDataKey[]>;
  /** Compare and swap, so that two that re-wrap at once do no harm. */
  abstract rewrap(old: WrappedDataKey, master: string, wrapped: string, at: Date): Promise<void>;
}

export interface WrappedDataKey {
  /** 32 random bits. */
  readonly id: number;
  readonly master: string;
  readonly wrapped: string;
  readonly createdAt: Date;
}

/** What is authenticated with a data key when it is wrapped: it cannot pass for another one. */
export function dataKeyContext(id: number): string {
  return `medanchor/data-key/1:${id.toString(16).padStart(8, '0')}`;
}
