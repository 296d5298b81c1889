// `npm run backup -- --to FILE`: one consistent backup of the database, beside the running service or without it. The
// program itself is the service's own (api/dist/backup.js); this one finds the database for it.

import { openDatabase } from './backup/database.ts';
import { runProgram } from './backup/program.ts';
import { loadSettings } from './launch/settings.ts';

const say = (text: string): void => void process.stdout.write(`medanchor: ${text}\n`);

/** The process's exit code: 0 written, 1 not written, 2 usage or configuration. */
export async function main(args: readonly string[]): Promise<number> {
  if (!args.some((argument) => argument.startsWith('--to'))) return await runProgram('backup', args, {});
  const database = await openDatabase(loadSettings(process.env), say);
  try {
    return await runProgram('backup', args, { DATABASE_URL: database.url });
  } finally {
    await database.release();
  }
}
