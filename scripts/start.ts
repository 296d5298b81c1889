// `npm start`: runs one MedAnchor until Ctrl-C, SIGTERM, or the end of one of its parts. Called by medanchor.mjs when
// Node, dependencies and build are in place.

import { startInstance, type Instance } from './launch/instance.ts';
import { describeInstance } from './launch/page.ts';
import { loadSettings, type LauncherSettings } from './launch/settings.ts';
import { untilAskedToStop, type StopRequest } from './launch/stop-request.ts';
import { LedgerClient } from './sample/ledger-client.ts';
import { describeSample, loadSample, sampleIsAllowed } from './sample/load-sample.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The process's exit code. */
export async function main(): Promise<number> {
  const settings = loadSettings(process.env);
  const started = performance.now();
  const stopRequest = untilAskedToStop(say);
  const abort = new AbortController();
  void stopRequest.asked.then((reason) => abort.abort(new Error(reason)));
  let instance: Instance;
  try {
    instance = await startInstance({
      settings,
      environment: process.env,
      step: (text) => say(`medanchor: ${text}`),
      notice: (text) => say(`medanchor: ${text}`),
      signal: abort.signal,
    });
  } catch (error) {
    const asked = stopRequest.reason();
    if (asked === null) throw error;
    say(`\nmedanchor: ${asked}; stopped before it was ready`);
    return 0;
  }
  try {
    const sample = stopRequest.reason() === null ? await offerSample(instance, settings, stopRequest) : '';
    const early = stopRequest.reason();
    if (early !== null) return await stop(instance, early);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const page = [await describeInstance(instance), ...(sample === '' ? [] : [sample]), 'Ctrl-C stops everything.'];
    say(`\nMedAnchor is ready (${seconds} s)\n\n${page.join('\n\n')}`);
    const outcome = await Promise.race([
      stopRequest.asked.then((reason) => ({ reason, code: 0 })),
      instance.failed.then((reason) => ({ reason, code: 1 })),
    ]);
    if (outcome.code !== 0) process.stderr.write(`\nmedanchor: ${outcome.reason}\n`);
    await stop(instance, outcome.code === 0 ? outcome.reason : 'one part is missing');
    return outcome.code;
  } finally {
    await instance.stop();
  }
}

/** What the page says about the sample; empty when the ledger does not hold it. A sample never stands in the way. */
async function offerSample(instance: Instance, settings: LauncherSettings, stop: StopRequest): Promise<string> {
  if (!sampleIsAllowed({ embedded: instance.embedded, wanted: settings.MEDANCHOR_SAMPLE })) return '';
  // The sample comes in like any record system's data, which must trust the certificate by its name.
  if (settings.TLS_CERT_FILE !== undefined) return '';
  try {
    const { complete } = await loadSample(new LedgerClient(instance.apiUrl), {
      step: (text) => say(`medanchor: ${text}`),
      stopped: () => stop.reason() !== null,
    });
    return complete ? describeSample(instance.apiUrl, process.cwd()) : '';
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    say(`medanchor: the sample could not be loaded (${said}); the next start goes on with it`);
    return '';
  }
}

async function stop(instance: Instance, reason: string): Promise<number> {
  say(`\nmedanchor: ${reason}; stopping the API, the chain and the database`);
  await instance.stop();
  say('medanchor: stopped');
  return 0;
}
