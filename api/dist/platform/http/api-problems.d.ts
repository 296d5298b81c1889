import { z } from 'zod';
export declare const problemSchema: z.ZodObject<{
    type: z.ZodString;
    title: z.ZodString;
    status: z.ZodInt;
    code: z.ZodString;
    detail: z.ZodString;
}, z.core.$loose>;
/** Documents the problem answers (RFC 9457) of a route. */
export declare function ApiProblems(...statuses: number[]): MethodDecorator;
