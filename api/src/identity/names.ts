/** Names of tenants and sources: what may stand in addresses, tokens and shells without being written otherwise there. */
export const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
