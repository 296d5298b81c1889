// Plays a story on a throw-away instance and says what came of it.

import { announce, relay, showResult, showSummary, type Output } from './report.ts';
import { runStep, type Step, type StepResult } from './step.ts';
import { startThrowAway } from './throw-away.ts';

export interface PlayOptions {
  readonly output: Output;
  /** Looked at between two steps: why to end early, or null. */
  readonly interrupted?: () => string | null;
}

export type Ending = 'as-expected' | 'not-as-expected' | 'interrupted';

/** `as-expected` only when every step was played and every finding was the expected one. */
export async function playStory(story: readonly Step[], options: PlayOptions): Promise<Ending> {
  const { output, interrupted = () => null } = options;
  const started = performance.now();
  const scene = await startThrowAway((text) => relay(text, output));
  const results: StepResult[] = [];
  try {
    for (const [position, step] of story.entries()) {
      if (interrupted() !== null) break;
      announce(step, position + 1, output);
      const result = await runStep(step, scene);
      showResult(result, output);
      results.push(result);
    }
  } finally {
    await scene.end();
  }
  if (results.length < story.length) {
    output.write(`\n${interrupted() ?? 'interrupted'}; the throw-away instance is gone.`);
    return 'interrupted';
  }
  showSummary(results, output);
  const good = results.filter(({ asExpected }) => asExpected).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  output.write(`\n${String(good)} of ${String(results.length)} steps as expected (${seconds} s).`);
  return good === results.length && good > 0 ? 'as-expected' : 'not-as-expected';
}
