// What the page of second factors shows.
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { renderSVG } from 'uqr';
import { describeSecret } from '../accounts/second-factor.ts';
import { type Factors, type Fault } from '../passkeys/factors.service.ts';
import { type StoredPasskey } from '../passkeys/passkey-store.ts';
import { alert, Html, html } from './html.ts';
import { makePasskey, usePasskey } from './passkey-parts.ts';

export function proofForm(options: PublicKeyCredentialRequestOptionsJSON | null, faults: readonly string[]): Html {
  return html`${alert(faults)}
    <p>Prove once more that it is you. Then you can add, rename and remove second factors for five minutes.</p>
    <form method="post" action="/account/factors">
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
      <label for="code">Code of your authenticator, or a recovery code</label>
      <input id="code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required />
      <button type="submit">Go on</button>
      ${usePasskey(options, 'Go on with password and passkey')}
    </form>
    ${BACK}`;
}

export interface FactorsState {
  readonly factors: Factors;
  /** Sealed; goes into every form. */
  readonly proof: string;
  /** null: no passkeys here. */
  readonly options: PublicKeyCredentialCreationOptionsJSON | null;
  readonly login: string;
  /** Of an authenticator that may be set up, and the same sealed. */
  readonly totpSecret: Uint8Array;
  readonly sealed: string;
  readonly fault: Fault;
}

export function describeFactors({ factors, proof, options, login, totpSecret, sealed, fault }: FactorsState): Html {
  const { hasAuthenticator, passkeys } = factors;
  const proofField = html`<input type="hidden" name="proof" value="${proof}" />`;
  const { uri, text } = describeSecret(totpSecret, login);
  return html`${alert(fault === null ? [] : [fault])}
    <h2>Passkeys</h2>
    ${passkeys.length === 0 ? html`<p>You have none.</p>` : null}
    ${passkeys.map((passkey) => describePasskey(passkey, proofField))}
    ${
      options === null
        ? html`<p>None can be made here: browsers allow them at a host name with HTTPS only.</p>`
        : html`<form method="post" action="/account/factors/passkeys" autocomplete="off">
            ${proofField}
            ${makePasskey(options, {
              title: passkeys.length === 0 ? 'A first passkey' : 'Another passkey',
              text: 'A passkey lets you sign in by fingerprint, face or PIN of a device, or with a security key, and works at this address only.',
              button: 'Add a passkey',
            })}
          </form>`
    }
    <h2>Authenticator</h2>
    ${
      hasAuthenticator
        ? html`<p>You have one.</p>
            <form method="post" action="/account/factors/authenticator/remove">
              ${proofField}
              <button type="submit">Remove the authenticator</button>
            </form>`
        : html`<p>You have none.</p>`
    }
    <details>
      <summary>${hasAuthenticator ? 'Set up another in its place' : 'Set one up'}</summary>
      <form method="post" action="/account/factors/authenticator" autocomplete="off">
        ${proofField}
        <input type="hidden" name="sealed" value="${sealed}" />
        <p>Scan this with an authenticator on your telephone, or type the key into it.</p>
        ${new Html(renderSVG(uri, { border: 2 }))}
        <p>Key: <code>${text}</code></p>
        <label for="code">The six digits that it shows now</label>
        <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required />
        <button type="submit">Use this authenticator</button>
      </form>
    </details>
    <h2>Somebody else was signed in?</h2>
    <p>End that sign-in, or all of them, at <a href="/account">your account</a>.</p>`;
}

const BACK = html`<p><a href="/account">Back to your account</a></p>`;

function describePasskey({ id, name, createdAt, lastUsedAt }: StoredPasskey, proofField: Html): Html {
  const field = `name-${id}`;
  return html`<section>
    <form method="post" action="/account/factors/passkeys/rename" autocomplete="off">
      ${proofField}
      <input type="hidden" name="id" value="${id}" />
      <label for="${field}">Name</label>
      <div class="row">
        <input id="${field}" name="name" value="${name}" maxlength="60" required />
        <button type="submit">Rename</button>
      </div>
    </form>
    <p>Made ${day(createdAt)}${lastUsedAt === null ? ', not used yet' : `, last used ${day(lastUsedAt)}`}.</p>
    <form method="post" action="/account/factors/passkeys/remove">
      ${proofField}
      <input type="hidden" name="id" value="${id}" />
      <button type="submit">Remove ${name}</button>
    </form>
  </section>`;
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
