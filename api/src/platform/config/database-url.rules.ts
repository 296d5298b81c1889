// How the database is reached: its TLS settings are written into its URL, where every user of it finds them alike (pools,
// migrations, COPY, TypeORM). Works on the given texts; reads no file.
import { isLoopback } from './loopback.rules.ts';

type Given = Readonly<Record<string, string | undefined>>;

/** Two roles have two certificates, since PostgreSQL takes the role from the certificate; the authority of the server is one. */
export const DATABASE_CONNECTIONS = [
  { url: 'DATABASE_URL', cert: 'DATABASE_CERT_FILE', key: 'DATABASE_KEY_FILE' },
  { url: 'DATABASE_OWNER_URL', cert: 'DATABASE_OWNER_CERT_FILE', key: 'DATABASE_OWNER_KEY_FILE' },
] as const;

type Connection = (typeof DATABASE_CONNECTIONS)[number];
type FileSettings = {
  readonly [name in 'DATABASE_CA_FILE' | Connection['cert' | 'key']]?: string | undefined;
};

/** Paths of files in PEM, as PostgreSQL's own names have them; each is read again at every connection. */
export interface DatabaseTlsFiles {
  /** Of the authority that signed the server's certificate. */
  readonly sslrootcert?: string | undefined;
  /** What the client shows, with its chain. */
  readonly sslcert?: string | undefined;
  readonly sslkey?: string | undefined;
}

/** The files of the connection whose URL is the setting `name`. */
export function databaseTlsFiles(settings: FileSettings, name: Connection['url']): DatabaseTlsFiles {
  const { cert, key } = DATABASE_CONNECTIONS[name === 'DATABASE_URL' ? 0 : 1];
  return { sslrootcert: settings.DATABASE_CA_FILE, sslcert: settings[cert], sslkey: settings[key] };
}

/** The URL with its TLS settings in it. A mode that it names itself stays: {@link databaseCertificateFaults} has judged it. */
export function databaseUrlWithTls(text: string, files: DatabaseTlsFiles): string {
  const named = Object.entries(files).filter((file): file is [string, string] => file[1] !== undefined);
  if (named.length === 0) return text;
  const url = new URL(text);
  if (!url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'verify-full');
  for (const [parameter, file] of named) url.searchParams.set(parameter, file);
  return url.href;
}

/** @returns false when the connection would leave this machine without TLS that verifies the server */
export function databaseIsSafe(text: string | undefined, { sslrootcert, sslcert }: DatabaseTlsFiles): boolean {
  const url = databaseUrl(text);
  if (url === null) return true;
  const host = hostOf(url);
  if (isSocket(host) || isLoopback(host)) return true;
  const mode = url.searchParams.get('sslmode');
  return mode === null ? (sslrootcert ?? sslcert) !== undefined : mode === 'verify-full';
}

/**
 * What makes a client certificate useless: half of it, or a connection that does not verify the server, on this machine too. And
 * one that is written into the URL itself, where nobody would look who can read its key.
 */
export function databaseCertificateFaults(given: Given): readonly string[] {
  return DATABASE_CONNECTIONS.flatMap((names) => {
    const [cert, key] = [given[names.cert], given[names.key]];
    const url = databaseUrl(given[names.url]);
    if (url?.searchParams.has('sslcert') === true || url?.searchParams.has('sslkey') === true)
      return [`${names.url} must not name sslcert or sslkey: set ${names.cert} and ${names.key}`];
    if (cert === undefined && key === undefined) return [];
    if (cert === undefined || key === undefined)
      return [`${cert === undefined ? names.cert : names.key} is required: certificate and key go together`];
    if (url === null || showsCertificate(url)) return [];
    return [
      `${names.url} must reach the server by TLS with ${names.cert}, and verify it: a host name or an address, and sslmode=verify-full or none`,
    ];
  });
}

/** On a Unix socket there is no TLS; the weaker modes authenticate us to whoever answers. */
function showsCertificate(url: URL): boolean {
  const mode = url.searchParams.get('sslmode');
  return !isSocket(hostOf(url)) && (mode === null || mode === 'verify-full');
}

/** null: a value that is no URL of PostgreSQL is another rule's to name. */
function databaseUrl(text: string | undefined): URL | null {
  const url = text === undefined ? null : URL.parse(text);
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) ? url : null;
}

/** As pg reads it: a parameter `host` wins, and a path is a Unix socket. */
function hostOf(url: URL): string {
  return url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
}

function isSocket(host: string): boolean {
  return host === '' || host.startsWith('/');
}
