// What a backup says of itself: docs/operations.md, docs/adr/0015. The header is the first member of the file, so that a
// backup can be recognised without reading it all; the manifest is the last but one, when the tables have been counted.
import { z } from 'zod';

/** A change of the file's format gets a new number; a reader refuses the ones it does not know. */
export const FORMAT = 'medanchor-backup/1';

export const HEADER_NAME = 'header.json';
export const MANIFEST_NAME = 'manifest.json';
/** Lists every other member as `sha256sum` does, and is the last one: a file without it was cut off. */
export const SUMS_NAME = 'SHA256SUMS';

const decimal = z.string().regex(/^(0|[1-9][0-9]{0,18})$/);
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime({ precision: 3 });

/** One log of the database (several may share one), as its rows say at the moment of the snapshot. */
const logSchema = z.strictObject({
  origin: z.string(),
  verifierKey: z.string(),
  /** Entries that were sequenced; the tree may be behind by what was not integrated yet. */
  sequenced: decimal,
  size: decimal,
  root: hex32,
  /** The latest signed checkpoint, as it was handed out. */
  checkpoint: z.string().nullable(),
  epoch: z
    .strictObject({
      epoch: z.number().int().positive(),
      chainId: decimal,
      contract: z.string().regex(/^0x[0-9a-f]{40}$/),
    })
    .nullable(),
  /** The largest anchor that was seen on chain in that epoch. */
  anchor: z.strictObject({ size: decimal, root: hex32, transaction: z.string(), block: decimal }).nullable(),
});

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  createdAt: time,
  /** PostgreSQL's own version, for a person. */
  server: z.string(),
  /** Names of the migrations that the schema has gone through, in order. */
  migrations: z.array(z.string()),
  /** Which KEKs wrap the records' keys: the key files of the escrow can be compared with this. */
  kekIds: z.array(z.string().regex(/^[0-9a-f]{8}$/)),
  logs: z.array(logSchema),
});

const tableSchema = z.strictObject({
  name: z.string(),
  columns: z.array(z.string()).min(1),
  rows: decimal,
  octets: decimal,
  /** Of the COPY text of the whole table: the concatenation of its members. */
  sha256: hex32,
  members: z.number().int().nonnegative(),
});

const manifestSchema = headerSchema.extend({
  /** In an order in which no row refers to a table that comes later. */
  tables: z.array(tableSchema),
  sequences: z.array(z.strictObject({ name: z.string(), next: decimal })),
});

export type BackupHeader = Readonly<z.infer<typeof headerSchema>>;
export type BackupManifest = Readonly<z.infer<typeof manifestSchema>>;
export type LogSummary = Readonly<z.infer<typeof logSchema>>;
export type TableSummary = Readonly<z.infer<typeof tableSchema>>;

/** The file is not a whole backup of ours. Nothing was changed. */
export class BackupDamagedError extends Error {
  override readonly name = 'BackupDamagedError';
}

/** @throws {BackupDamagedError} */
export const parseHeader = (text: string): BackupHeader => parse(HEADER_NAME, text, headerSchema);

/** @throws {BackupDamagedError} */
export const parseManifest = (text: string): BackupManifest => parse(MANIFEST_NAME, text, manifestSchema);

export function headerOf({ tables: _tables, sequences: _sequences, ...header }: BackupManifest): BackupHeader {
  return header;
}

/** Name of one piece of a table; the number before it keeps the order visible. */
export function memberName(position: number, table: string, piece: number): string {
  const padded = (n: number, digits: number): string => String(n).padStart(digits, '0');
  return `data/${padded(position + 1, 2)}-${table}/${padded(piece + 1, 6)}.copy`;
}

function parse<T>(name: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupDamagedError(`${name} is not JSON`, { cause });
  }
  const format: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'format') : undefined;
  if (typeof format === 'string' && format !== FORMAT) {
    throw new BackupDamagedError(`${name} has the format ${format.slice(0, 40)}; this version reads ${FORMAT} only`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new BackupDamagedError(
    `${name} is not as this version writes it: ${first?.path.join('.') ?? ''} ${first?.message ?? ''}`,
  );
}
