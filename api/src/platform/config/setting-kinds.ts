// Kinds of values that many settings have. Each says what is allowed, and never repeats what was given.
import { z } from 'zod';

export const integer = (what: string, minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]*)$/, `${what}: a whole number from ${minimum} to ${maximum}`)
    .transform(Number)
    .refine((n) => n >= minimum && n <= maximum, `${what}: a whole number from ${minimum} to ${maximum}`);

export const url = (what: string, protocols: readonly string[]) =>
  z.string().refine(
    (text) => {
      const parsed = URL.parse(text);
      return parsed !== null && protocols.includes(parsed.protocol);
    },
    `${what}: a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  );

export const file = z.string().min(1, 'the path of a file');
