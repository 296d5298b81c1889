// Passwords as argon2id (RFC 9106) in the PHC string format. Node computes it in its thread pool, beside the event loop.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** OWASP Password Storage Cheat Sheet, 2025: 19 MiB, two passes, one lane. Memory in KiB. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_OCTETS = 16;
const TAG_OCTETS = 32;

const compute = promisify(argon2);

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_OCTETS);
  return format(COST, salt, await tagOf(password, salt, COST, TAG_OCTETS));
}

/** Takes as long for a wrong password as for the right one. @throws when `hash` is none of ours */
export async function matchesPassword(password: string, hash: string): Promise<boolean> {
  const { cost, salt, tag } = parse(hash);
  return timingSafeEqual(await tagOf(password, salt, cost, tag.length), tag);
}

async function tagOf(password: string, salt: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  // NIST SP 800-63B section 3.1.1.2: the same characters typed on another keyboard are the same password.
  return compute('argon2id', { message: password.normalize('NFKC'), nonce: salt, tagLength, ...cost });
}

function format({ memory, passes, parallelism }: Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

function parse(hash: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
  if (parts === null) throw new Error('a stored password hash is not argon2id in the PHC format');
  const [, memory, passes, parallelism, salt = '', tag = ''] = parts;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
