// The operator's page knows every word that the service says when something is wrong, and only commands, settings and
// metrics that exist.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { Metrics } from '../../api/src/platform/metrics/metrics.ts';
import { configSchema } from '../../api/src/platform/config/config.schema.ts';
import { launcherSchema, PROJECT_ROOT } from '../../scripts/launch/settings.ts';

const page = readFileSync(path.join(PROJECT_ROOT, 'docs', 'operations.md'), 'utf8');
const sources = readdirSync(path.join(PROJECT_ROOT, 'api', 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(path.join(PROJECT_ROOT, 'api', 'src', name), 'utf8'))
  .join('\n');

const found = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, word = '']) => word))].sort();

describe('docs/operations.md', () => {
  test('explains every state of the chain', () => {
    const states = /type ChainStateCode = ([^;]+);/.exec(sources)?.[1] ?? '';
    const codes = found(states, /'([a-z-]+)'/g).filter((code) => code !== 'ok');
    expect(codes.length).toBeGreaterThanOrEqual(4);
    for (const code of codes) expect([code, page.includes(`| \`${code}\``)]).toEqual([code, true]);
  });

  test('explains every code of a part that is degraded or down', () => {
    const codes = [
      ...found(sources, /status: 'degraded',\s+code: '([a-z-]+)'/g),
      ...found(sources, /status: 'down',\s+code: '([a-z-]+)'/g),
      ...found(sources, /\{ code: '(overloaded)'/g),
    ];
    expect(codes).toEqual(expect.arrayContaining(['check-failed', 'integration-behind', 'overloaded', 'stage-failed']));
    for (const code of codes) expect([code, page.includes(`\`${code}\``)]).toEqual([code, true]);
  });

  test('explains every kind of alarm', () => {
    const kinds = found(sources, /(?:alarms\.inc|raiseAlarm)\(\{\s+kind: '([a-z-]+)'/g);
    expect(kinds).toEqual(expect.arrayContaining(['anchor-lost', 'history-rewritten', 'integrity-fault']));
    for (const kind of kinds) expect([kind, page.includes(`\`${kind}\``)]).toEqual([kind, true]);
  });

  test('names only commands of package.json, and settings that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = found(page, /npm run (?:--silent )?([a-z:]+(?:-[a-z]+)*)/g);
    expect(commands).toEqual(expect.arrayContaining(['backup', 'epoch', 'restore']));
    for (const command of commands) expect(scripts).toHaveProperty(command);
    const settings = new Set([...Object.keys(configSchema.shape), ...Object.keys(launcherSchema.shape)]);
    const named = found(
      page,
      /\b((?:ANCHOR|CHAIN|CHECKPOINT|DATABASE|DATA_KEY|INSECURE|KEK|LOG|MEDANCHOR|SEQUENCER|POSTGRES|TLS|VAULT)_[A-Z_]+)\b/g,
    );
    for (const name of named) expect([name, settings.has(name)]).toEqual([name, true]);
  });

  test('its alert rules are rules, over metrics that the service has', async () => {
    const block = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
    const { groups } = parse(block) as { groups: { rules: { alert: string; expr: string; labels: object }[] }[] };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThanOrEqual(8);
    const metrics = new Set((await new Metrics().registry.getMetricsAsJSON()).map(({ name }) => name));
    for (const { alert, expr, labels } of rules) {
      expect(alert).toMatch(/^MedAnchor[A-Za-z]+$/);
      expect(labels).toHaveProperty('severity');
      for (const name of found(expr, /\b(medanchor_[a-z_]+)/g))
        expect([alert, metrics.has(name.replace(/_(bucket|count|sum)$/, ''))]).toEqual([alert, true]);
    }
  });

  test('links only to headings that it has', () => {
    const anchors = new Set(
      [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    for (const target of found(page, /\]\(#([^)]+)\)/g)) expect([target, anchors.has(target)]).toEqual([target, true]);
  });
});
