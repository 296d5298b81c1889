/** Injection token of {@link LogIdentity}. */
export const LOG_IDENTITY = Symbol('LOG_IDENTITY');
//# sourceMappingURL=log-identity.js.map