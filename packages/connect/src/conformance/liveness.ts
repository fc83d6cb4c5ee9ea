import { setTimeout as wait } from 'node:timers/promises';
import { must, within } from './bench.js';
import { Made } from './made.js';
import type { Body } from './values.js';

/** How a link finds out that its peer is gone, and how it ends. */
export const LIVENESS: Readonly<Record<string, Body>> = {
  'probe: asks the peer, and says how long it took': async (bench) => {
    await bench.openUp();
    const probe = await within(bench.limits.callMs, 'probe', bench.link.probe());
    must(
      probe.ok && probe.tookMs !== null && probe.tookMs >= 0,
      `a probe of a living peer failed: ${probe.why}`,
    );
  },

  'probe: a dead peer fails it in time': async (bench) => {
    await bench.openUp();
    await bench.subject.peer.kill();
    await bench.untilNotUp();
    const probe = await within(bench.limits.callMs, 'probe', bench.link.probe());
    must(!probe.ok && probe.tookMs === null, 'a probe of a dead peer succeeded');
    must(probe.why !== '', 'a failed probe does not say why');
  },

  'probe: a peer that answers no more fails it in time': async (bench) => {
    await bench.openUp();
    const { freeze } = bench.subject.peer;
    must(freeze !== undefined, 'the peer has no `freeze`: write it, or skip this check with the reason');
    await freeze.call(bench.subject.peer);
    const probe = await within(bench.limits.callMs, 'probe', bench.link.probe());
    must(!probe.ok, 'a probe succeeded though nothing was answered: it does not ask the peer');
  },

  'liveness: a killed peer is told': async (bench) => {
    await bench.openUp();
    await bench.subject.peer.kill();
    await bench.untilNotUp();
    must(bench.state.why !== '', 'the state does not say why');
    const samples = await bench.read(bench.tags);
    must(
      samples.every(({ quality }) => quality === 'bad'),
      'read gave a good value of a killed peer',
    );
  },

  'liveness: a half-open line is found without a call': async (bench) => {
    await bench.openUp();
    const { freeze } = bench.subject.peer;
    must(freeze !== undefined, 'the peer has no `freeze`: write it, or skip this check with the reason');
    await freeze.call(bench.subject.peer);
    await bench.untilNotUp();
  },

  'close: may be called twice, and ends what is iterated': async (bench) => {
    await bench.openUp();
    await Promise.all([bench.close(), bench.close()]);
    await bench.close();
    await bench.until(
      () => bench.statesEnded && bench.batchesEnded,
      bench.limits.callMs,
      'states and batches did not end',
    );
    const probe = await within(bench.limits.callMs, 'probe', bench.link.probe());
    must(!probe.ok, 'a probe of a closed link succeeded');
    const samples = await bench.read(bench.tags);
    must(
      samples.length === bench.tags.length && samples.every(({ quality }) => quality === 'bad'),
      'read of a closed link gave no bad samples',
    );
  },

  'close: ends while the peer is away': async (bench) => {
    await bench.open();
    await wait(100);
    await bench.close();
    await bench.until(
      () => bench.statesEnded && bench.batchesEnded,
      bench.limits.callMs,
      'states and batches did not end',
    );
  },

  'close: an aborted signal closes the link': async (bench) => {
    await bench.openUp();
    bench.abort();
    await bench.until(
      () => bench.statesEnded && bench.batchesEnded,
      bench.limits.callMs,
      'an abort did not end it',
    );
  },

  'close: nothing is left that keeps the process alive': async (bench) => {
    const made = new Made();
    try {
      await made.within(async () => {
        await bench.openUp();
        await bench.close();
        await bench.subject.peer.kill();
      });
      const none = () => made.left().length === 0;
      await bench.until(none, bench.limits.callMs, 'nothing was left').catch(() => {});
      must(none(), `after close and kill there is still: ${made.left().join(', ')}`);
    } finally {
      made.end();
    }
  },
};
