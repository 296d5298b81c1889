#!/usr/bin/env node
// Starts the built command. npm links this file when it installs, which is before anything is built. Written so that an old
// Node can read it and say what is missing; ends with 3, "could not be checked", when the command cannot start.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.js', import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  cannotStart(`it needs Node 20.19 or later, this is ${process.versions.node}`);
} else if (!existsSync(built)) {
  cannotStart('it is not built yet: run `npm run build` in the folder of the project');
} else {
  import(built.href).catch((error) => cannotStart(error.message));
}

function cannotStart(reason) {
  process.stderr.write(`medanchor-verify cannot start: ${reason}\n`);
  process.exitCode = 3;
}
