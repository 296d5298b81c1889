// Findings as aligned text for the terminal, and as Markdown for docs/performance.md.

import { isMet, type Cell, type Column, type Findings, type Table, type Target } from './findings.ts';

export function findingsAsText({ tables, targets, notes }: Findings): string {
  const parts = tables.map(tableAsText);
  if (targets.length > 0) parts.push(tableAsText(targetTable(targets)));
  return [...parts, ...notes.map((note) => `Note: ${note}`)].join('\n\n');
}

export function findingsAsMarkdown({ tables, targets, notes }: Findings): string {
  const parts = tables.map(tableAsMarkdown);
  if (targets.length > 0) parts.push(tableAsMarkdown(targetTable(targets)));
  return [...parts, ...notes.map((note) => `Note: ${note}`)].join('\n\n');
}

export function targetTable(targets: readonly Target[], title = 'Targets'): Table {
  return {
    title,
    columns: [{ title: 'target' }, { title: 'wanted' }, { title: 'measured' }, { title: 'met?' }],
    rows: targets.map((target) => [
      target.name,
      `${target.comparison} ${quantity(target.limit, target.unit)}`,
      target.measured === null ? null : quantity(target.measured, target.unit),
      isMet(target),
    ]),
  };
}

function quantity(number: number, unit: string): string {
  const digits = Math.abs(number) >= 100 ? 0 : 2;
  return `${number.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`.trim();
}

export function tableAsText({ title, columns, rows }: Table): string {
  const shown = [columns.map(heading), ...rows.map((row) => row.map((cell, i) => cellText(cell, columns[i])))];
  const widths = columns.map((_, i) => Math.max(...shown.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) =>
        columns[i]?.digits === undefined ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = shown;
  return [title, '', line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}

function tableAsMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `**${title}**`,
    '',
    line(columns.map(heading)),
    line(columns.map(({ digits }) => (digits === undefined ? '---' : '--:'))),
    ...rows.map((row) => line(row.map((cell, i) => cellText(cell, columns[i])))),
  ].join('\n');
}

function heading({ title, unit }: Column): string {
  return unit === undefined ? title : `${title} (${unit})`;
}

function cellText(cell: Cell, column: Column | undefined): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  const digits = column?.digits ?? 0;
  return cell.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
