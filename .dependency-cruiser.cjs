/** The layers of core, in the order a reader meets them (docs/architecture.md): imports only point down this list. */
const LAYERS = [
  'app',
  'config',
  'routing',
  'orders',
  'connection',
  'vault',
  'instruments',
  'transport',
  'resilience',
  'stores',
  'contract',
  'domain',
  'runtime',
  'errors',
];

const TESTS = '\\.test\\.ts$';

/** One rule a layer: it imports nothing above itself. `config` is composed by `app` alone. */
const downwards = LAYERS.slice(1).map((layer, index) => ({
  name: `core/${layer} imports only downwards`,
  severity: 'error',
  from: { path: `^packages/core/src/${layer}/`, pathNot: TESTS },
  to: { path: `^packages/core/src/(${LAYERS.slice(0, index + 1).join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...downwards,
    {
      name: 'no cycles',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing imports a door from inside its package',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/.+/', pathNot: TESTS },
      to: { path: '^packages/[^/]+/src/(index|adapter|store)\\.ts$', pathNot: '^packages/core/src/' },
    },
    {
      name: 'core knows no broker, no store, no simulator',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: TESTS },
      to: { path: '^packages/(?!core/)' },
    },
    {
      name: 'brokers and stores know core through its doors alone',
      severity: 'error',
      from: { path: '^packages/(xts|broker-[^/]+|store-[^/]+|migrate|testkit)/src/', pathNot: TESTS },
      to: { path: '^packages/core/src/', pathNot: '^packages/core/src/(index|adapter|store)\\.ts$' },
    },
    {
      name: 'a broker or store knows no other package',
      severity: 'error',
      from: { path: '^packages/((broker|store)-[^/]+|migrate)/src/', pathNot: TESTS },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/core/', '^packages/xts/src/index\\.ts$'] },
    },
    {
      name: 'the XTS base knows no broker',
      severity: 'error',
      from: { path: '^packages/xts/src/', pathNot: TESTS },
      to: { path: '^packages/(?!xts/|core/)' },
    },
    {
      name: 'the simulator shares no code with what it tests',
      severity: 'error',
      from: { path: '^packages/simulator/src/' },
      to: { path: '^packages/(?!simulator/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
