import { type Tag, tagSchema } from '@selvedge/connect';
import type { Subject } from '@selvedge/connect/conformance';
import { connector } from './connector.js';
import { LinePeer } from './peer.js';

const tag = (name: string, more: Partial<Tag> = {}): Tag =>
  tagSchema.parse({ tag: name, address: `${name}.value`, type: 'double', sampleMs: 20, ...more });

/** A fresh connector with a peer of its own, for one check. */
export async function makeSubject(): Promise<Subject> {
  const peer = await LinePeer.make();
  return {
    ...{ connector, peer, config: { port: peer.port, answerMs: 300 } },
    tags: {
      moving: tag('moving'),
      steady: tag('steady'),
      spoilt: tag('spoilt'),
      setting: tag('setting', { access: 'rw', range: [0, 1000] }),
    },
    dispose: () => peer.kill(),
  };
}
