// Everything that asks the launcher to stop: Ctrl-C, SIGTERM, a closed terminal, and the end of the process that
// started it (npm, or the older Node that fetched this one), which may have been killed without a word.

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
    watchParent(ask);
  });
  return { asked, reason: () => reason };
}

// Under npm only: somebody who starts the launcher with nohup from a shell wants it to stay.
function watchParent(ask: (why: string) => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) ask('npm is gone');
  }, 1000);
  timer.unref();
}
