import { setTimeout as wait } from 'node:timers/promises';
import type { Ability } from '../contract/connector.js';
import { type Bench, must } from './bench.js';

export type Body = (bench: Bench) => Promise<void>;

/** What a link tells: names of checks, and each as a function that throws what is wrong in one sentence. */
export const VALUES: Readonly<Record<string, Body>> = {
  'contract: the manifest says what the connector is': async (bench) => {
    const { manifest } = bench.subject.connector;
    must(manifest.contract === 1, 'manifest.contract is not 1');
    must(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(manifest.protocol), 'manifest.protocol is no kebab-case name');
    must(['waits', 'gap'].includes(manifest.whenFull), 'manifest.whenFull is neither waits nor gap');
    const { config } = bench.subject;
    must(manifest.config.safeParse(config).success, 'manifest.config refuses the configuration');
    const more = { ...(config as object), 'no-such-setting': 1 };
    must(!manifest.config.safeParse(more).success, 'manifest.config takes a setting that does not exist');
    await bench.open();
    const { write, browse, publish } = bench.link;
    for (const [ability, member] of Object.entries({ write, browse, publish }))
      must(
        manifest.can.has(ability as Ability) === (member !== undefined),
        `manifest.can and the link differ about ${ability}`,
      );
  },

  'absent: a peer that is not there is a state, not an error': async (bench) => {
    await bench.open();
    await bench.until(
      () => bench.states.length > 0,
      bench.limits.callMs,
      'states did not tell the present one',
    );
    await wait(300);
    must(
      bench.states.every(({ state }) => state === 'connecting' || state === 'down'),
      'the link said up without a peer',
    );
    const { moving, steady, spoilt } = bench.subject.tags;
    const order = [spoilt, moving, steady, moving];
    const samples = await bench.read(order);
    must(
      samples.map(({ tag }) => tag).join() === order.map(({ tag }) => tag).join(),
      'read did not give one sample for each tag in their order',
    );
    must(
      samples.every(({ quality, value }) => quality === 'bad' && value === null),
      'read gave a value without a peer',
    );
  },

  'absent: a peer that comes later is found': async (bench) => {
    await bench.open();
    await wait(200);
    await bench.subject.peer.start();
    await bench.subject.peer.set(bench.subject.tags.moving, 7);
    await bench.untilUp();
    await bench.untilSample(
      bench.subject.tags.moving,
      ({ quality, value }) => quality === 'good' && Number(value) === 7,
    );
  },

  'samples: type, times and epoch come with every value': async (bench) => {
    await bench.openUp();
    const { moving } = bench.subject.tags;
    const fromMs = Date.now();
    await bench.subject.peer.set(moving, 11);
    await bench.untilSample(moving, ({ value }) => Number(value) === 11);
    for (const one of [...bench.samples(moving), ...(await bench.read([moving]))]) {
      must(one.type === moving.type, 'a sample has another type than its tag');
      must(['source', 'server', 'edge'].includes(one.timeFrom), 'a sample does not say whose clock it has');
      must(Number.isFinite(one.atMs), 'a sample has no time');
      must(
        one.receivedMs > fromMs - 60_000 && one.receivedMs <= Date.now() + 1000,
        'receivedMs is not the time here',
      );
      must(one.epoch !== '' && one.epoch === bench.state.epoch, 'a sample has another epoch than the link');
    }
  },

  'sequence: numbers run from 0 without a gap': async (bench) => {
    await bench.openUp();
    const { moving } = bench.subject.tags;
    for (let value = 100; value < 110; value += 1) {
      await bench.subject.peer.set(moving, value);
      await bench.untilSample(moving, (sample) => Number(sample.value) === value);
    }
    inSequence(bench);
  },

  'bad tag: a tag that cannot be read takes no other along': async (bench) => {
    await bench.openUp();
    const { moving, spoilt } = bench.subject.tags;
    const from = bench.items.length;
    await bench.subject.peer.spoil(spoilt);
    await bench.untilSample(spoilt, ({ quality, value }) => quality === 'bad' && value === null, from);
    const told = bench.samples(spoilt, from).findLast(({ quality }) => quality === 'bad');
    must((told?.status ?? '') !== '', 'a bad sample does not say why');
    await bench.subject.peer.set(moving, 21);
    await bench.untilSample(moving, ({ quality, value }) => quality === 'good' && Number(value) === 21, from);
    must(bench.isUp, 'one bad tag took the link down');
  },

  'read: one sample for each tag, in their order, a bad one among them': async (bench) => {
    await bench.openUp();
    const { moving, steady, spoilt } = bench.subject.tags;
    await bench.subject.peer.set(moving, 31);
    await bench.untilSample(moving, ({ value }) => Number(value) === 31);
    await bench.subject.peer.spoil(spoilt);
    await bench.untilSample(spoilt, ({ quality }) => quality === 'bad');
    for (const order of [
      [steady, spoilt, moving],
      [moving, steady, spoilt, moving],
    ]) {
      const samples = await bench.read(order);
      const names = samples.map(({ tag }) => tag).join();
      must(names === order.map(({ tag }) => tag).join(), 'read gave other tags, or another order');
      for (const [i, one] of samples.entries()) {
        const wanted = order[i] === moving ? 31 : order[i] === steady ? 2 : null;
        must(
          wanted === null ? one.quality === 'bad' : one.quality === 'good' && Number(one.value) === wanted,
          'read gave a wrong value',
        );
      }
    }
    must((await bench.read([])).length === 0, 'a read of nothing gave something');
  },

  'read: calls at the same time are all answered': async (bench) => {
    await bench.openUp();
    const { moving, steady } = bench.subject.tags;
    const calls = Array.from({ length: 20 }, (_, i) => bench.read(i % 2 === 0 ? [moving] : [steady, moving]));
    const probes = [bench.link.probe(), bench.link.probe()];
    for (const [i, samples] of (await Promise.all(calls)).entries()) {
      const names = samples.map(({ tag }) => tag).join();
      must(
        names === (i % 2 === 0 ? [moving] : [steady, moving]).map(({ tag }) => tag).join(),
        'answers were mixed up',
      );
      must(
        samples.every(({ quality }) => quality === 'good'),
        'a read beside others was bad',
      );
    }
    must(
      (await Promise.all(probes)).every(({ ok }) => ok),
      'a probe beside reads failed',
    );
  },

  'reconnect: a new epoch, and every tag is told in full': async (bench) => {
    await bench.openUp();
    const { peer, tags } = bench.subject;
    const before = bench.state.epoch;
    await peer.kill();
    await bench.untilNotUp();
    await peer.set(tags.moving, 42);
    await peer.start();
    await bench.untilUp(before);
    const { epoch } = bench.state;
    for (const tag of bench.tags)
      await bench.untilSample(tag, (one) => one.epoch === epoch && one.quality === 'good');
    await bench.untilSample(tags.moving, (one) => one.epoch === epoch && Number(one.value) === 42);
    inSequence(bench);
  },

  'acknowledgement: what is not acknowledged holds the link up, or is counted': async (bench) => {
    await bench.openUp();
    const { moving } = bench.subject.tags;
    const { mostUnacknowledged } = bench.limits;
    bench.acknowledges = false;
    const taken = bench.batchesTaken;
    let value = 200;
    for (let quiet = 0; quiet < 5 && bench.batchesTaken - taken <= mostUnacknowledged; ) {
      const before = bench.batchesTaken;
      value += 1;
      await bench.subject.peer.set(moving, value);
      await bench
        .until(() => bench.batchesTaken > before, Math.max(300, 3 * moving.sampleMs), '')
        .catch(() => {});
      quiet = bench.batchesTaken > before ? 0 : quiet + 1;
    }
    must(
      bench.batchesTaken - taken <= mostUnacknowledged,
      `more than ${mostUnacknowledged} batches were handed out without an acknowledgement`,
    );
    await bench.acknowledgeAll();
    await bench.untilSample(moving, (one) => Number(one.value) === value);
    inSequence(bench);
  },
};

/** Every item has the number after the one before it in its epoch; a gap stands for as many as it says. */
function inSequence(bench: Bench): void {
  const next = new Map<string, number>();
  let epoch = '';
  for (const item of bench.items) {
    must(
      item.epoch === epoch || !next.has(item.epoch),
      'an item of a former epoch came after the next one began',
    );
    epoch = item.epoch;
    const expected = next.get(epoch) ?? 0;
    must(
      item.sequence === expected,
      `number ${item.sequence} came where ${expected} was due in epoch ${epoch}`,
    );
    next.set(epoch, expected + (item.kind === 'gap' ? Math.max(1, item.missing ?? 1) : 1));
  }
}
