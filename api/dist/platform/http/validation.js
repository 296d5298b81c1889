// Parameters and queries are checked against zod schema values (never DTO classes: an `import type` would switch them off).
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { DomainError } from '../errors/domain-error.js';
/** Every issue is named with its path; unknown parameters are refused because the schemas are strict objects. */
export function validationPipe() {
    return new StandardSchemaValidationPipe({
        exceptionFactory: (issues) => new DomainError('bad-request', issues
            .slice(0, 20)
            .map((issue) => `${issue.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.') || 'request'}: ${issue.message}`)
            .join('; ')),
    });
}
//# sourceMappingURL=validation.js.map