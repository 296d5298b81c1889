#!/usr/bin/env node
// Starts the built command. npm links this file when it installs, which is before anything is built.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('medanchor-verify is not built yet: run `npm run build` in the folder of the project\n');
  process.exitCode = 2;
}
