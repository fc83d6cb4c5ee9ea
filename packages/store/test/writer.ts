/**
 * A process that writes as a busy site does until it is killed, and says on stdout what was acknowledged. Arguments:
 * folder, FULL or NORMAL, and whether content is written too.
 */
import { writeSync } from 'node:fs';
import { Blobs, Journal } from '../src/index.js';

const [folder = '', synchronous = 'FULL', content = 'no'] = process.argv.slice(2);
const journal = await Journal.open(folder, {
  nowMs: Date.now,
  synchronous: synchronous === 'NORMAL' ? 'NORMAL' : 'FULL',
});
const blobs = await Blobs.open(folder);
writeSync(1, `open ${journal.head.seq}\n`);

/** One of several clients, each waiting for its own fact. */
async function client(name: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const refs =
      content === 'yes' ? [await blobs.put(Buffer.from(`${name}/${n}/${process.pid}`), 'series')] : [];
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

await Promise.all(Array.from({ length: 8 }, (_, name) => client(name)));
