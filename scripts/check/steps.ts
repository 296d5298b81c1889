// The checks that are not tests. Each is one tool, run on its own, and counts as one passed or failed.

export interface Step {
  readonly name: string;
  /** A tool of node_modules/.bin and its arguments. */
  readonly tool: string;
  readonly args: readonly string[];
  /** Beside the environment of all. */
  readonly env?: Readonly<Record<string, string>>;
}

/** jest loads ES modules in a VM context only with this. */
export const JEST_ENVIRONMENT = {
  NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
};

export const STEPS: readonly Step[] = [
  { name: 'format', tool: 'prettier', args: ['--check', '--log-level=warn', '.'] },
  { name: 'lint', tool: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'lint of the contracts', tool: 'solhint', args: ['--max-warnings=0', 'contracts/**/*.sol'] },
  { name: 'types of verifier, client and api', tool: 'tsc', args: ['-b', 'verifier', 'client', 'api'] },
  { name: 'types of scripts', tool: 'tsc', args: ['-p', 'scripts'] },
  { name: 'types of test', tool: 'tsc', args: ['-p', 'test'] },
  { name: 'unused code', tool: 'knip', args: [] },
  {
    name: 'coverage of the verifier',
    tool: 'jest',
    args: ['test/verifier', '--coverage', '--coverageReporters=text-summary'],
    env: JEST_ENVIRONMENT,
  },
];
