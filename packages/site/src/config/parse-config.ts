import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputFault } from '../faults.js';
import { passkeysByDefault } from './access-checks.js';
import { childOf } from './config-json-schema.js';
import { type ConfigFile, configSchema } from './config-schema.js';
import { crossChecks } from './cross-checks.js';
import { draftOf } from './draft.js';
import { type ConfigFault, type Finding, type Path, pathText } from './fault.js';
import { meant, type Unsure } from './meant.js';
import { readYaml } from './read-yaml.js';
import { shapeFaults } from './shape-faults.js';
import type { SiteConfig, StationConfig, StationInput, StationModel } from './site-config.js';

/** Largest file that is read; a configuration of 200 stations has a tenth of it. */
const LARGEST_BYTES = 2_000_000;
const DEFAULT_FIT_UNITS = 400;

export type ParsedConfig =
  | {
      readonly config: SiteConfig;
      readonly faults: null;
      /** Line of a place of the file, from 1. */
      readonly lineOf: (path: Path) => number | null;
    }
  /** In the order of the file; never empty. */
  | { readonly config: null; readonly faults: readonly ConfigFault[] };

/**
 * Reads the text of a configuration. All faults are reported at once, or a configuration with nothing left to ask.
 * Pure: looks at nothing but the text; `file` is where it lies, for paths relative to it. Never throws.
 */
export function parseConfig(text: string, file: string): ParsedConfig {
  const { content, faults, lineOf } = readYaml(text);
  const located = (finding: Finding & { readonly line?: number | null }): ConfigFault => ({
    path: pathText(finding.path),
    line: finding.line === undefined ? lineOf(finding.path) : finding.line,
    code: finding.code,
    what: finding.what,
    cure: finding.cure,
  });
  const base = dirname(resolve(file));
  if (content === undefined && faults.length > 0)
    return { config: null, faults: inOrder(faults.map(located)) };
  const given = content === null ? undefined : content;
  const within = [...faults, ...faultsOf(given, base)].map(located);
  if (within.length > 0) return { config: null, faults: inOrder(within) };
  const parsed = configSchema.parse(given);
  const hash = createHash('sha256').update(text).digest('hex');
  return { config: inForce(parsed, base, { file: resolve(file), hash }), faults: null, lineOf };
}

/** Everything that is wrong with the content of a file, by itself and with one another. */
function faultsOf(given: unknown, base: string): Finding[] {
  const { content, slips, unsure, pathOf } = meant(given);
  const shape = shapeOf(content, slips, pathOf);
  // What is said of an entry whatever its kind was to be.
  const under = unsure.flatMap(({ path, kinds }) => {
    const [first = [], ...others] = kinds.map((_, nth) => {
      const one = meant(given, nth);
      const place = JSON.stringify(one.pathOf(path)).slice(0, -1);
      return [...one.slips, ...shapeOf(one.content, one.slips, one.pathOf)].filter(
        (finding) =>
          JSON.stringify(finding.path).startsWith(`${place},`) && finding.path.length > path.length,
      );
    });
    const same = (a: Finding) => (b: Finding) => a.code === b.code && pathText(a.path) === pathText(b.path);
    return first.filter((finding) => others.every((other) => other.some(same(finding))));
  });
  const alone = [...slips, ...shape, ...under].filter(
    ({ path, code }, i, all) =>
      all.findIndex((other) => other.code === code && pathText(other.path) === pathText(path)) === i,
  );
  const named = new Set(alone.map(({ path }) => pathText(path)));
  // What is wrong by itself need not fit anything else yet.
  const across = crossChecks(draftOf(withoutKinds(content, unsure)), base)
    .map((finding) => ({ ...finding, path: pathOf(finding.path) }))
    .filter(({ path }) => !named.has(pathText(path)));
  return [...alone, ...across];
}

/** What the schema says of content that was put right, but for what was put right. */
function shapeOf(content: unknown, slips: readonly Finding[], pathOf: (path: Path) => Path): Finding[] {
  const { error } = configSchema.safeParse(content);
  // A key that is misspelt may have a wrong value besides.
  const values = slips.filter(({ code }) => code !== 'unknown-key');
  const told = new Set(values.map(({ path }) => pathText(path)));
  return shapeFaults(error?.issues ?? [], content)
    .map((finding) => ({ ...finding, path: pathOf(finding.path) }))
    .filter(({ path }) => !told.has(pathText(path)));
}

/** Entries that may be of several kinds are of none to whatever asks. The content is a copy down to them. */
function withoutKinds(content: unknown, unsure: readonly Unsure[]): unknown {
  for (const { path } of unsure) {
    const entry = path.reduce<unknown>(childOf, content);
    if (typeof entry === 'object' && entry !== null && 'kind' in entry) delete entry.kind;
  }
  return content;
}

/**
 * Reads the configuration of a file. Faults of its content are a value.
 * @throws InputFault `no-config` where there is no such file, `config-too-large`, `not-text`.
 */
export async function loadConfig(file: string): Promise<ParsedConfig> {
  const fault = (code: string, message: string, cause?: unknown) =>
    new InputFault({ code, message, file, cause });
  let bytes: Buffer;
  try {
    const { size } = await stat(file);
    if (size > LARGEST_BYTES)
      throw fault(
        'config-too-large',
        `${file} has ${size} bytes; a configuration has at most ${LARGEST_BYTES}`,
      );
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof InputFault) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EISDIR') throw fault('no-config', `${file} is a folder. Name the YAML file in it`, error);
    const why = code === 'ENOENT' ? 'there is no such file' : String((error as Error).message);
    throw fault('no-config', `${file} cannot be read: ${why}. Name the YAML file of a site`, error);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw fault('not-text', `${file} is no UTF-8 text. Save it as UTF-8`, error);
  }
  return parseConfig(text, file);
}

const inOrder = (faults: readonly ConfigFault[]): ConfigFault[] =>
  faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));

/** Fills in what depends on other places, and makes paths absolute. */
function inForce(file: ConfigFile, base: string, source: SiteConfig['source']): SiteConfig {
  const absolute = (path: string) => resolve(base, path);
  const connectors = file.connectors.map((connector) =>
    connector.kind === 'folder' ? { ...connector, path: absolute(connector.path) } : connector,
  );
  const { tls } = file.listen;
  const { oidc } = file.access;
  return {
    ...file,
    folder: absolute(file.folder),
    connectors,
    stations: file.stations.map(
      (station): StationConfig => ({
        ...station,
        input: inputOf(station, connectors),
        model: modelOf(station.model, absolute),
        applicants: station.applicants.map((one) =>
          one.kind === 'file'
            ? { ...one, file: absolute(one.file), manifest: absolute(one.manifest ?? `${one.file}.json`) }
            : one,
        ),
      }),
    ),
    access: {
      ...file.access,
      passkeys: file.access.passkeys ?? passkeysByDefault(file.access.address, file.listen.host),
      ...(oidc?.clientSecretFile === undefined
        ? {}
        : { oidc: { ...oidc, clientSecretFile: absolute(oidc.clientSecretFile) } }),
    },
    listen: {
      ...file.listen,
      ...(tls && { tls: { certificate: absolute(tls.certificate), key: absolute(tls.key) } }),
    },
    source,
  };
}

function inputOf(
  { id, input }: ConfigFile['stations'][number],
  connectors: ConfigFile['connectors'],
): StationInput {
  const connector = connectors.find((other) => other.id === input.connector);
  // Cross checks refuse a name that leads nowhere.
  if (connector === undefined) throw new RangeError(`no connector ${input.connector}`);
  if (connector.kind === 'equipment') {
    const { trigger, unit, series, row, picture, lot, context = [], interventions } = input;
    // Cross checks refuse an input without them.
    if (trigger === undefined || unit === undefined) throw new RangeError(`${id} has no trigger`);
    const tags = { trigger, unit, series, row, picture, lot, context, interventions };
    return { connector: connector.id, kind: 'equipment', tags };
  }
  if (connector.kind !== 'folder')
    return { connector: connector.id, kind: connector.kind, stream: input.stream ?? id };
  const folder = resolve(connector.path, input.subfolder ?? '.');
  const { pattern = '*', frame = null } = input;
  return { connector: connector.id, kind: 'folder', folder, pattern, frame };
}

function modelOf(
  { recipe, fitUnits, file, manifest }: ConfigFile['stations'][number]['model'],
  absolute: (path: string) => string,
): StationModel {
  if (file !== undefined)
    return { from: 'file', file: absolute(file), manifest: absolute(manifest ?? `${file}.json`) };
  if (recipe === undefined || recipe === 'score') return { from: 'score' };
  return { from: 'fit', recipe, fitUnits: fitUnits ?? DEFAULT_FIT_UNITS };
}
