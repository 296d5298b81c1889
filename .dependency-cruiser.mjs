// Who may import whom. Run as a test (test/architecture/dependencies.test.ts), which also checks that modules were read
// at all: with the wrong TypeScript, dependency-cruiser reads none and finds nothing wrong.
const STAGES = 'append|integrate|checkpoint|anchor|confirm|prove|fsck|erase';
const ADAPTER = '\\.(pg|evm|file|vault)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'verifier-is-pure',
      comment: 'runs in a browser: nothing but itself and the two noble packages, no node: modules',
      severity: 'error',
      from: { path: '^verifier/src' },
      to: { pathNot: ['^verifier/src', '^node_modules/@noble/(hashes|curves)/'] },
    },
    {
      name: 'verifier-cli-stands-alone',
      comment: 'the auditor’s tool: the library and Node, nothing else',
      severity: 'error',
      from: { path: '^verifier/(cli|bin)' },
      to: { dependencyTypesNot: ['core', 'local', 'type-only', 'import', 'export'], pathNot: '^verifier/' },
    },
    {
      name: 'client-is-portable',
      comment: 'runs wherever fetch and Web Crypto do: the verifier and jose, no node: modules',
      severity: 'error',
      from: { path: '^client/src' },
      to: { pathNot: ['^client/src', '^verifier/', '^node_modules/jose/'] },
    },
    {
      name: 'client-knows-the-verifier-only',
      severity: 'error',
      from: { path: '^client' },
      to: { path: '^(api|web|contracts|scripts|test)/' },
    },
    {
      name: 'verifier-knows-nobody',
      severity: 'error',
      from: { path: '^verifier' },
      to: { path: '^(api|client|web|contracts|scripts|test)/' },
    },
    {
      name: 'platform-is-lowest',
      severity: 'error',
      from: { path: '^api/src/platform' },
      to: { path: '^api/src/(ledger|records|identity|isms|access-log|privacy)/' },
    },
    {
      name: 'ledger-not-upwards',
      severity: 'error',
      from: { path: '^api/src/ledger' },
      to: { path: '^api/src/(records|identity|isms|access-log|privacy)/' },
    },
    {
      name: 'stages-do-not-see-each-other',
      comment: 'they meet in store/ and chain/ only',
      severity: 'error',
      from: { path: `^api/src/ledger/(${STAGES})/` },
      to: { path: `^api/src/ledger/(${STAGES})/`, pathNot: '^api/src/ledger/$1/' },
    },
    {
      name: 'store-and-chain-know-no-stage',
      severity: 'error',
      from: { path: '^api/src/ledger/(store|chain)/' },
      to: { path: `^api/src/ledger/(${STAGES})/` },
    },
    {
      name: 'only-the-module-sees-adapters',
      severity: 'error',
      from: { path: '^api/src', pathNot: ['\\.module\\.ts$', ADAPTER] },
      to: { path: ADAPTER },
    },
    {
      name: 'rules-and-ports-are-framework-free',
      severity: 'error',
      from: { path: ['\\.(rules|port)\\.ts$', '^api/src/.*/model\\.ts$'] },
      to: { path: '^node_modules/(@nestjs|typeorm|pg|ethers|fastify)/' },
    },
    {
      name: 'ledger-through-its-front-door',
      severity: 'error',
      from: { path: '^api/src/(records|identity|isms|access-log|privacy)/' },
      to: { path: '^api/src/ledger/', pathNot: '^api/src/ledger/index\\.ts$' },
    },
    {
      name: 'areas-through-front-doors',
      severity: 'error',
      from: { path: '^api/src/(records|identity|isms|access-log|privacy)/' },
      to: { path: '^api/src/(records|identity|isms|access-log|privacy)/', pathNot: ['^api/src/$1/', '/index\\.ts$'] },
    },
    {
      name: 'isms-modules-through-front-doors',
      severity: 'error',
      from: { path: '^api/src/isms/([^/]+)/' },
      to: { path: '^api/src/isms/', pathNot: ['^api/src/isms/$1/', '/index\\.ts$'] },
    },
    { name: 'web-not-api', severity: 'error', from: { path: '^web' }, to: { path: '^(api|contracts|scripts)/' } },
    {
      name: 'web-features-are-islands',
      severity: 'error',
      from: { path: '^web/src/features/([^/]+)/' },
      to: { path: '^web/src/features/', pathNot: '^web/src/features/$1/' },
    },
    {
      name: 'web-flows-downwards',
      severity: 'error',
      from: { path: '^web/src/(ui|lib)/' },
      to: { path: '^web/src/(features|app)/' },
    },
    {
      name: 'production-never-imports-test',
      severity: 'error',
      from: { path: '^(verifier|client|api|web|contracts|scripts)/' },
      to: { path: '^test/' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-undeclared-packages',
      comment: 'a package that is only there because another one brings it may go with that one',
      severity: 'error',
      from: { path: '^(verifier|client|api|scripts)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'production-needs-no-dev-dependency',
      severity: 'error',
      from: { path: '^(verifier|client|api)/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: ['^node_modules/@types/', '^node_modules/@noble/'],
      },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules' },
    exclude: { path: ['/dist/', '^artifacts', '^cache', '^coverage'] },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
