// The one line that the chain's process prints when it is ready to answer.

import { z } from 'zod';

export const chainReadySchema = z.strictObject({
  url: z.string(),
  port: z.number(),
  chainId: z.string(),
  /** Transactions that were replayed from the journal, and how long that took. */
  replayed: z.number(),
  replayMs: z.number(),
  /** Octets of a torn last journal line that were dropped. */
  dropped: z.number(),
});

export type ChainReady = z.infer<typeof chainReadySchema>;
