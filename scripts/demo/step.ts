// What a step of the demo is: what it does in plain words, what must come of it, and the doing. The expectation is data,
// written before anything runs; the step only reports what it found.

import type { JsonRpcProvider } from 'ethers';
import type { Instance } from '../launch/instance.ts';
import type { LedgerClient } from '../sample/ledger-client.ts';
import type { Auditor } from './auditor.ts';

/** Named findings, in the order in which they are shown. */
export type Findings = Readonly<Record<string, string>>;

/** Everything real: a service with its own database, chain and contract, and somebody who does not trust it. */
export interface Scene {
  readonly instance: Instance;
  readonly client: LedgerClient;
  readonly chain: JsonRpcProvider;
  readonly auditor: Auditor;
  /** Stops database, chain and service and starts them again on the same data. */
  restart(): Promise<void>;
}

export interface StepOutcome {
  readonly found: Findings;
  /** Facts worth reading that no expectation can know beforehand: a transaction hash, say. */
  readonly notes?: readonly string[];
}

export interface Step {
  /** A few words, for the table. */
  readonly name: string;
  readonly story: string;
  readonly expected: Findings;
  /** The finding that stands for the step in the table. */
  readonly headline: string;
  readonly act: (scene: Scene) => Promise<StepOutcome>;
}

export interface StepResult extends StepOutcome {
  readonly step: Step;
  readonly asExpected: boolean;
  /** The step could not be carried out at all. */
  readonly error?: string;
}

/** Runs one step. What it throws is a result, too: the demo goes on and ends with a failure. */
export async function runStep(step: Step, scene: Scene): Promise<StepResult> {
  try {
    const outcome = await step.act(scene);
    return { step, ...outcome, asExpected: differences(step.expected, outcome.found).length === 0 };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { step, found: {}, asExpected: false, error: said };
  }
}

/** Names of the findings that are not as expected: another value, one missing, one more. */
export function differences(expected: Findings, found: Findings): readonly string[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].filter(
    (name) => expected[name] !== found[name],
  );
}
