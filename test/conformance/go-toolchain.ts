// Finds a Go toolchain that can build test/conformance/go without any download: golang.org/x/mod must be there already,
// either in a GOPATH (Debian's golang-golang-x-mod-dev puts it into /usr/share/gocode) or in the module cache
// (`go mod download golang.org/x/mod@v0.14.0`).

import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('go', import.meta.url));
const DEBIAN_GOPATH = '/usr/share/gocode';

/** Either how to build, or why it cannot be done here. */
export type GoToolchain = { readonly env: NodeJS.ProcessEnv } | { readonly missing: string };

export function findGo(): GoToolchain {
  const gopath = spawnSync('go', ['env', 'GOPATH'], { encoding: 'utf8' });
  if (gopath.error !== undefined || gopath.status !== 0) return { missing: 'no Go toolchain in PATH' };
  const folders = [...gopath.stdout.trim().split(path.delimiter), DEBIAN_GOPATH];
  const folder = folders.find((one) => existsSync(path.join(one, 'src', 'golang.org', 'x', 'mod', 'sumdb', 'tlog')));
  if (folder !== undefined) return { env: { GO111MODULE: 'off', GOPATH: folder } };
  const env = { GO111MODULE: 'on', GOFLAGS: '-mod=mod', GOPROXY: 'off', GONOSUMDB: '*', GOTOOLCHAIN: 'local' };
  const listed = inCopy((copy) => go(['list', '-deps', '.'], env, copy));
  return listed.status === 0 ? { env } : { missing: 'golang.org/x/mod is neither in a GOPATH nor in the module cache' };
}

/** @returns the path of the program, in `folder` */
export function buildProgram(env: NodeJS.ProcessEnv, folder: string): string {
  const program = path.join(folder, 'conformance');
  const built = inCopy((copy) =>
    go(['build', '-o', program, '.'], { ...env, GOCACHE: path.join(folder, 'cache') }, copy),
  );
  if (built.status !== 0) throw new Error(`the Go program does not build: ${built.stderr}`);
  return program;
}

/** Works on a copy: module mode would write a go.sum beside the source. */
function inCopy<T>(work: (copy: string) => T): T {
  const copy = mkdtempSync(path.join(tmpdir(), 'medanchor-test-go-'));
  try {
    cpSync(SOURCE, copy, { recursive: true });
    return work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function go(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): SpawnSyncReturns<string> {
  return spawnSync('go', [...args], { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
}
