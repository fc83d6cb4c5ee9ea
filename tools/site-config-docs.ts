// `npx tsx tools/site-config-docs.ts`: writes docs/site-config.schema.json and docs/site-config.md from the schema of
// the configuration. A test fails when they are out of date.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  alternatives,
  configJsonSchema,
  configTree,
  kindOf,
  type SchemaNode,
} from '../packages/site/src/config/config-json-schema.js';
import { expected, flow } from '../packages/site/src/config/phrases.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const SCHEMA_FILE = 'docs/site-config.schema.json';
export const PAGE_FILE = 'docs/site-config.md';
const EXAMPLE_FILE = 'docs/site.example.yaml';

/** The JSON schema as it is kept, in the house's format. */
export function schemaText(): string {
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'node_modules/.bin/biome'),
    ['format', `--stdin-file-path=${SCHEMA_FILE}`],
    { input: JSON.stringify(configJsonSchema()), encoding: 'utf8', cwd: ROOT },
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The reference page. */
export function pageText(): string {
  const example = readFileSync(join(ROOT, EXAMPLE_FILE), 'utf8').trim();
  return `<!-- Written by tools/site-config-docs.ts from the schema. Do not edit. -->

# Configuration of a site

One YAML file says what a site is. \`selvedge check site.yaml\` names every fault of it at once, with its line and what to write instead, and looks whether this machine has what the site needs; \`--file-only\` looks at the file alone. For editors that understand JSON schema there is [site-config.schema.json](site-config.schema.json): put \`# yaml-language-server: $schema=PATH\` into the first line.

- Paths are relative to the folder of the file. Times are in milliseconds where the key ends in \`Ms\`. Sizes have a unit. Shares are 0 to 1.
- Keys without a default are required, unless they are marked *optional*. A key that is not known is a fault.
- No secret stands in the file: a key that ends in \`Env\` takes the name of an environment variable, one that ends in \`File\` the path of a file that only the user of the site may read.
- A budget is not configured. A person with the right to do so signs it in the console, with a reason.
- A value that is used several times can be an anchor: \`takt: &usual { … }\` once, \`takt: *usual\` later.

## Example

[site.example.yaml](site.example.yaml):

\`\`\`yaml
${example}
\`\`\`
${sections(configTree(), '').join('\n')}

## Checked between sections

${CROSS.map((line) => `- ${line}`).join('\n')}
`;
}

/** What no single setting can know; \`cross-checks.ts\` and \`station-checks.ts\` hold to it. */
const CROSS = [
  'Ids of lines, connectors and stations are unique; so are the paths of HTTP connectors, the labels of a station and the names of its channels. Labels that differ in capitals alone are refused.',
  'Every `line` and every `input.connector` exists, and every connector is read by a station.',
  'No two stations read the same input, and an input selects only what its connector knows.',
  'The first answer is the good one, all others are bad.',
  'A model is either a recipe or a file; scores that arrive need `recipe: score`, and everything else another one.',
  '`takt.deadlineMs` is at most `ask.deadlineMs`, `ask.undoMs` is below it, and `gate.overdueMs` is not.',
  'A site with a simulator has the origin `simulated`.',
  'What equipment writes and the folder of the record do not lie in each other.',
  '`softFloor` is above `hardFloor`; weighted audits need an `auditFloorAccept` of at least 0.02.',
  'Where other machines can connect (`listen.host` is not this machine), `listen.tls`, `listen.trustProxy` or `plaintext: accepted` is written; an `access.address` with https needs one of the first two.',
  '`access.oidc` needs `access.address` and one place of its secret; passkeys need a name that is reached by https where other machines can connect, and no number.',
];

/** A section for each mapping, in the order of the file; small mappings stand in the table of the one above. */
function sections(node: SchemaNode, path: string): string[] {
  const out: string[] = [];
  const choices = alternatives(node);
  const depth = path === '' ? 2 : Math.min(4, 2 + (path.match(/\./g)?.length ?? 0));
  if (path !== '') out.push('', `${'#'.repeat(depth)} \`${path}\``, '', node.description ?? '');
  for (const choice of choices ?? []) {
    out.push('', `**\`kind: ${kindOf(choice)}\`** ${choice.description ?? ''}`);
    const settings = table(choice, path);
    if (settings.length > 0) out.push('', ...settings);
  }
  if (!choices) out.push('', ...table(node, path));
  for (const [key, child] of [node, ...(choices ?? [])].flatMap((one) =>
    Object.entries(one.properties ?? {}),
  )) {
    const place = path === '' ? key : `${path}.${key}`;
    const inner = child.type === 'array' && child.items ? child.items : child;
    const listed = inner === child ? place : `${place}[]`;
    if (inner.properties !== undefined || alternatives(inner) !== null)
      out.push(...sections({ ...inner, description: child.description ?? inner.description ?? '' }, listed));
  }
  return out;
}

function table(node: SchemaNode, path: string): string[] {
  const rows = Object.entries(node.properties ?? {})
    .filter(([key]) => !(key === 'kind' && node.properties?.kind?.const !== undefined))
    .map(([key, child]) => row(key, child, { required: node.required?.includes(key) ?? false, path }));
  return rows.length === 0 ? [] : ['| key | takes | default | |', '|---|---|---|---|', ...rows];
}

function row(
  key: string,
  child: SchemaNode,
  { required, path }: { required: boolean; path: string },
): string {
  const whole =
    child.default !== undefined &&
    typeof child.default === 'object' &&
    child.default !== null &&
    !Array.isArray(child.default);
  const fallback = child.default === undefined ? undefined : flow(child.default);
  const standard = whole
    ? 'see below'
    : fallback === undefined
      ? required
        ? ''
        : '*optional*'
      : `\`${fallback}\``;
  const nested =
    child.properties !== undefined || alternatives(child.items ?? child) !== null || child.items?.properties;
  const takes = nested && path === '' ? 'see below' : expected(child);
  return `| \`${key}\` | ${cell(takes)} | ${cell(standard)} | ${cell(child.description ?? '')} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(ROOT, SCHEMA_FILE), schemaText());
  writeFileSync(join(ROOT, PAGE_FILE), pageText());
}
