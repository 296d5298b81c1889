// What the chain says of our log, read before anything else: the database can then only be ahead of it, never behind.
import { ChainUnreachableError, type AnchorRegistry, type AnnouncedHead } from '../chain/anchor-registry.port.ts';
import { type TreeHead } from '../model.ts';

export type ChainSight =
  | { readonly seen: false; readonly reason: string }
  | {
      readonly seen: true;
      readonly chainId: bigint;
      readonly blockNumber: bigint;
      /** null: no contract of ours there. */
      readonly head: TreeHead | null;
      readonly registered: boolean;
      /** Every head that was ever announced; null when the endpoint does not search for events. */
      readonly announced: readonly AnnouncedHead[] | null;
      readonly eventsReason: string;
    };

export async function lookAtChain(registry: AnchorRegistry): Promise<ChainSight> {
  try {
    const view = await registry.view();
    const { chainId, blockNumber, head, registered } = view;
    const events = head === null ? null : await announcements(registry, blockNumber);
    return {
      seen: true,
      chainId,
      blockNumber,
      head,
      registered,
      announced: Array.isArray(events) ? events : null,
      eventsReason: typeof events === 'string' ? events : '',
    };
  } catch (error) {
    if (!(error instanceof ChainUnreachableError)) throw error;
    return { seen: false, reason: error.message };
  }
}

async function announcements(registry: AnchorRegistry, to: bigint): Promise<AnnouncedHead[] | string> {
  try {
    return [...(await registry.announcements(to))];
  } catch (error) {
    if (!(error instanceof ChainUnreachableError)) throw error;
    return error.message;
  }
}
