// Everything that asks the launcher to stop: Ctrl-C, SIGTERM (medanchor.mjs sends it too when npm is gone), a closed
// terminal, and the end of the older Node that fetched this one, which may have been killed without a word.

export interface StopRequest {
  readonly asked: Promise<string>;
  /** The reason when somebody has asked already, else null. */
  reason(): string | null;
}

export function untilAskedToStop(say: (text: string) => void): StopRequest {
  let reason: string | null = null;
  const asked = new Promise<string>((resolve) => {
    const ask = (why: string): void => {
      if (reason !== null) return;
      reason = why;
      resolve(why);
    };
    process.on('SIGINT', () => {
      if (reason !== null) say('medanchor: already stopping, a few seconds');
      ask('Ctrl-C');
    });
    process.on('SIGTERM', () => ask('SIGTERM'));
    process.on('SIGHUP', () => ask('the terminal was closed'));
    process.on('disconnect', () => ask('the process that started it is gone'));
  });
  return { asked, reason: () => reason };
}
