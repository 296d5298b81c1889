// C2SP tlog-proof, the draft text of commit 0065ea5b; docs/spec/formats.md section 7.
//
//     c2sp.org/tlog-proof@v1
//     index <decimal>
//     <base64 of a hash>        (none or more, from the leaf's sibling upwards)
//     <empty line>
//     <signed checkpoint, verbatim>
//
// The draft's `extra` line is refused: it is not authenticated, so nothing of ours stands there.

import { fromBase64, fromUtf8, MAX_SIZE, parseDecimal, quote, toBase64 } from '../bytes.ts';
import { onRefusal, VerifyError } from '../errors.ts';
import { HASH_LENGTH } from '../hash.ts';
import { parseSignedCheckpoint } from './checkpoint.ts';

export interface TlogProof {
  readonly index: bigint;
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. Its structure was checked, its signatures were not. */
  readonly checkpoint: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
/** A tree of 2^63 leaves needs no more. */
export const MAX_PROOF_HASHES = 63;

export function parseTlogProof(input: string | Uint8Array): TlogProof {
  if (input === lastText) return lastProof as TlogProof;
  const read = (): TlogProof => {
    const text = typeof input === 'string' ? input : fromUtf8(input);
    const split = text.indexOf('\n\n');
    if (split < 0) throw malformed('no empty line before the checkpoint');
    const [header = '', index = '', ...hashes] = text.slice(0, split).split('\n');
    if (header !== HEADER) throw malformed(`the first line is ${quote(header)}, wanted ${quote(HEADER)}`);
    if (!index.startsWith('index ')) throw malformed('the second line is not the index');
    if (hashes.length > MAX_PROOF_HASHES) throw malformed(`${hashes.length} hashes, at most ${MAX_PROOF_HASHES}`);
    const checkpoint = text.slice(split + 2);
    parseSignedCheckpoint(checkpoint);
    return { index: parseDecimal(index.slice('index '.length)), hashes: hashes.map(parseHash), checkpoint };
  };
  const proof = onRefusal(read, (cause) => {
    if (cause.code === 'TLOG_PROOF_MALFORMED') throw cause;
    throw new VerifyError('TLOG_PROOF_MALFORMED', `not a tlog-proof: ${cause.message}`, { cause });
  });
  if (typeof input === 'string') [lastText, lastProof] = [input, proof];
  return proof;
}

// A proof is read by whoever writes it, by the bundle that carries it and by the check of that bundle, one after the other.
let lastText: string | undefined;
let lastProof: TlogProof | undefined;

/** Inverse of parseTlogProof. Refuses what that would refuse. */
export function formatTlogProof({ index, hashes, checkpoint }: TlogProof): string {
  if (index < 0n || index > MAX_SIZE) throw malformed(`index ${index} is not within 0 and 2^63 - 1`);
  if (hashes.length > MAX_PROOF_HASHES) throw malformed(`${hashes.length} hashes, at most ${MAX_PROOF_HASHES}`);
  for (const hash of hashes) if (hash.length !== HASH_LENGTH) throw malformed(`a hash of ${hash.length} octets`);
  onRefusal(
    () => parseSignedCheckpoint(checkpoint),
    (cause) => {
      throw new VerifyError('TLOG_PROOF_MALFORMED', `not a tlog-proof: ${cause.message}`, { cause });
    },
  );
  const lines = [HEADER, `index ${index}`, ...hashes.map(toBase64)];
  const text = `${lines.join('\n')}\n\n${checkpoint}`;
  // What stands in the text is what was just checked, so reading it would find the same.
  [lastText, lastProof] = [text, { index, hashes, checkpoint }];
  return text;
}

function parseHash(line: string): Uint8Array {
  const hash = fromBase64(line);
  if (hash.length !== HASH_LENGTH) throw malformed(`a hash of ${hash.length} octets`);
  return hash;
}

function malformed(what: string): VerifyError {
  return new VerifyError('TLOG_PROOF_MALFORMED', `not a tlog-proof: ${what}`);
}
