// `npm run demo`: plays the whole story by itself on a throw-away instance and says in plain words what it shows. Ends
// with 0 only if every tampering was caught as expected. Called by medanchor.mjs when all is prepared.

import { playStory, type Ending } from './demo/play.ts';
import { tell, terminalOutput } from './demo/report.ts';
import { STORY } from './demo/story.ts';
import { untilAskedToStop } from './launch/stop-request.ts';

export const EXIT_CODES = { 'as-expected': 0, 'not-as-expected': 1, interrupted: 130 } as const satisfies Record<
  Ending,
  number
>;

/** The process's exit code. */
export async function main(): Promise<number> {
  const output = terminalOutput(process.stdout);
  const stopRequest = untilAskedToStop(output.write);
  tell('MedAnchor, the whole story, on a throw-away instance with its own folder and ports.', output);
  return EXIT_CODES[await playStory(STORY, { output, interrupted: stopRequest.reason })];
}
