// The parts of a form in which a browser is asked for a passkey, and the address of the script that does it.
import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server';
import { z } from 'zod';
import { html, type Html } from './html.ts';

export const SCRIPT_PATH = '/passkeys.js';

/** The script's address, as pages and their policy name it: this file and no other of the origin. */
export function passkeyScript(origin: string): string {
  return `${origin}${SCRIPT_PATH}`;
}

/** What the script writes into the form; empty when it did not. RSA keys make the longest. */
export const passkeyField = z.string().max(12_000).default('');

/** Hidden until the script finds that the browser knows passkeys. */
export function makePasskey(
  options: PublicKeyCredentialCreationOptionsJSON | null,
  words: { readonly title: string; readonly text: string; readonly button: string },
): Html | null {
  if (options === null) return null;
  return part(
    'create',
    options,
    words.button,
    html`<h2>${words.title}</h2>
      <p>${words.text}</p>
      <label for="name">A name for it, such as the device that keeps it</label>
      <input id="name" name="name" maxlength="60" />`,
  );
}

export function usePasskey(options: PublicKeyCredentialRequestOptionsJSON | null, button: string): Html | null {
  return options === null ? null : part('get', options, button, html`<p>Or by passkey, without a code:</p>`);
}

function part(kind: 'create' | 'get', options: unknown, button: string, above: Html): Html {
  return html`<input type="hidden" name="passkey" value="" />
    <section data-passkey="${kind}" data-options="${JSON.stringify(options)}" hidden>
      ${above}
      <button type="button">${button}</button>
      <p role="status"></p>
    </section>`;
}
