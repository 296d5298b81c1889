import { z } from 'zod';
/** A size, index or count as it is written in JSON and in URLs: canonical decimal, up to 2^63 − 1. */
export declare function decimal(what: string): z.ZodPipe<z.ZodString, z.ZodTransform<bigint, string>>;
