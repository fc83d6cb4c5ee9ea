import type { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { createServer, isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { settingFaults } from '@selvedge/connect';
import { readTls, TlsFault, type TlsPlace } from '../server/tls-files.js';
import { type ConfigFault, type Path, pathText } from './fault.js';
import { nearest } from './phrases.js';
import type { SiteConfig } from './site-config.js';

export interface SurroundingsOptions {
  /** Packs that this installation has; names under `pack` are not looked at without it. */
  readonly packs?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly lineOf?: (path: Path) => number | null;
  /** Bytes of the disk below a folder that are free to this user, and all of them. */
  readonly disk?: (folder: string) => Promise<{ readonly free: number; readonly all: number }>;
}

type Say = (path: Path, what: string, cure: string) => void;

/**
 * What a configuration needs of this machine: a folder that can be written, free space, a free port, files, packs and
 * environment variables that are there. Leaves nothing behind. All faults at once, in the order of the file.
 */
export async function checkSurroundings(
  config: SiteConfig,
  { packs, env = process.env, lineOf = () => null, disk = diskOf }: SurroundingsOptions = {},
): Promise<ConfigFault[]> {
  const faults: ConfigFault[] = [];
  const say: Say = (path, what, cure) => {
    faults.push({ path: pathText(path), line: lineOf(path), code: 'surroundings', what, cure });
  };
  await checkFolder(config, disk, say);
  await checkPort(config.listen, say);
  for (const [i, connector] of config.connectors.entries()) {
    if (connector.kind === 'folder') await readable(connector.path, ['connectors', i, 'path'], say);
    if (connector.kind === 'equipment') await checkSettings(connector, ['connectors', i], say);
    if (connector.kind === 'simulator' && packs && !packs.includes(connector.pack))
      say(
        ['connectors', i, 'pack'],
        `no pack "${connector.pack}" is installed`,
        `Write ${nearest(connector.pack, packs) ?? packs.join(', ')}`,
      );
  }
  for (const [i, { input, model }] of config.stations.entries()) {
    const place = ['stations', i];
    const connector = config.connectors.find(({ id }) => id === input.connector);
    if (input.kind === 'folder' && connector?.kind === 'folder' && input.folder !== connector.path)
      await readable(input.folder, [...place, 'input', 'subfolder'], say);
    if (model.from === 'file') await checkModel(model, [...place, 'model'], say);
  }
  if (config.listen.tls) await checkTls(config.listen.tls, config.access.address, say);
  const secretFile = config.access.oidc?.clientSecretFile;
  if (secretFile !== undefined)
    await checkSecretFile(secretFile, ['access', 'oidc', 'clientSecretFile'], say);
  const secret = config.access.oidc?.clientSecretEnv;
  if (secret !== undefined && !env[secret])
    say(
      ['access', 'oidc', 'clientSecretEnv'],
      `the environment variable ${secret} is not set`,
      'Set it for the process of the site',
    );
  return faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** A connector knows its settings itself. */
async function checkSettings(
  { speaks, settings }: { readonly speaks: string; readonly settings: Readonly<Record<string, unknown>> },
  place: Path,
  say: Say,
): Promise<void> {
  try {
    for (const { path, what } of await settingFaults(speaks, settings))
      say([...place, 'settings', ...path], what, 'See the page on connectors for what belongs there');
  } catch (error) {
    say([...place, 'speaks'], reason(error), 'Name a protocol, or install the module');
  }
}

async function checkFolder(
  { folder, retention }: SiteConfig,
  disk: NonNullable<SurroundingsOptions['disk']>,
  say: Say,
): Promise<void> {
  const existing = await nearestExisting(folder);
  const kind = await stat(existing).catch(() => null);
  if (!kind?.isDirectory()) return say(['folder'], `${existing} is no folder`, 'Name a folder');
  try {
    // The rights alone do not tell of a disk that is mounted read-only.
    const probe = join(existing, `.selvedge-check-${process.pid}`);
    await mkdir(probe);
    try {
      await writeFile(join(probe, 'probe'), 'x');
    } finally {
      await rm(probe, { recursive: true, force: true });
    }
  } catch (error) {
    say(
      ['folder'],
      `${existing} cannot be written: ${reason(error)}`,
      (error as NodeJS.ErrnoException).code === 'ENOSPC'
        ? 'Make room on its disk, or name a folder on another one'
        : 'Give the user of the site the right to write there, or name another folder',
    );
  }
  const { free, all } = await disk(existing);
  const { hardFloor, softFloor, budgets } = retention;
  if (free < hardFloor)
    say(
      ['retention', 'hardFloor'],
      `${size(free)} are free where the record is kept, ${size(hardFloor)} are the hardFloor: every gate would be closed`,
      'Make room, or lower retention.hardFloor',
    );
  else if (free < softFloor)
    say(
      ['retention', 'softFloor'],
      `${size(free)} are free where the record is kept, ${size(softFloor)} are the softFloor: content would be given up from the first minute`,
      'Make room, or lower retention.softFloor',
    );
  const wanted = Object.values(budgets).reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  if (wanted + softFloor > all)
    say(
      ['retention', 'budgets'],
      `the budgets (${size(wanted)}) and the softFloor (${size(softFloor)}) are more than the disk has (${size(all)})`,
      'Lower the budgets',
    );
}

/** The folder itself, or the one above it in which it would be made. */
async function nearestExisting(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch {
      if (dirname(at) === at) return at;
    }
  }
}

async function diskOf(folder: string): Promise<{ free: number; all: number }> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, all: blocks * bsize };
}

async function checkPort({ host, port }: SiteConfig['listen'], say: Say): Promise<void> {
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
  switch (error?.code) {
    case undefined:
      return;
    case 'EADDRINUSE':
      return say(
        ['listen', 'port'],
        `port ${port} of ${host} is in use`,
        'Take another port. If it is this site that runs there, check with --file-only',
      );
    case 'EACCES':
      return say(
        ['listen', 'port'],
        `port ${port} is not open to this user`,
        'Take a port from 1024 up, or give the right',
      );
    default:
      return say(
        ['listen', 'host'],
        `${host} is no address of this machine (${error?.code})`,
        'Write 127.0.0.1 for this machine only, 0.0.0.0 for every network of it',
      );
  }
}

async function readable(folder: string, path: Path, say: Say): Promise<void> {
  try {
    await readdir(folder);
  } catch (error) {
    say(
      path,
      `the folder ${folder} cannot be read: ${reason(error)}`,
      'Make the folder, correct the path, or give the right to read it',
    );
  }
}

async function checkModel(
  { file, manifest }: { readonly file: string; readonly manifest: string },
  path: Path,
  say: Say,
): Promise<void> {
  try {
    await access(file, constants.R_OK);
    const { size: bytes } = await stat(file);
    if (bytes === 0) say([...path, 'file'], `${file} is empty`, 'Put the model there');
  } catch (error) {
    say(
      [...path, 'file'],
      `the model ${file} cannot be read: ${reason(error)}`,
      'Put it there, or correct the path',
    );
  }
  const place = [...path, 'manifest'];
  try {
    const parsed: unknown = JSON.parse(await readFile(manifest, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      say(place, `${manifest} holds no JSON object`, 'Write what the model takes and gives as one object');
  } catch (error) {
    const broken = error instanceof SyntaxError;
    say(
      place,
      broken
        ? `${manifest} is no JSON`
        : `the manifest ${manifest} of the model cannot be read: ${reason(error)}`,
      broken ? 'Correct it' : 'Put it beside the model, or name it with `manifest`',
    );
  }
}

async function checkTls(place: TlsPlace, address: string | undefined, say: Say): Promise<void> {
  const path = ['listen', 'tls'];
  let own: X509Certificate;
  try {
    ({ own } = await readTls(place));
  } catch (error) {
    const what = error instanceof TlsFault ? error.message : `the files cannot be read: ${reason(error)}`;
    return say(path, what, 'Name a certificate and its own key, in PEM, that this user may read');
  }
  await checkPrivate(place.key, [...path, 'key'], say);
  const days = Math.floor((Date.parse(own.validTo) - Date.now()) / 86_400_000);
  if (days < 0)
    say([...path, 'certificate'], `the certificate ended on ${own.validTo}`, 'Put a new one there');
  const host = address === undefined ? undefined : new URL(address).hostname.replace(/^\[|\]$/g, '');
  if (host !== undefined && (isIP(host) === 0 ? own.checkHost(host) : own.checkIP(host)) === undefined)
    say(
      [...path, 'certificate'],
      `the certificate is not for ${host}, the host of access.address`,
      'Put one there that names it, or correct the address',
    );
}

async function checkSecretFile(file: string, path: Path, say: Say): Promise<void> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.trim() === '') say(path, `${file} is empty`, 'Put the secret of the client there');
  } catch (error) {
    return say(path, `${file} cannot be read: ${reason(error)}`, 'Put the secret there, or correct the path');
  }
  await checkPrivate(file, path, say);
}

/** A secret that every user of the machine may read is none. */
async function checkPrivate(file: string, path: Path, say: Say): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o007) !== 0)
    say(path, `every user of this machine may read ${file}`, `Take the right away: chmod o= ${file}`);
}

/** What the system says, in words. */
function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it is no folder',
    EISDIR: 'it is a folder',
    EACCES: 'this user may not',
    EPERM: 'this user may not',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
  };
  return words[code ?? ''] ?? code ?? message;
}

/** Bytes for people, e.g. `1.5 GB`. */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const number = bytes / 1000 ** step;
  return `${number.toFixed(number < 10 && step > 0 ? 1 : 0)} ${units[step]}`;
}
