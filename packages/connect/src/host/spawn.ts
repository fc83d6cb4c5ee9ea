import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * What a connector's process inherits: how to find programs, files of its own and certificates, and how to write dates.
 * Everything else stays behind: an environment is where sites keep their secrets, and a connector asks for its own by name.
 */
const INHERITED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TEMP', 'TMP'],
  ...['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_V8_COVERAGE', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PATHEXT', 'COMSPEC'],
];

/** The part of an environment that a connector's process is given. */
export function inheritedOf(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  // Some systems write the same name otherwise.
  const names = Object.keys(env).filter(
    (name) => INHERITED.includes(name.toUpperCase()) || name.startsWith('LC_'),
  );
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Starts the process of a connector. From sources it is TypeScript and needs the loader; built, it is plain JavaScript. */
export function spawnChild(): ChildProcess {
  // A loader may have put a query behind the name.
  const source = new URL(import.meta.url).pathname.endsWith('.ts');
  const entry = fileURLToPath(new URL(source ? './child.ts' : './child.js', import.meta.url));
  const loader = source ? pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href : null;
  return fork(entry, [], {
    serialization: 'advanced',
    env: inheritedOf(process.env),
    execArgv: loader === null ? [] : ['--import', loader, '--conditions=@selvedge/source'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}
