import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';

export interface BrokerOptions {
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Name to password; absent: anybody may come. */
  readonly users?: Readonly<Record<string, string>>;
  /** Files in PEM; with `ca` a client must show a certificate of it. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
}

/** A broker on this machine's loopback, for demonstrations and tests. */
export interface Broker {
  readonly kind: 'mosquitto' | 'embedded';
  readonly port: number;
  readonly url: string;
  /** The newest version it speaks: 5, or 4 for MQTT 3.1.1. */
  readonly version: 4 | 5;
  /** Idempotent; `kill` gives nobody time. */
  stop(how?: 'kill'): Promise<void>;
}

const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'];

/** Runs the broker until it is told a signal, or nobody is there any more to tell one. */
const KEEPER =
  '"$0" -c "$1" & broker=$!; read -r how; [ -n "$how" ] || how=TERM; kill -"$how" $broker; wait $broker 2>/dev/null';

/** Where mosquitto is installed, or undefined. */
export function findMosquitto(): string | undefined {
  return MOSQUITTO.find((file) => existsSync(file));
}

/** Mosquitto where it is installed, the embedded one elsewhere. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  return findMosquitto() === undefined ? startEmbeddedBroker(options) : startMosquitto(options);
}

/**
 * Mosquitto as a child process with a configuration of its own.
 * @throws Error where it is not installed or does not listen within ten seconds; its own words are in the message.
 */
export async function startMosquitto(options: BrokerOptions = {}): Promise<Broker> {
  const program = findMosquitto();
  if (program === undefined) throw new Error('mosquitto is not installed');
  const port = options.port || (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'selvedge-mosquitto-'));
  // It drops to a user of its own where it is started by root, and must read its files then.
  chmodSync(folder, 0o755);
  const lines = [`listener ${port} 127.0.0.1`, 'persistence false', 'log_dest stderr', 'log_type error'];
  if (options.users) {
    const file = join(folder, 'users');
    const words = Object.entries(options.users).map(([name, password]) => `${name}:${password}\n`);
    writeFileSync(file, words.join(''), { mode: 0o644 });
    const hashed = spawnSync('mosquitto_passwd', ['-U', file]);
    if (hashed.status !== 0) throw new Error('mosquitto_passwd could not hash the passwords');
    chmodSync(file, 0o644);
    lines.push('allow_anonymous false', `password_file ${file}`);
  } else {
    lines.push('allow_anonymous true');
  }
  if (options.tls) {
    const { cert, key, ca } = options.tls;
    lines.push(`certfile ${cert}`, `keyfile ${key}`);
    if (ca) lines.push(`cafile ${ca}`, 'require_certificate true');
  }
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 });
  // Whatever becomes of this process, its end of the pipe closes, and the broker ends with it.
  const child = spawn('/bin/sh', ['-c', KEEPER, program, file], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-2_000);
  });
  const stop = async (how?: 'kill') => {
    await endOfChild(child, how === 'kill' ? 'KILL' : 'TERM');
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (child.exitCode !== null || tries > 200) {
      await stop('kill');
      throw new Error(`mosquitto does not listen on ${port}: ${said}`);
    }
    await wait(50);
  }
  return { kind: 'mosquitto', port, url: urlOf(port, options), version: 5, stop };
}

/** Aedes inside this process: MQTT 3.1.1 alone, nothing kept on disk. */
export async function startEmbeddedBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const { users, tls } = options;
  if (users)
    aedes.authenticate = (_client, user, password, done) =>
      done(null, user !== undefined && users[user] !== undefined && users[user] === password?.toString());
  const sockets = new Set<Socket>();
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    aedes.handle(socket);
  };
  const server: Server = tls
    ? createTlsServer(
        {
          cert: readFileSync(tls.cert),
          key: readFileSync(tls.key),
          ...(tls.ca ? { ca: readFileSync(tls.ca), requestCert: true, rejectUnauthorized: true } : {}),
        },
        take,
      )
    : createServer(take);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  let stopped: Promise<void> | null = null;
  const end = async (how?: 'kill') => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // A killed broker says nothing to anybody: the sockets go first.
    if (how === 'kill') for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    ...{ kind: 'embedded', port, url: urlOf(port, options), version: 4 },
    stop: (how) => {
      stopped ??= end(how);
      return stopped;
    },
  };
}

/** A port of this machine's loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function urlOf(port: number, options: BrokerOptions): string {
  return `${options.tls ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function endOfChild(child: ChildProcessByStdio<Writable, null, Readable>, signal: 'KILL' | 'TERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin.on('error', () => {});
  child.stdin.end(`${signal}\n`);
  await gone;
}
