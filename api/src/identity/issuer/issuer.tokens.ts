/** Injection token of oidc-provider's Provider. */
export const OIDC_PROVIDER = Symbol('OIDC_PROVIDER');
