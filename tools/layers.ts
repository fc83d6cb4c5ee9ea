import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';

/** One source file; `path` is relative to the root of the repository, with forward slashes. */
export type Source = { readonly path: string; readonly text: string };

type Row = {
  /** What any file of the room may import; a package name stands for its root export only. */
  readonly may: readonly string[];
  /** What only files below the named folder may import. */
  readonly only?: Readonly<Record<string, string>>;
};

const CORE = ['@selvedge/core', '@selvedge/core/records'];
const PACK: Row = { may: [...CORE, '@selvedge/models', '@selvedge/connect'] };

/** Who may import whom. A room without a row fails: adding a room means deciding what it may know. */
export const TABLE: Readonly<Record<string, Row>> = {
  'packages/core': { may: [], only: { zod: 'packages/core/src/records/' } },
  'packages/models': {
    may: [...CORE, 'sharp', 'protobufjs', 'flatbuffers', '@mediapipe/objectron'],
    only: { 'onnxruntime-node': 'packages/models/src/engine/' },
  },
  'packages/release': { may: [...CORE, '@selvedge/models'] },
  'packages/store': {
    may: CORE,
    only: { '@photostructure/sqlite': 'packages/store/src/sqlite/' },
  },
  'packages/connect': {
    may: [...CORE, 'zod'],
    only: {
      'node-opcua': 'packages/connect/src/opc-ua/',
      'node-opcua-nodesets': 'packages/connect/src/opc-ua/',
      mqtt: 'packages/connect/src/mqtt/',
      aedes: 'packages/connect/src/mqtt/',
      protobufjs: 'packages/connect/src/sparkplug/',
      'modbus-serial': 'packages/connect/src/modbus/',
    },
  },
  'packages/site': {
    may: [
      ...[...CORE, '@selvedge/models', '@selvedge/release', '@selvedge/store', '@selvedge/connect'],
      ...['sharp', 'echarts'],
      ...['hyparquet', 'hyparquet-compressors', 'csv-parse', 'zod'],
      ...['fastify', 'fastify-type-provider-zod'],
    ],
    only: {
      yaml: 'packages/site/src/config/',
      '@fastify/cookie': 'packages/site/src/access/',
      '@fastify/rate-limit': 'packages/site/src/access/',
      '@node-rs/argon2': 'packages/site/src/access/',
      '@zxcvbn-ts/language-common': 'packages/site/src/access/',
      'openid-client': 'packages/site/src/access/',
      '@simplewebauthn/server': 'packages/site/src/access/',
      '@fastify/helmet': 'packages/site/src/server/',
      '@fastify/static': 'packages/site/src/server/',
      '@fastify/swagger': 'packages/site/src/server/',
      'prom-client': 'packages/site/src/server/',
    },
  },
  'packages/console': { may: ['@selvedge/core/records', 'react', 'react-dom', 'echarts'] },
  'packages/cli': {
    may: [
      ...[...CORE, '@selvedge/models', '@selvedge/release', '@selvedge/store', '@selvedge/site'],
      '@selvedge/connect',
      ...['@selvedge/pack-seat-sewing', 'commander', 'pino', 'tsx'],
    ],
  },
  'packs/seat-sewing': PACK,
};

/** Packages never name an industry; the command line is excepted, as it names packs. "seamless" and "needless" are no trade. */
const INDUSTRY = /seam(?!less)|stitch|needle(?!ss)|bobbin|wafer|pcb|solder|sewing/i;
/** What makes a write out of a wish, and who may use it. */
const ARMS = 'packages/connect/src/guard/armed.js';
const MAY_ARM = ['guard/', 'host/', 'contract/armed.ts'].map((name) => `packages/connect/src/${name}`);
const IMPURE = new Set([
  ...['Date', 'process', 'performance', 'globalThis', 'crypto', 'fetch'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'require'],
]);
const BUILT_IN = new Set(builtinModules);

type Import = { readonly specifier: string; readonly typeOnly: boolean; readonly lazy: boolean };
type Node = { readonly type: string; readonly [key: string]: unknown };
type Read = { readonly imports: readonly Import[]; readonly names: ReadonlySet<string> };

/** Every non-test source below the two folders of rooms. */
export function readSources(root: string, kinds: readonly string[] = ['packages', 'packs']): Source[] {
  return kinds.flatMap((kind) =>
    readdirSync(join(root, kind), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(kind, name.replaceAll('\\', '/')))
      .filter((path) => /^[^/]+\/[^/]+\/src\/.*\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  );
}

/** Every breach of the house rules, one line each, `path: what is wrong`; empty when all hold. */
export function breaches(sources: readonly Source[]): string[] {
  const read = new Map(sources.map((source) => [source.path, parse(source)]));
  return [
    ...sources.flatMap(({ path, text }) => {
      const { imports, names } = read.get(path) ?? parse({ path, text });
      const found = [
        ...imports.flatMap(({ specifier }) => importBreach(path, specifier)),
        ...nameBreaches(path, names),
      ];
      const word = path.startsWith('packages/') && roomOf(path) !== 'packages/cli' && INDUSTRY.exec(text);
      return [...found, ...(word ? [`names an industry: ${word[0]}`] : [])].map((what) => `${path}: ${what}`);
    }),
    ...eagerBreaches(read),
  ];
}

function roomOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function importBreach(path: string, specifier: string): string[] {
  const room = roomOf(path);
  const row = TABLE[room];
  if (!row) return [`${room} has no row in the import table`];
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    if (!target.startsWith(`${room}/src/`)) return [`reaches out of its room: ${specifier}`];
    return target === ARMS && !MAY_ARM.some((folder) => path.startsWith(folder))
      ? ['only the guard and the host may arm a command: take `isArmed` from contract/armed.js']
      : [];
  }
  const builtIn = specifier.startsWith('node:') || BUILT_IN.has(specifier);
  if (builtIn) return room === 'packages/core' ? [`core is pure, it may not import ${specifier}`] : [];
  const name = specifier.startsWith('@selvedge/') ? specifier : packageOf(specifier);
  if (row.may.includes(name)) return [];
  const folder = row.only?.[name];
  if (folder === undefined) return [`${room} may not import ${specifier}`];
  return path.startsWith(folder) ? [] : [`only ${folder} may import ${specifier}`];
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function nameBreaches(path: string, names: ReadonlySet<string>): string[] {
  const found = [];
  if (roomOf(path) === 'packages/core') {
    for (const name of names) {
      if (IMPURE.has(name) || name === 'Math.random') found.push(`core is pure, it may not use ${name}`);
    }
  }
  if (path.startsWith('packages/') && roomOf(path) !== 'packages/cli' && names.has('console')) {
    found.push('only the command line prints: console');
  }
  return found;
}

/** What the command line loads before it knows the command: no package of ours beyond the records. */
function eagerBreaches(read: ReadonlyMap<string, Read>): string[] {
  const found: string[] = [];
  const open = ['packages/cli/src/index.ts'];
  const seen = new Set(open);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const { specifier, typeOnly, lazy } of read.get(path)?.imports ?? []) {
      if (typeOnly || lazy) continue;
      if (specifier.startsWith('@selvedge/') && specifier !== '@selvedge/core/records') {
        found.push(`${path}: loaded at start, so ${specifier} must be imported lazily`);
      }
      const next = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
      if (!specifier.startsWith('.') || seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return found;
}

function parse({ path, text }: Source): Read {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const imports: Import[] = [];
  const names = new Set<string>();
  visit(program as unknown as Node, imports, names);
  return { imports, names };
}

/** Collects imports of every form with a literal name, and every identifier that is not a mere property name. */
function visit(node: Node, imports: Import[], names: Set<string>): void {
  const add = (source: unknown, typeOnly: boolean, lazy: boolean) => {
    const value = isNode(source) ? source.value : undefined;
    if (typeof value === 'string') imports.push({ specifier: value, typeOnly, lazy });
  };
  let skip = '';
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      add(node.source, node.importKind === 'type' || node.exportKind === 'type', false);
      break;
    case 'ImportExpression':
      add(node.source, false, true);
      break;
    case 'TSImportType':
      add(node.source, true, false);
      break;
    case 'TSExternalModuleReference':
      add(node.expression, false, false);
      break;
    case 'CallExpression': {
      const [first] = node.arguments as Node[];
      if (isNode(node.callee) && node.callee.name === 'require') add(first, false, false);
      break;
    }
    case 'Identifier':
      names.add(String(node.name));
      break;
    case 'MemberExpression': {
      const { object, property } = node as Node & { object: Node; property: Node };
      if (object.type === 'Identifier') names.add(`${object.name}.${property.name ?? property.value}`);
      if (!node.computed) skip = 'property';
      break;
    }
    case 'Property':
    case 'PropertyDefinition':
    case 'MethodDefinition':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
      if (!node.computed && !node.shorthand) skip = 'key';
      break;
  }
  for (const [key, value] of Object.entries(node)) {
    if (key === skip) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) visit(child, imports, names);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
