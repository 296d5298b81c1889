// Pages in place of oidc-provider's own: two of signing out, and forms that send themselves by a script.
import { type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { html, Html, page, pageHeaders } from '../pages/html.ts';

type Context = ReturnType<Provider['createContext']>;

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

/** oidc-provider sends some forms on by an inline script. Here they are pages with a button. */
export async function withoutScripts(context: Context, next: () => Promise<void>): Promise<void> {
  await next();
  const { body } = context;
  if (typeof body !== 'string' || !body.includes('<script')) return;
  const [form = ''] = /<form[^]*<\/form>/.exec(body) ?? [];
  const target = /action="([^"]*)"/.exec(form)?.[1] ?? '';
  const origin = URL.parse(target)?.origin;
  context.set({ ...pageHeaders(origin === undefined ? [] : [origin]) });
  // The hidden fields are oidc-provider's and escaped by it; its words about scripts are left out.
  const plain = form.replace(/<noscript>[^]*?<button/, '<button').replace('</noscript>', '');
  context.body = page('One more step', new Html(plain));
}
