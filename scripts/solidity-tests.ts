// Runs the Solidity fuzz tests (contracts/**/*.t.sol) against the shared build of contract-build.ts. Prints Hardhat's report
// and, as the last line, a JSON object that maps every test that ran to its outcome. Ends with 1 unless all succeeded.
//
//   node scripts/solidity-tests.ts

import { buildContracts, environmentFor } from './contract-build.ts';

interface SuiteResult {
  readonly id: { readonly name: string };
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

/** What the task returns: its report is the `value` when all went well, the `error` otherwise. */
interface TaskResult {
  readonly success: boolean;
  readonly value?: { readonly suiteResults: readonly SuiteResult[] };
  readonly error?: { readonly suiteResults: readonly SuiteResult[] };
}

const hre = await environmentFor(await buildContracts());
const result = (await hre.tasks.getTask(['test', 'solidity']).run({ noCompile: true })) as TaskResult;

// The task's own summary stays at zero when the artifacts were compiled before, so the tests are counted here.
const suites = (result.value ?? result.error)?.suiteResults ?? [];
const outcomes = suites.flatMap((suite) =>
  suite.testResults.map(({ name, status }) => [`${suite.id.name}.${name}`, status] as const),
);
console.log(JSON.stringify(Object.fromEntries(outcomes)));
process.exitCode = result.success && outcomes.length > 0 ? 0 : 1;
