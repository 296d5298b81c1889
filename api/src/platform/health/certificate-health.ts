// What health says of a certificate that somebody has to renew.
import { notAfter } from '../keys/certificate-files.ts';
import { type PartHealth } from './health.ts';

const DAY_MS = 86_400_000;
const WARN_DAYS = 14;

/**
 * @param what of which certificate a person is told: `the TLS certificate`
 * @param file as it is now, since a renewal replaces it
 */
export function certificateHealth(what: string, file: string, now: Date): PartHealth {
  const end = notAfter(file);
  const days = Math.floor((end.getTime() - now.getTime()) / DAY_MS);
  const seen = { notAfter: end.toISOString() };
  if (days >= WARN_DAYS) return { status: 'up', ...seen };
  return {
    status: 'degraded',
    code: 'certificate-expires',
    detail: days < 0 ? `${what} has expired: renew it` : `${what} expires in ${days} days: renew it`,
    ...seen,
  };
}
