// The two pages of signing out, in place of oidc-provider's own.
import { type KoaContextWithOIDC } from 'oidc-provider';
import { html, Html, page, pageHeaders } from '../pages/html.ts';

/** @param form oidc-provider's own form, with the token that ties it to this session */
export function logoutPage(context: KoaContextWithOIDC, form: string): void {
  const target = context.oidc.params?.['post_logout_redirect_uri'];
  const origin = typeof target === 'string' ? URL.parse(target)?.origin : undefined;
  context.set({ ...pageHeaders(origin === undefined ? [] : [origin]) });
  context.body = page(
    'Sign out?',
    html`${new Html(form)}
      <button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>
      <button type="submit" form="op.logoutForm">Stay signed in</button>`,
  );
}

export function signedOutPage(context: KoaContextWithOIDC): void {
  context.set({ ...pageHeaders() });
  context.body = page('Signed out', html`<p>You are signed out of this browser. You can close this page.</p>`);
}
