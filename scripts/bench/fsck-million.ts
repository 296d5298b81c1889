// How long the tamper sweep takes, and how much memory: makes a ledger of a million entries on a throw-away PostgreSQL
// through the real stores (the sequencing transaction with the append stage's rules, the integrate and checkpoint stages),
// then runs the real command on it, and prints time and peak memory of its process.
//
//     node scripts/medanchor.mjs run scripts/bench/fsck-million.ts [ENTRIES]
//
// Only what nobody looks at is made up: the commitments of content. Keys, pseudonyms, identities, chains of versions, the
// tree and its signatures are real. There is no chain: that part of the sweep is one question and is reported as skipped.

import { spawn } from 'node:child_process';
import { createHash, hash, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  canonicalObject,
  commitment,
  componentCommitment,
  componentDigest,
  componentSalt,
  formatVerifierKey,
  installSha256,
  noteSigner,
  recordRef,
  utf8,
  versionSalt,
  type ComponentCommitment,
} from '@medanchor/verifier';
import type * as TPool from '../../api/src/platform/database/pool.ts';
import type * as TAppendRules from '../../api/src/ledger/append/append.rules.ts';
import type * as TCheckpointService from '../../api/src/ledger/checkpoint/checkpoint.service.ts';
import type * as TIntegrateService from '../../api/src/ledger/integrate/integrate.service.ts';
import type * as TEntryStorePg from '../../api/src/ledger/store/entry-store.pg.ts';
import type * as TLogRegistrationPg from '../../api/src/ledger/store/log-registration.pg.ts';
import type * as TTreeStorePg from '../../api/src/ledger/store/tree-store.pg.ts';
import type * as TRecordKey from '../../api/src/ledger/store/record-key.ts';
import type * as TLocalKeyProviderFile from '../../api/src/platform/keys/local-key-provider.file.ts';
import type * as TMetrics from '../../api/src/platform/metrics/metrics.ts';
import type { VersionSubmission } from '../../api/src/ledger/store/entry-store.port.ts';
import { freePort } from '../launch/ports.ts';
import { databaseAccount } from '../launch/postgres-account.ts';
import { newPassword, startPostgres } from '../launch/postgres.ts';
import { PROJECT_ROOT } from '../launch/settings.ts';

const ENTRIES = Number(process.argv[2] ?? 1_000_000);
const VERSIONS_PER_RECORD = 4;
const BATCH = 512;
const ORIGIN = 'bench.local/log/1';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

// The service's own code as it is built: its modules have decorators, which Node does not strip.
const service = async <T>(file: string): Promise<T> =>
  (await import(pathToFileURL(path.join(PROJECT_ROOT, 'api', 'dist', file)).href)) as T;
const { createPool } = await service<typeof TPool>('platform/database/pool.js');
const { migrate } = await service<{ migrate: (url: string) => Promise<readonly string[]> }>(
  'platform/database/migrate.js',
);
const { planBatch } = await service<typeof TAppendRules>('ledger/append/append.rules.js');
const { CheckpointService } = await service<typeof TCheckpointService>('ledger/checkpoint/checkpoint.service.js');
const { IntegrateService } = await service<typeof TIntegrateService>('ledger/integrate/integrate.service.js');
const { PgEntryStore } = await service<typeof TEntryStorePg>('ledger/store/entry-store.pg.js');
const { registerLog } = await service<typeof TLogRegistrationPg>('ledger/store/log-registration.pg.js');
const { PgTreeStore } = await service<typeof TTreeStorePg>('ledger/store/tree-store.pg.js');
const { recordKeyContext } = await service<typeof TRecordKey>('ledger/store/record-key.js');
const { LocalKeyProvider } = await service<typeof TLocalKeyProviderFile>('platform/keys/local-key-provider.file.js');
const { Metrics } = await service<typeof TMetrics>('platform/metrics/metrics.js');

installSha256((bytes) => hash('sha256', bytes, 'buffer'));
const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-bench-'));
chmodSync(folder, 0o711);
const server = await startPostgres({
  clusterDir: path.join(folder, 'postgres'),
  account: databaseAccount(),
  port: await freePort(),
  password: newPassword(),
  throwAway: true,
  onLine: () => undefined,
});
try {
  const files = keyFiles();
  await generate(server.url('postgres'), files);
  for (const args of [[], ['--incremental']]) await measure(server.url('postgres'), files, args);
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

interface KeyFiles {
  readonly checkpoint: string;
  readonly kek: string;
  readonly anchor: string;
}

function keyFiles(): KeyFiles {
  const [checkpoint = '', kek = '', anchor = ''] = ['checkpoint.key', 'kek.key', 'anchor.key'].map((name) => {
    const file = path.join(folder, name);
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    return file;
  });
  return { checkpoint, kek, anchor };
}

function secret(file: string): Uint8Array {
  return new Uint8Array(Buffer.from(readFileSync(file, 'utf8').trim(), 'hex'));
}

async function generate(url: string, files: KeyFiles): Promise<void> {
  const began = performance.now();
  await migrate(url);
  const pool = createPool(url, 8);
  pool.on('error', () => undefined);
  const signer = noteSigner(ORIGIN, secret(files.checkpoint));
  const log = (await registerLog(pool, ORIGIN, formatVerifierKey(signer))).id;
  const [tenant, source] = [randomUUID(), randomUUID()];
  await pool.query('INSERT INTO tenant (id, name) VALUES ($1, $2)', [tenant, 'bench']);
  await pool.query('INSERT INTO source (id, tenant_id, name) VALUES ($1, $2, $3)', [source, tenant, 'ehr']);
  const keys = new LocalKeyProvider(secret(files.kek));
  const entries = new PgEntryStore(pool, log);
  const trees = new PgTreeStore(pool, log);
  const metrics = new Metrics();
  const integrate = new IntegrateService(trees, metrics);
  const checkpoint = new CheckpointService(trees, signer, metrics);
  // Records come in groups whose versions are interleaved, as a busy hospital's are.
  const group = BATCH * 8;
  for (let done = 0; done < ENTRIES;) {
    const count = Math.min(group, Math.ceil((ENTRIES - done) / VERSIONS_PER_RECORD));
    const fresh = Array.from({ length: count }, (_, at) => ({
      recordId: `Observation/${String(done)}-${String(at)}`,
      key: new Uint8Array(randomBytes(32)),
    }));
    const contexts = fresh.map(({ recordId }) => recordKeyContext(tenant, source, recordId));
    const wrapped = await keys.wrap(fresh.map(({ key }, at) => ({ key, context: contexts[at] as string })));
    const { rows } = await pool.query<{ id: bigint; record_id: string }>(
      `INSERT INTO record (log, source_id, record_id, record_ref, wrapped_key)
       SELECT $1, $2, * FROM unnest($3::text[], $4::bytea[], $5::bytea[]) RETURNING id, record_id`,
      [log, source, fresh.map(({ recordId }) => recordId), fresh.map(({ key }) => recordRef(key)), wrapped],
    );
    const ids = new Map(rows.map((row) => [row.record_id, row.id]));
    for (let version = 1; version <= VERSIONS_PER_RECORD && done < ENTRIES; version++) {
      const batch = fresh.slice(0, ENTRIES - done);
      for (let at = 0; at < batch.length; at += BATCH) {
        const time = new Date();
        const submissions = batch
          .slice(at, at + BATCH)
          .map(({ recordId, key }) => submission(ids.get(recordId) ?? 0n, source, recordId, key, String(version)));
        await entries.sequence(submissions, (state, all) => planBatch(state, all, time));
      }
      done += batch.length;
      await integrate.run();
      await checkpoint.run();
    }
    if (done % (group * VERSIONS_PER_RECORD * 4) === 0) say(`${String(done)} entries`);
  }
  await pool.end();
  say(`made ${String(ENTRIES)} entries in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}

function submission(
  record: bigint,
  source: string,
  recordId: string,
  key: Uint8Array,
  versionId: string,
): VersionSubmission {
  const octets = utf8(canonicalObject({ recordId, source: 'ehr', versionId }));
  const salt = componentSalt(versionSalt(key, versionId), 'identity');
  const made = createHash('sha512').update(octets).update(key).digest();
  const components: readonly ComponentCommitment[] = [
    {
      name: 'identity',
      commitment: componentCommitment(salt, componentDigest('identity', 'application/json', octets)),
    },
    { name: 'raw', commitment: made.subarray(0, 32) },
    { name: 'content', commitment: made.subarray(32) },
    { name: 'contentExact', commitment: made.subarray(16, 48) },
    { name: 'narrative', commitment: made.subarray(8, 40) },
    { name: 'fields', commitment: made.subarray(24, 56) },
  ];
  return {
    kind: 'record-version',
    record,
    recordRef: recordRef(key),
    source,
    versionId,
    activity: null,
    scheme: 'fhir-json-static/1',
    mediaType: 'application/fhir+json',
    commitment: commitment('fhir-json-static/1', components),
    components,
  };
}

/** Runs the command as `npm run fsck` does, without the launcher, and looks at its memory. */
async function measure(url: string, files: KeyFiles, args: readonly string[]): Promise<void> {
  const program = path.join(PROJECT_ROOT, 'api', 'dist', 'fsck.js');
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: url,
      CHAIN_RPC_URL: 'http://127.0.0.1:9',
      CHAIN_ID: '31337',
      ANCHOR_CONTRACT: `0x${'0'.repeat(40)}`,
      ANCHOR_KEY_FILE: files.anchor,
      CHECKPOINT_KEY_FILE: files.checkpoint,
      KEK_FILE: files.kek,
      LOG_ORIGIN: ORIGIN,
    },
    stdio: 'inherit',
  });
  let peak = 0;
  let busy = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
      // Fields 14 and 15: user and system time in ticks of 10 ms. The name in field 2 may hold anything.
      const stat = readFileSync(`/proc/${String(child.pid)}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      busy = (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      // It has just ended, or this is no Linux.
    }
  }, 50);
  const began = performance.now();
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(watch);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(
    `fsck ${args.join(' ')}: ${seconds} s for the process (${busy.toFixed(1)} s of its own work), peak memory ` +
      `${(peak / 1024).toFixed(0)} MiB, exit code ${String(code)}`,
  );
}
