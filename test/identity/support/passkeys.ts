// Somebody with passkeys, on the real pages.

import type { Authenticator, Mistakes } from './authenticator.ts';
import type { Page } from './browser.ts';
import type { Authorization, Person } from './person.ts';

/** Who was sent a link, or has the set-up secret, and a device. */
export async function enrolWithPasskey(
  person: Person,
  page: Page,
  authenticator: Authenticator,
  more: Readonly<Record<string, string>> = {},
  mistakes: Mistakes = {},
): Promise<Page> {
  const { password } = person;
  const passkey = authenticator.create(page, mistakes);
  const done = await person.browser.submit(page, { password, repeated: password, code: '', passkey, ...more });
  if (done.status === 200) person.keepRecoveryCodes(done);
  return done;
}

/** Opens a sign-in page and answers it; the address of the console's callback, or the page with the refusal. */
export async function signInWithPasskey(
  person: Person,
  { url, redirect }: Authorization,
  authenticator: Authenticator,
  mistakes: Mistakes = {},
  fields: Readonly<Record<string, string>> = {},
): Promise<Page> {
  const page = await person.browser.open(url, redirect);
  return answerWithPasskey(person, page, authenticator.get(page, mistakes), redirect, fields);
}

export async function answerWithPasskey(
  person: Person,
  page: Page,
  passkey: string,
  redirect: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Page> {
  const { login, password } = person;
  return person.browser.submit(page, { login, password, code: '', passkey, ...fields }, redirect);
}
