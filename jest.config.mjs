// jest runs everything, in ESM, with the packages' own sources (export condition `source`) instead of a build.
// Start it through `npm test -- ARGUMENTS` or with NODE_OPTIONS=--experimental-vm-modules.
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: {
    // Built packages import './x.js'; sources import './x.ts'. Sources are what is tested.
    '^@medanchor/verifier$': '<rootDir>/verifier/src/index.ts',
    '^@medanchor/client$': '<rootDir>/client/src/index.ts',
  },
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        swcrc: false,
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
  // Most tests wait for other processes most of the time. A worker that has grown large is replaced: modules of ESM test files
  // are never given back.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1500MB',
  // Real databases, chains and processes on two cores that others may be using: slow is not wrong.
  testTimeout: 30_000,
  coverageProvider: 'v8',
  // Applies to runs with --coverage: the step `coverage of the verifier` of npm test, and `npm test -- --coverage`.
  collectCoverageFrom: ['verifier/src/**/*.ts'],
  coverageThreshold: { './verifier/src/': { branches: 100, functions: 100, lines: 100, statements: 100 } },
};
