// The cookie by which an account knows a browser again: up to twenty secrets, one for each of those who have signed in there, whoever
// was last first. It names nobody, and opens nothing.
import { DEVICE_SECONDS } from '../accounts/known-devices.ts';

const NAME = 'medanchor_device';
/** Whoever has not signed in for longest is left out: below half a kilobyte in every request. */
const MOST_SECRETS = 20;
/** 128 bits in base64url. */
const SECRET = /^[A-Za-z0-9_-]{22}$/;

/**
 * @param header `Cookie` (RFC 6265 section 5.4), from anybody
 * @param origin this service's own, from PUBLIC_URL
 * @returns what has the form of a secret; whether it is one, the table knows
 */
export function devicesIn(header: string | undefined, origin: string): readonly string[] {
  const start = `${nameAt(origin)}=`;
  const pair = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(start));
  if (pair === undefined) return [];
  return pair
    .slice(start.length)
    .split('.')
    .slice(0, MOST_SECRETS)
    .filter((text) => SECRET.test(text));
}

/** @returns `Set-Cookie`. Sent with our own pages' forms only; it outlives the sign-in, which is what it is for */
export function deviceCookie(devices: readonly string[], origin: string): string {
  const value = devices.slice(0, MOST_SECRETS).join('.');
  const secure = isSecure(origin) ? '; Secure' : '';
  return `${nameAt(origin)}=${value}; Path=/; Max-Age=${DEVICE_SECONDS}; HttpOnly; SameSite=Strict${secure}`;
}

/** RFC 6265bis: bound to this host, and never sent in clear. */
function nameAt(origin: string): string {
  return isSecure(origin) ? `__Host-${NAME}` : NAME;
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https:');
}
