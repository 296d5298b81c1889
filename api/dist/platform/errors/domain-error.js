// Errors of the domain: what can go wrong with somebody's request, as a closed list of codes.
// HTTP knows about them in one place only (platform/http/problem.filter.ts).
/**
 * A request that cannot be fulfilled, with a reason that its sender may read.
 *
 * The message says what was got and what is allowed; it never carries patient data or content.
 */
export class DomainError extends Error {
    constructor(code, message, extensions = {}, options) {
        super(message, options);
        this.name = 'DomainError';
        this.code = code;
        this.extensions = extensions;
    }
}
//# sourceMappingURL=domain-error.js.map