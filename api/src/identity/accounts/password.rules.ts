// Which passwords are taken (NIST SP 800-63B, revision 4, section 3.1.1): long enough, not one that everybody tries first. No
// rules about kinds of characters, no expiry.

const SHORTEST = 12;
const LONGEST = 256;

/**
 * The heads of the well-known lists of leaked passwords that are long enough to get here, and what is common in this place.
 * Compared after lower-casing and without what people put around a word.
 */
const COMMON: ReadonlySet<string> = new Set([
  '123456789012',
  '1234567890123',
  '12345678901234567890',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  'abcdefghijkl',
  'administrator',
  'changemeplease',
  'correcthorsebatterystaple',
  'iloveyouiloveyou',
  'letmeinletmein',
  'medanchormedanchor',
  'passw0rdpassw0rd',
  'passwordpassword',
  'passwordpassword1',
  'password12345',
  'password123456',
  'password1234567',
  'password12345678',
  'qazwsxedcrfv',
  'qwertyqwerty',
  'qwertyuiopasdfghjkl',
  'qwertyuiop123',
  'qwertyuiop[]',
  'unbelievable',
  'welcome12345',
  'welcome123456',
]);

/** @returns a sentence for its owner, or null when it is taken */
export function passwordFault(password: string, login: string): string | null {
  const length = [...password.normalize('NFKC')].length;
  if (length < SHORTEST) return `A password has at least ${SHORTEST} characters; this one has ${length}.`;
  if (length > LONGEST) return `A password has at most ${LONGEST} characters; this one has ${length}.`;
  const plain = password.normalize('NFKC').toLowerCase();
  const bare = withoutPunctuation(plain);
  if (COMMON.has(plain) || COMMON.has(bare) || isRun(bare))
    return 'This password is one of those that are tried first. Choose another.';
  const name = withoutPunctuation(login.split('@')[0] ?? '');
  if (name.length >= 4 && bare.includes(name)) return 'The password contains the login. Choose another.';
  if (bare.includes('medanchor')) return 'The password contains the name of this service. Choose another.';
  return null;
}

function withoutPunctuation(text: string): string {
  return text.replaceAll(/[\s!?.,;:_-]/g, '');
}

/** One short piece again and again: `aaaaaaaaaaaa`, `abcabcabcabc`. */
function isRun(text: string): boolean {
  return [1, 2, 3, 4].some(
    (size) => text.length >= 2 * size && text === text.slice(0, size).repeat(text.length / size),
  );
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
