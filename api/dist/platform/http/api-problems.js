import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
export const problemSchema = z
    .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable: match on this'),
    detail: z.string().describe('What was wrong and what is allowed; no patient data'),
})
    .meta({ id: 'Problem' });
/** Documents the problem answers (RFC 9457) of a route. */
export function ApiProblems(...statuses) {
    return applyDecorators(...statuses.map((status) => ApiResponse({ status, description: 'application/problem+json', standardSchema: problemSchema })));
}
//# sourceMappingURL=api-problems.js.map