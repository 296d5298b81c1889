// `deployment.json`: which contract, on which chain, holds this log's anchors. Written before the first transaction is
// sent (`planned`), so that a crash between any two steps is picked up where it happened, and again when all is done.

import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { replaceFile } from '../launch/data-folder.ts';

const hex32 = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z.string().regex(/^0x[0-9a-f]{40}$/);

const deploymentSchema = z.strictObject({
  format: z.literal('medanchor-deployment/1'),
  state: z.enum(['planned', 'done']),
  chainId: z.string().regex(/^[1-9][0-9]{0,18}$/),
  contract: address,
  origin: z.string().min(1),
  logId: hex32,
  submitter: address,
});

export type Deployment = Readonly<z.infer<typeof deploymentSchema>>;

export function readDeployment(file: string): Deployment | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return deploymentSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`${file} is damaged; restore it from a backup, or give ANCHOR_CONTRACT and CHAIN_ID`, { cause });
  }
}

export function writeDeployment(file: string, deployment: Deployment): void {
  replaceFile(file, `${JSON.stringify(deployment, null, 2)}\n`);
}
