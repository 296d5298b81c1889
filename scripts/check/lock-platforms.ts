// Makes package-lock.json name the native packages of *every* platform. npm leaves out the ones that its registry did
// not show when the lock file was written (a mirror may hold those of one platform only), and `npm ci` then refuses the
// lock file on all machines. What is added has no integrity value: npm checks it against the registry's own.

import { z } from 'zod';

const packageSchema = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lockSchema = z.looseObject({ packages: z.record(z.string(), packageSchema) });

type LockFile = z.infer<typeof lockSchema>;
type LockedPackage = z.infer<typeof packageSchema>;

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony'];
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64'];
const EXACT = /^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$/;

/** Checks the shape and keeps the members in npm's own order, which a parsed copy would not. */
export function parseLock(text: string): LockFile {
  const lock: unknown = JSON.parse(text);
  lockSchema.parse(lock);
  return lock as LockFile;
}

/** The lock file with nothing missing, and the names that were added. */
export function completePlatforms(lock: LockFile): { lock: LockFile; added: string[] } {
  const packages = { ...lock.packages };
  const added: string[] = [];
  for (const [place, owner] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
      if (isLocked(packages, place, name)) continue;
      const platform = platformOf(name);
      // A range would have to be resolved, which needs the registry that does not have it.
      if (platform === null || !EXACT.test(version)) throw new Error(`cannot complete ${name}@${version} of ${place}`);
      packages[`node_modules/${name}`] = { version, ...platform, ...inherited(owner), optional: true };
      added.push(`${name}@${version}`);
    }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { lock: { ...lock, packages: Object.fromEntries(sorted) }, added };
}

/** Looks where Node would: beside the owner, then further and further out. */
function isLocked(packages: LockFile['packages'], place: string, name: string): boolean {
  for (let folder = place; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('node_modules/') - 1, 0))) {
    if (Object.hasOwn(packages, `${folder === '' ? '' : `${folder}/`}node_modules/${name}`)) return true;
    if (folder === '') return false;
  }
}

/** Reads `…-linux-arm64-musl` and its like. */
export function platformOf(name: string): { cpu: string[]; os: string[]; libc?: string[] } | null {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return null;
  const last = words.at(-1) ?? '';
  if (os === 'linux' && last.startsWith('musl')) return { cpu: [cpu], os: [os], libc: ['musl'] };
  if (os === 'linux' && last.startsWith('gnu')) return { cpu: [cpu], os: [os], libc: ['glibc'] };
  return { cpu: [cpu], os: [os] };
}

function inherited({ dev, devOptional }: LockedPackage): { dev?: true; devOptional?: true } {
  return { ...(dev === true ? { dev } : {}), ...(devOptional === true ? { devOptional } : {}) };
}
