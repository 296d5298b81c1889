// What the chain's endpoint may answer, exactly: everything else is refused, for it would be guessed at otherwise.
// (`BigInt('')`, `BigInt([])` and `BigInt(true)` are numbers; a receipt without a status is not a failed transaction.)
import { z } from 'zod';

const quantity = z
  .string()
  .regex(/^0x(0|[1-9a-f][0-9a-f]{0,63})$/)
  .transform(BigInt);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const data = z.string().regex(/^0x([0-9a-f]{2})*$/);
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase());

const log = z.object({
  address,
  topics: z.array(hash).max(4),
  data,
  transactionHash: hash,
  blockHash: hash,
});

const receipt = z.object({
  transactionHash: hash,
  status: z.enum(['0x0', '0x1']),
  blockNumber: quantity,
  blockHash: hash,
  gasUsed: quantity,
  logs: z.array(log),
});

const block = z.object({
  number: quantity,
  hash,
  timestamp: quantity.refine((seconds) => seconds < 1n << 40n),
  /** Absent before EIP-1559. */
  baseFeePerGas: quantity.optional(),
});

export const ANSWERS = {
  quantity,
  hash,
  data,
  receipt: receipt.nullable(),
  block: block.nullable(),
  logs: z.array(log.extend({ blockNumber: quantity })),
} as const;

export type LogAnswer = z.output<typeof log>;

/** @throws {Error} naming the method and the member that is wrong; never quotes the value */
export function readAnswer<T>(method: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Error(`the answer to ${method} is malformed${where === '' ? '' : ` (${where})`}`);
}
