// Paths of tiles and entry bundles: https://c2sp.org/tlog-tiles; docs/spec/formats.md section 7.
// `tile/<L>/<N>[.p/<W>]`, where N is written in groups of three digits, all but the last with a leading x.

import { MAX_SIZE, quote } from '../bytes.ts';
import { InvariantError, VerifyError } from '../errors.ts';

export const TILE_WIDTH = 256;

export interface TilePath {
  readonly level: number | 'entries';
  readonly index: bigint;
  /** 1 to 256 hashes or entries; 256 is a full tile, which has no `.p` suffix. */
  readonly width: number;
}

/** Without a leading slash. */
export function tilePath({ level, index, width }: TilePath): string {
  const groups = [(index % 1000n).toString().padStart(3, '0')];
  for (let rest = index / 1000n; rest > 0n; rest /= 1000n) {
    groups.unshift(`x${(rest % 1000n).toString().padStart(3, '0')}`);
  }
  const suffix = width === TILE_WIDTH ? '' : `.p/${width}`;
  const path = `tile/${level}/${groups.join('/')}${suffix}`;
  // Also refuses a negative index, a width of 0 and whatever else has no path.
  if (!PATH.test(path)) throw new InvariantError(`no tile has level ${level}, index ${index} and width ${width}`);
  return path;
}

const PATH =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$/;

export function parseTilePath(text: string): TilePath {
  const [, level = '', groups = '', width] = PATH.exec(text) ?? [];
  // A leading group of zeroes would be a second path of the same tile.
  if (groups === '' || groups.startsWith('x000')) {
    throw new VerifyError('TILE_PATH_MALFORMED', `${quote(text)} is not the path of a tile`);
  }
  const index = BigInt(groups.replaceAll(/[x/]/g, ''));
  if (index > MAX_SIZE) throw new VerifyError('TILE_PATH_MALFORMED', `tile ${index} is beyond any tree`);
  return {
    level: level === 'entries' ? level : Number(level),
    index,
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
}
