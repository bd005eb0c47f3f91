// Style that a machine can check. What eslint cannot see is in test/layers.test.ts and
// test/house-rules.test.ts.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const NO_EXPORT_ALL = {
  selector: 'ExportAllDeclaration',
  message: 'Name what is exported: `export *` makes every addition public by accident.',
};
const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name, so that a thing has one name everywhere.',
};
const NO_ENUM = {
  selector: 'TSEnumDeclaration',
  message: 'Use a union of string literals, or an `as const` list.',
};
const NO_INNER_HTML = [
  {
    selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]',
    message: 'Names come from events: set textContent, or build nodes.',
  },
  {
    selector: 'CallExpression[callee.object.name="document"][callee.property.name=/^write(ln)?$/]',
    message: 'Names come from events: set textContent, or build nodes.',
  },
];
const EVERYWHERE = [NO_EXPORT_ALL, NO_ENUM, ...NO_INNER_HTML];

const ONLY_IN_APP = 'belongs to src/app: take a Clock, timers or a value as an argument.';
const NO_BARE_CLOCK = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: `\`new Date()\` ${ONLY_IN_APP}`,
  },
  {
    selector: 'CallExpression[callee.name="Date"]',
    message: `\`Date()\` ${ONLY_IN_APP}`,
  },
];
const restrictedProperties = (entries) =>
  entries.map(([object, property]) => ({ object, property, message: `It ${ONLY_IN_APP}` }));

export default tseslint.config(
  {
    ignores: ['dist/', '.cache/', 'data/', 'coverage/', 'clients/', 'src/page/static/'],
  },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-syntax': ['error', ...EVERYWHERE, NO_DEFAULT_EXPORT],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off', // An interface may want a promise.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: false },
        },
      ],
    },
  },
  {
    // Tests and benchmarks read parsed JSON and look into it.
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      // `as const` stays allowed. src/metrics/define.ts is where row types are tied together.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Only the command line ends the process.' },
      ],
    },
  },
  {
    files: ['src/metrics/define.ts'],
    rules: { '@typescript-eslint/consistent-type-assertions': 'off' },
  },
  {
    files: ['src/cli.ts', 'src/app/cli.ts', 'src/app/cli/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // Only app reads clocks, environment and randomness (ARCHITECTURE.md). setImmediate is left to
    // test/house-rules.test.ts, which wants a comment that says why.
    files: ['src/**/*.ts'],
    ignores: ['src/app/**', 'src/cli.ts', 'src/page/**'],
    rules: {
      'no-restricted-syntax': ['error', ...EVERYWHERE, NO_DEFAULT_EXPORT, ...NO_BARE_CLOCK],
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'process', 'performance'].map((name) => ({
          name,
          message: `It ${ONLY_IN_APP}`,
        })),
      ],
      'no-restricted-properties': [
        'error',
        ...restrictedProperties([
          ['Date', 'now'],
          ['Math', 'random'],
          ['performance', 'now'],
          ['crypto', 'randomUUID'],
          ['crypto', 'getRandomValues'],
          ['globalThis', 'process'],
          ['globalThis', 'setTimeout'],
          ['globalThis', 'setInterval'],
        ]),
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            ...['node:process', 'process', 'node:timers', 'node:timers/promises'].map((name) => ({
              name,
              message: `It ${ONLY_IN_APP}`,
            })),
            {
              name: 'node:crypto',
              importNames: ['randomUUID', 'randomBytes', 'randomInt'],
              message: `It ${ONLY_IN_APP}`,
            },
            {
              name: 'node:perf_hooks',
              importNames: ['performance'],
              message: `It ${ONLY_IN_APP}`,
            },
          ],
        },
      ],
    },
  },
  {
    files: ['*.config.{js,ts}', 'test/support/*-reporter.ts'],
    rules: { 'no-restricted-syntax': ['error', ...EVERYWHERE] },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        AbortSignal: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
);
