// Which passwords are taken (NIST SP 800-63B, revision 4, section 3.1.1): long enough, not one that everybody tries first. No
// rules about kinds of characters, no expiry.

import { isCommonPassword } from './common-passwords.rules.ts';
import { SHORTEST_PASSWORD } from './leaked-digest.rules.ts';

const LONGEST = 256;

const WANTED = `Choose another: ${SHORTEST_PASSWORD} to ${LONGEST} characters, such as four words that do not belong together.`;

/** @returns a sentence for its owner, or null when it is taken */
export function passwordFault(password: string, login: string): string | null {
  const length = [...password.normalize('NFKC')].length;
  if (length < SHORTEST_PASSWORD)
    return `A password has at least ${SHORTEST_PASSWORD} characters; this one has ${length}.`;
  if (length > LONGEST) return `A password has at most ${LONGEST} characters; this one has ${length}.`;
  if (isCommonPassword(password.normalize('NFKC')))
    return `This password is one of those that are tried first, or close to one. ${WANTED}`;
  const bare = withoutPunctuation(password.normalize('NFKC').toLowerCase());
  const name = withoutPunctuation(login.split('@')[0] ?? '');
  if (name.length >= 4 && bare.includes(name)) return `The password contains the login. ${WANTED}`;
  if (bare.includes('medanchor')) return `The password contains the name of this service. ${WANTED}`;
  return null;
}

function withoutPunctuation(text: string): string {
  return text.replaceAll(/[\s!?.,;:_-]/g, '');
}

/** Logins are compared in lower case and without white space around them. */
export function normaliseLogin(text: string): string {
  return text.trim().normalize('NFKC').toLowerCase();
}

/** @returns a sentence, or null when it is one */
export function loginFault(login: string): string | null {
  return /^[^\s\p{C}]{3,254}$/u.test(login)
    ? null
    : 'A login is a mail address or a name of 3 to 254 characters without spaces.';
}
