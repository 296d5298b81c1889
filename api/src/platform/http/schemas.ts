// Schemas that many routes share.
import { z } from 'zod';

/** A size, index or count as it is written in JSON and in URLs: canonical decimal, up to 2^63 − 1. */
export function decimal(what: string): z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>> {
  return z
    .string()
    .regex(/^(0|[1-9][0-9]{0,18})$/, `${what}: a decimal number without sign or leading zero`)
    .transform((text, context) => {
      const value = BigInt(text);
      if (value >= 1n << 63n) context.addIssue({ code: 'custom', message: `${what}: at most 2^63 - 1` });
      return value;
    });
}

/** For routes without parameters: whoever sends one believes that it does something. */
export const noQuery = z.strictObject({});
