// Whose sign-in session a browser shows by its cookie.
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type AccountsService } from '../accounts/accounts.service.ts';
import { type Provider } from '../issuer/provider.ts';
import { html, page, pageHeaders } from './html.ts';

export interface Owner {
  readonly accountId: string;
  readonly login: string;
  readonly tenantId: string;
  readonly sessionId: string;
}

/** @returns null when nobody is signed in, or the account is closed or outside of its access period */
export async function ownerOf(
  provider: Provider,
  accounts: AccountsService,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Owner | null> {
  const context = provider.createContext(request.raw, reply.raw);
  const session = await provider.Session.get(context);
  if (session.accountId === undefined) return null;
  const account = await accounts.active(session.accountId);
  if (account === null) return null;
  const { login, tenant } = account;
  return { accountId: session.accountId, login, tenantId: tenant.id, sessionId: session.uid };
}

export async function notSignedIn(reply: FastifyReply): Promise<void> {
  const body = html`<p>Sign in at the console first, then open this page again.</p>`;
  await reply.status(401).headers(pageHeaders()).send(page('Not signed in', body));
}
