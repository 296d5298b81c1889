import { type ClientMetadata } from 'oidc-provider';

export const CONSOLE_CLIENT_ID = 'medanchor-console';

/** The console in the browser: a public client, so PKCE is its proof, and its refresh tokens rotate. */
export function consoleClient(publicUrl: string): ClientMetadata {
  return {
    client_id: CONSOLE_CLIENT_ID,
    client_name: 'MedAnchor console',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [`${publicUrl}/console/callback`],
    post_logout_redirect_uris: [`${publicUrl}/console/`],
    token_endpoint_auth_method: 'none',
  };
}
