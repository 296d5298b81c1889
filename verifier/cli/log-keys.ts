// The keys of --log-key: given as such, or one a line in a file. Messages name the place and never quote what stood there: it
// may be a private key, passed by mistake.

import { parseVerifierKey, VerifyError } from '../src/index.ts';
import { usage } from './failure.ts';
import { readInput, type ByteStream } from './input.ts';

const MAX_KEY_FILE_BYTES = 64 * 1024;

/** Keys that are sure to be well-formed. @throws {Failure} */
export async function readLogKeys(given: readonly string[], stdin: ByteStream): Promise<string[]> {
  const keys: string[] = [];
  for (const text of given) {
    if (text.startsWith('@')) keys.push(...(await keysOfFile(text.slice(1), stdin)));
    else keys.push(checkedKey(text, '--log-key'));
  }
  return keys;
}

/** Empty lines and lines that begin with # are left out. */
async function keysOfFile(path: string, stdin: ByteStream): Promise<string[]> {
  if (path === '' || path === '-') throw usage('--log-key: a file name is wanted after the @');
  const octets = await readInput({ role: '--log-key', path, limit: MAX_KEY_FILE_BYTES }, stdin);
  const lines = Buffer.from(octets).toString('utf8').split('\n');
  const keys = lines.flatMap((line, i) => {
    const text = line.trim();
    return text === '' || text.startsWith('#') ? [] : [checkedKey(text, `--log-key: ${path}, line ${i + 1}`)];
  });
  if (keys.length === 0) throw usage(`--log-key: ${path} holds no key`);
  return keys;
}

function checkedKey(text: string, place: string): string {
  if (text.startsWith('PRIVATE+KEY+')) {
    throw usage(`${place}: this is a private key; keep it to yourself, and name the public verifier key`);
  }
  try {
    parseVerifierKey(text);
    return text;
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    throw usage(`${place}: not a verifier key; wanted is name+hash+base64, an Ed25519 key with its own key id`, error);
  }
}
