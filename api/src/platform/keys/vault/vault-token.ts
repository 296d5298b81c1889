// How the service shows Vault who it is: with a token from a file (kept fresh by Vault Agent, or made by hand), or by an AppRole
// login, whose token is renewed by logging in again before it runs out.
import { readTokenFile } from '../secret-file.ts';

/** Gives the token for the next request. */
export interface VaultToken {
  current(): Promise<string>;
  /** Vault has refused this one: the next `current` must not give it again unless there is no other. */
  refused(): void;
}

const TOKEN = 'token of the key service (VAULT_TOKEN_FILE)';
const SECRET_ID = 'AppRole secret id (VAULT_SECRET_ID_FILE)';

/** Reads the file now, so that a wrong one stops the start, and again whenever Vault refuses what it held. */
export function tokenOfFile(path: string): VaultToken {
  let token: string | null = readTokenFile(path, TOKEN);
  return {
    current: async () => (token ??= readTokenFile(path, TOKEN)),
    refused: () => void (token = null),
  };
}

export interface AppRole {
  readonly roleId: string;
  readonly secretIdFile: string;
}

/** @param login POST /v1/auth/approle/login; the answer's `auth` */
export function tokenOfAppRole(
  { roleId, secretIdFile }: AppRole,
  login: (body: object) => Promise<{ readonly token: string; readonly leaseSeconds: number }>,
  now: () => number,
): VaultToken {
  readTokenFile(secretIdFile, SECRET_ID);
  let token: string | null = null;
  let until = 0;
  let underWay: Promise<string> | null = null;
  const logIn = async (): Promise<string> => {
    const answer = await login({ role_id: roleId, secret_id: readTokenFile(secretIdFile, SECRET_ID) });
    token = answer.token;
    // Two thirds of the lease: clocks differ, and a request may take its time. No lease at all means: for ever.
    until = answer.leaseSeconds === 0 ? Number.POSITIVE_INFINITY : now() + answer.leaseSeconds * 667;
    return token;
  };
  return {
    current: async () => {
      if (token !== null && now() < until) return token;
      underWay ??= logIn().finally(() => (underWay = null));
      return underWay;
    },
    refused: () => void (token = null),
  };
}
