// How the demo speaks: one block for each step, and a table at the end. Fits a narrow terminal; colours only where the
// reader is a terminal that wants them.

import { styleText } from 'node:util';
import { differences, type Findings, type Step, type StepResult } from './step.ts';

export interface Output {
  readonly write: (text: string) => void;
  readonly width: number;
  /** The stream that decides about colours; none when absent. */
  readonly stream?: NodeJS.WritableStream;
}

const WIDEST = 100;
const NARROWEST = 40;
const NOTHING = 'nothing';

export function terminalOutput(stream: NodeJS.WriteStream): Output {
  const width = Math.max(NARROWEST, Math.min(stream.columns ?? 80, WIDEST));
  return { write: (text) => void stream.write(`${text}\n`), width, stream };
}

export function announce(step: Step, number: number, output: Output): void {
  output.write('');
  for (const part of wrap(`${String(number)}. ${step.name}`, output.width)) output.write(paint('bold', part, output));
  output.write(indented(step.story, 3, output.width));
}

/** Running text, from the margin. */
export function tell(text: string, output: Output): void {
  output.write(indented(text, 0, output.width));
}

/** What the instance itself says meanwhile: its steps and its warnings. */
export function relay(text: string, output: Output): void {
  output.write(indented(`[${text}]`, 3, output.width));
}

export function showResult(result: StepResult, output: Output): void {
  const { step, found, notes = [], error } = result;
  const wrong = new Set(differences(step.expected, found));
  if (error !== undefined) output.write(indented(`could not be done: ${error}`, 5, output.width));
  else {
    for (const name of new Set([...Object.keys(step.expected), ...Object.keys(found)])) {
      output.write(indented(`${name}: ${found[name] ?? NOTHING}`, 5, output.width));
      if (wrong.has(name)) output.write(indented(`expected: ${step.expected[name] ?? NOTHING}`, 7, output.width));
    }
  }
  for (const note of notes) output.write(indented(`(${note})`, 5, output.width));
  const word = result.asExpected ? paint('green', 'as expected', output) : paint('red', 'NOT AS EXPECTED', output);
  output.write(`     → ${word}`);
}

/** Step, what was expected, what came: columns, or one below the other where there is no room. */
export function showSummary(results: readonly StepResult[], output: Output): void {
  const rows = results.map((result, position) => ({
    mark: result.asExpected ? 'ok' : 'NO',
    cells: [`${String(position + 1)}. ${result.step.name}`, ...summarise(result)] as const,
  }));
  output.write('');
  if (output.width < 72) {
    for (const { mark, cells } of rows) {
      const [name, expected, got] = cells;
      output.write(indented(name, 4, output.width).replace('  ', mark));
      output.write(indented(`expected: ${expected}`, 4, output.width));
      output.write(indented(`got: ${got}`, 4, output.width));
    }
    return;
  }
  const columns = [26, output.width - 26 - 18 - 8, 18] as const;
  output.write(tableRow(['step', 'expected', 'got'], columns, '  '));
  output.write('-'.repeat(output.width));
  for (const { mark, cells } of rows) output.write(tableRow(cells, columns, mark));
}

/** The headline of a step that went as expected; of any other, what differs. */
function summarise({ step, found, error }: StepResult): readonly [expected: string, got: string] {
  const wrong = error === undefined ? differences(step.expected, found) : [step.headline];
  if (wrong.length === 0) return [line(step.expected, [step.headline]), 'the same'];
  return [line(step.expected, wrong), error === undefined ? line(found, wrong) : `error: ${error}`];
}

function line(findings: Findings, names: readonly string[]): string {
  return names.map((name) => `${name}: ${findings[name] ?? NOTHING}`).join('; ');
}

function tableRow(cells: readonly string[], columns: readonly number[], mark: string): string {
  const wrapped = cells.map((cell, column) => wrap(cell, columns[column] ?? 1));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const texts = wrapped.map((lines, column) => (lines[line] ?? '').padEnd(columns[column] ?? 1));
    return `${line === 0 ? mark : '  '}  ${texts.join('  ')}`.trimEnd();
  }).join('\n');
}

function indented(text: string, by: number, width: number): string {
  const margin = ' '.repeat(by);
  return wrap(text, width - by)
    .map((line) => margin + line)
    .join('\n');
}

/** Breaks at spaces; a word longer than the line (a hash) is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((one) => pieces(one, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): string[] {
  const found: string[] = [];
  for (let at = 0; at < Math.max(word.length, 1); at += width) found.push(word.slice(at, at + width));
  return found;
}

function paint(style: 'bold' | 'green' | 'red', text: string, { stream }: Output): string {
  // styleText itself honours NO_COLOR and asks whether the stream is a terminal.
  return stream === undefined ? text : styleText(style, text, { stream });
}
