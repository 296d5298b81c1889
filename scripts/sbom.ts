// `npm run sbom`: the software bill of materials of what runs in production, CycloneDX as JSON, made from the installed
// packages by npm itself. It names the lock file that it belongs to, so that a running release can be compared with it.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { npmOutput } from './check/npm-output.ts';
import { PROJECT_ROOT } from './launch/settings.ts';

const USAGE = 'usage: npm run sbom -- [--to FILE] [--with-dev]';

const property = z.strictObject({ name: z.string(), value: z.string() });

/** npm's mark of what only tests and builds need. Its own `--omit=dev` also leaves out what both need. */
const DEVELOPMENT = { name: 'cdx:npm:package:development', value: 'true' };

const bomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), properties: z.array(property).optional() })).min(1),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
  metadata: z.looseObject({
    component: z.looseObject({ 'bom-ref': z.string() }),
    properties: z.array(property).optional(),
  }),
});

/** The process's exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let options: { readonly to?: string | undefined; readonly 'with-dev'?: boolean | undefined };
  try {
    options = parseArgs({
      args: [...args],
      options: { to: { type: 'string' }, 'with-dev': { type: 'boolean' } },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
    return 2;
  }
  const bom = billOfMaterials(options['with-dev'] === true);
  const text = `${JSON.stringify(bom, null, 2)}\n`;
  if (options.to === undefined) {
    process.stdout.write(text);
  } else {
    writeFileSync(options.to, text);
    process.stderr.write(`${String(bom.components.length)} components in ${options.to}\n`);
  }
  return 0;
}

function billOfMaterials(withDev: boolean): z.output<typeof bomSchema> {
  const { status, stdout, stderr } = npmOutput(['sbom', '--sbom-format=cyclonedx']);
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr.trim().slice(0, 2000)}`);
  const bom = bomSchema.parse(JSON.parse(stdout));
  const lock = createHash('sha256')
    .update(readFileSync(path.join(PROJECT_ROOT, 'package-lock.json')))
    .digest('hex');
  const { metadata } = bom;
  const left = withDev ? bom.components : bom.components.filter(({ properties }) => !isDevelopment(properties ?? []));
  const refs = new Set([...left.map((component) => component['bom-ref']), metadata.component['bom-ref']]);
  return {
    ...bom,
    components: left,
    dependencies: bom.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).filter((ref) => refs.has(ref)) })),
    metadata: {
      ...metadata,
      // npm takes the folder's name.
      component: { ...metadata.component, name: 'medanchor', type: 'application' },
      properties: [...(metadata.properties ?? []), { name: 'medanchor:package-lock:sha256', value: lock }],
    },
  };
}

function isDevelopment(properties: readonly z.output<typeof property>[]): boolean {
  return properties.some(({ name, value }) => name === DEVELOPMENT.name && value === DEVELOPMENT.value);
}
