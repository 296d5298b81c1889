// `npm run lock`: after every change of dependencies, completes package-lock.json (check/lock-platforms.ts says why).

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { completePlatforms, parseLock } from './check/lock-platforms.ts';
import { PROJECT_ROOT } from './launch/settings.ts';

const file = path.join(PROJECT_ROOT, 'package-lock.json');
const { lock, added } = completePlatforms(parseLock(readFileSync(file, 'utf8')));
if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${String(added.length)} platform packages added to package-lock.json\n`);
