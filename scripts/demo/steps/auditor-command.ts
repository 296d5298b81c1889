// The auditor's own tool, run as he would run it: two files, the address of a chain node, the contract. No service, no
// database. Its exit codes are what a script of his would go by.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatBundle, parseBundle } from '@medanchor/verifier';
import { freePort } from '../../launch/ports.ts';
import { PROJECT_ROOT } from '../../launch/settings.ts';
import { reserialise } from '../other-server.ts';
import type { Scene, Step } from '../step.ts';
import { changed, HBA1C } from '../subjects.ts';
import { flipHash, moveIndex } from './forge-proof.ts';

const COMMAND = path.join(PROJECT_ROOT, 'verifier', 'bin', 'medanchor-verify.js');

export const auditorCommand: Step = {
  name: "The auditor's command",
  story:
    'The auditor runs `medanchor-verify` on proof and record, with his own connection to the chain. It ends with 0 ' +
    '(intact), 1 (altered), 2 (cannot be used) or 3 (could not be checked), and never says 0 for want of an answer.',
  headline: 'changed hash',
  expected: {
    'exact copy': '0',
    'from another server': '0',
    'one digit changed': '1',
    'changed hash': '1',
    'another index': '1',
    'half a proof': '2',
    'chain unreachable': '3',
  },
  act: async (scene) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'medanchor-demo-auditor-'));
    try {
      const run = auditorAt(scene, folder);
      const proof = await scene.client.bundle(HBA1C.name);
      const bundle = parseBundle(proof);
      const digit = changed(HBA1C.content, '"value": 6.30', '"value": 6.80');
      const nobody = `http://127.0.0.1:${String(await freePort())}`;
      return {
        found: {
          'exact copy': await run(proof, HBA1C.content),
          'from another server': await run(proof, reserialise(HBA1C.content)),
          'one digit changed': await run(proof, digit),
          'changed hash': await run(formatBundle(flipHash(bundle)), HBA1C.content),
          'another index': await run(formatBundle(moveIndex(bundle)), HBA1C.content),
          'half a proof': await run(proof.slice(0, proof.length / 2), HBA1C.content),
          'chain unreachable': await run(proof, HBA1C.content, nobody),
        },
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Run = (proof: string, content: Uint8Array, rpc?: string) => Promise<string>;

/** Runs the command on two files and gives its exit code. */
function auditorAt({ instance, auditor }: Scene, folder: string): Run {
  return async (proof, content, rpc = instance.chainUrl) => {
    const [bundleFile, contentFile] = [path.join(folder, 'proof.json'), path.join(folder, 'record.json')];
    writeFileSync(bundleFile, proof);
    writeFileSync(contentFile, content);
    const trust = ['--rpc', rpc, '--contract', instance.anchor.contract, '--log-key', auditor.verifierKey];
    return exitCodeOf([COMMAND, bundleFile, contentFile, ...trust, '--timeout', '10']);
  };
}

function exitCodeOf(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { PATH: process.env['PATH'] } });
    child.once('error', (error) => resolve(`not run: ${error.message}`));
    child.once('exit', (code, signal) => resolve(String(code ?? signal)));
  });
}
