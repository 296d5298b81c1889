// The part of /account that shows where its owner is signed in, and ends one of these sign-ins or all.
import { z } from 'zod';
import { type SessionView } from '../issuer/sessions.service.ts';
import { typed } from './form.ts';
import { html, type Html } from './html.ts';
import { passkeyField } from './passkey-parts.ts';

/** In place of the id of one. No session is called so: their ids have 21 characters. */
export const ALL_SESSIONS = 'all';

/** A session alone ends no other: whoever is at the keyboard proves once more to be the owner (ASVS 7.5.2). */
export const endSessionsForm = z.strictObject({ session: typed, password: typed, code: typed, passkey: passkeyField });

/**
 * @param present the one of this browser
 * @param passkey what the form has for passkeys
 */
export function sessionList(sessions: readonly SessionView[], present: string, passkey: Html | null): Html {
  return html`<p>You are signed in here:</p>
    <form method="post" action="/account/sign-out">
      <table>
        <thead>
          <tr>
            <th scope="col">End</th>
            <th scope="col">Since (UTC)</th>
            <th scope="col">Unused, until (UTC)</th>
            <th scope="col"></th>
          </tr>
        </thead>
        <tbody>
          ${sessions.map(({ id, signedInAt, expiresAt }) => {
            const since = minute(signedInAt);
            return html`<tr>
              <td><input type="radio" name="session" value="${id}" aria-label="The sign-in of ${since}" required /></td>
              <td>${since}</td>
              <td>${minute(expiresAt)}</td>
              <td>${id === present ? 'this browser' : ''}</td>
            </tr>`;
          })}
          <tr>
            <td>
              <input type="radio" name="session" value="${ALL_SESSIONS}" aria-label="All sign-ins" required />
            </td>
            <td colspan="3">all of them, and no browser counts as known any more</td>
          </tr>
        </tbody>
      </table>
      <label for="end-password">Password</label>
      <input id="end-password" name="password" type="password" autocomplete="current-password" required />
      <label for="end-code">Code of your authenticator, or a recovery code</label>
      <input id="end-code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required />
      <button type="submit">Sign out there</button>
      ${passkey}
    </form>`;
}

function minute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', ' ');
}
