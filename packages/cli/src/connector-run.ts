import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { CONNECTOR_TEMPLATE, TEMPLATE_PROTOCOL } from '@selvedge/connect';
import { InputFault } from '@selvedge/site';

interface ConnectorDocument {
  readonly specVersion: '1';
  readonly folder: string;
  readonly protocol: string;
  /** What was written, relative to the folder. */
  readonly files: readonly string[];
}

const PROTOCOL = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** What a build or an installation left in the template is none of it. */
const LEFT_OUT = /^(node_modules|dist)([/\\]|$)|\.tsbuildinfo$/;

/** Copies the template into a new folder. @throws InputFault where the folder holds something, or the name is none. */
export async function runConnector(
  path: string,
  { protocol: named }: { readonly protocol: string | null },
): Promise<{ document: ConnectorDocument; text: string }> {
  const folder = resolve(path);
  const protocol = named ?? basename(folder);
  if (!PROTOCOL.test(protocol))
    throw new InputFault({
      code: 'protocol-name',
      message: `${protocol} is no name of a protocol: write --protocol with small letters, digits and hyphens, such as scales-tcp`,
    });
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new InputFault({
      code: 'no-folder',
      message: `${folder} cannot be used: ${error.code}`,
      file: folder,
    });
  });
  if (there.length > 0)
    throw new InputFault({
      code: 'folder-not-empty',
      message: `${folder} holds ${there[0]} already: name a folder that does not exist`,
      file: folder,
    });
  const entries = await readdir(CONNECTOR_TEMPLATE, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(CONNECTOR_TEMPLATE, join(entry.parentPath, entry.name)))
    .filter((name) => !LEFT_OUT.test(name))
    .sort();
  const connect = relative(folder, dirname(CONNECTOR_TEMPLATE)).replaceAll('\\', '/');
  for (const name of files) {
    const text = await readFile(join(CONNECTOR_TEMPLATE, name), 'utf8');
    const own = text
      .replaceAll(TEMPLATE_PROTOCOL, protocol)
      .replace('"@selvedge/connect": "*"', `"@selvedge/connect": "file:${connect}"`);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), own, { flag: 'wx' });
  }
  const document = { specVersion: '1' as const, folder, protocol, files };
  return { document, text: textOf(document) };
}

function textOf({ folder, protocol, files }: ConnectorDocument): string {
  return `${[
    `Began a connector of ${protocol} in ${folder}: ${files.length} files.`,
    'It works as it is, with equipment that answers lines of text. Begin with README.md.',
    `Next: cd ${folder}, npm install, npm test`,
  ].join('\n')}\n`;
}
