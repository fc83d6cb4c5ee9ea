/**
 * A process that writes as a busy site does until it is killed, and says on stdout what was acknowledged. Arguments:
 * folder, FULL or NORMAL, and whether content is written too: small, and now and then too large for the journal's own file.
 */
import { writeSync } from 'node:fs';
import { Blobs, Journal } from '../src/index.js';

const [folder = '', synchronous = 'FULL', content = 'no'] = process.argv.slice(2);
const journal = await Journal.open(folder, {
  nowMs: Date.now,
  synchronous: synchronous === 'NORMAL' ? 'NORMAL' : 'FULL',
});
const blobs = await Blobs.open(folder, journal.db);
writeSync(1, `open ${journal.head.seq}\n`);

/** One of several clients, each waiting for its own fact. */
async function client(name: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const refs =
      content === 'yes'
        ? [await blobs.carry(contentOf(`${name}/${n}/${process.pid}`, n + name), 'series')]
        : [];
    const body = { client: name, n, text: 'x'.repeat((n * 37) % 600), blobs: refs.map((ref) => ref.hash) };
    const { seq, hash } = await journal.append({
      kind: 'decision',
      subject: `unit:${name}-${n}`,
      atMs: Date.now(),
      body,
      blobs: refs,
    });
    writeSync(1, `ack ${seq} ${hash}\n`);
  }
}

/** Up to 24 kB; every eighth goes to a file. Every fifth is one that another row has named before. */
const contentOf = (text: string, n: number): Buffer => {
  if (n % 5 === 4) return Buffer.alloc(9000, n % 10);
  return Buffer.alloc(n % 8 === 7 ? 70_000 : 12 + ((n * 997) % 24_000), text);
};

await Promise.all(Array.from({ length: 8 }, (_, name) => client(name)));
