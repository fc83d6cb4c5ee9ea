import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext, Server as SecureServer } from 'node:tls';

/** Where the certificate and its key lie; absolute paths, PEM. */
export interface TlsPlace {
  readonly certificate: string;
  readonly key: string;
}

export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The site's own certificate, the first of the file. */
  readonly own: X509Certificate;
}

/** The files are looked at so often: whoever renews certificates need not know of the site. */
const LOOK_MS = 10_000;

/** What is wrong with a pair of files, as a sentence. */
export class TlsFault extends Error {
  override readonly name = 'TlsFault';
}

/**
 * Reads a pair and makes sure that it fits and can be served.
 * @throws TlsFault; the error of the file system where a file cannot be read.
 */
export async function readTls({ certificate, key }: TlsPlace): Promise<TlsPair> {
  const [cert, secret] = await Promise.all([readFile(certificate), readFile(key)]);
  let own: X509Certificate;
  try {
    own = new X509Certificate(cert);
  } catch (cause) {
    throw new TlsFault(`${certificate} holds no certificate in PEM`, { cause });
  }
  try {
    createSecureContext({ cert, key: secret });
  } catch (cause) {
    throw new TlsFault(`${key} is not the private key of ${certificate}, or is encrypted`, { cause });
  }
  return { cert, key: secret, own };
}

export interface TlsWatch {
  readonly place: TlsPlace;
  readonly onPair: (pair: TlsPair) => void;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  readonly everyMs?: number;
}

/**
 * Looks at the files now and then and at once when told, and hands on what changed. A pair that is not whole yet (one
 * file is written before the other) or broken is not taken: what was served before stays, and the log says so once.
 */
export function watchTls({ place, onPair, log, everyMs = LOOK_MS }: TlsWatch): {
  readonly look: () => Promise<void>;
  readonly close: () => void;
} {
  let last: string | null = null;
  let closed = false;
  let looking: Promise<void> = Promise.resolve();
  const state = async (): Promise<string> =>
    (await Promise.all([place.certificate, place.key].map((file) => stat(file))))
      .map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`)
      .join(' ');
  const check = async (always: boolean): Promise<void> => {
    let now = 'unreadable';
    try {
      now = await state();
      if (closed || (now === last && !always)) return;
      const first = last === null;
      last = now;
      if (first && !always) return;
      const pair = await readTls(place);
      if (closed) return;
      onPair(pair);
      log('tls-renewed', { validTo: pair.own.validTo });
    } catch (error) {
      if (now !== 'unreadable' || last !== now)
        log('tls-not-taken', { why: String((error as Error).message) });
      last = now;
    }
  };
  const look = (always: boolean): Promise<void> => {
    looking = looking.then(() => check(always));
    return looking;
  };
  void look(false);
  const timer = setInterval(() => void look(false), everyMs);
  timer.unref();
  return {
    look: () => look(true),
    close: () => {
      closed = true;
      clearInterval(timer);
    },
  };
}

/**
 * Serves what is renewed: by the files' own change, and on SIGHUP. What is connected stays connected.
 * @returns what ends it.
 */
export function renewTls(
  place: TlsPlace,
  app: { readonly server: object },
  log: TlsWatch['log'],
): () => void {
  const { server } = app;
  const watch = watchTls({
    place,
    log,
    onPair: ({ cert, key }) => {
      if (server instanceof SecureServer) server.setSecureContext({ cert, key });
    },
  });
  const onHangup = (): void => void watch.look();
  process.on('SIGHUP', onHangup);
  return () => {
    process.off('SIGHUP', onHangup);
    watch.close();
  };
}
