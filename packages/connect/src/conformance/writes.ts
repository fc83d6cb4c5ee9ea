import { setTimeout as wait } from 'node:timers/promises';
import type { Armed } from '../contract/armed.js';
import type { Receipt } from '../contract/command.js';
import type { Tag } from '../contract/tag.js';
import { type Bench, must } from './bench.js';
import { minted } from './minted.js';
import type { Body } from './values.js';

/** What a connector that writes must refuse, and what it must not say it knows. */
export const WRITES: Readonly<Record<string, Body>> = {
  'write: an armed command reaches the equipment once': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const receipt = await bench.write(await minted(setting, { epoch, value: 321 }), setting);
    must(receipt.outcome === 'done', `an armed command was ${receipt.outcome}: ${receipt.why}`);
    must(receipt.id.startsWith('conformance-'), 'the receipt has another id than the command');
    await reached(bench, setting, [321]);
    const [sample] = await bench.read([setting]);
    must(Number(sample?.value) === 321, 'the equipment does not hold what was written');
  },

  'write: what no guard armed is refused': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const { command } = await minted(setting, { epoch, value: 322 });
    const forged = { command, epoch, seal: '00' } as unknown as Armed;
    await refused(bench, forged, setting, 'a command that no guard armed');
  },

  'write: what was armed under another epoch is refused': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const old = await minted(setting, { epoch, value: 323 });
    await bench.subject.peer.kill();
    await bench.untilNotUp();
    await bench.subject.peer.start();
    await bench.untilUp(epoch);
    await bench.untilSample(setting, (one) => one.epoch === bench.state.epoch && one.quality === 'good');
    await refused(bench, old, setting, 'a command of a former epoch');
  },

  'write: what is past its notAfterMs is refused': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const late = await minted(setting, { epoch, value: 324, leftMs: -5 });
    await refused(bench, late, setting, 'a command past its notAfterMs');
  },

  'write: what lies outside the range of the tag is refused': async (bench) => {
    const { setting, epoch } = await ready(bench);
    must(setting.range !== undefined, 'give the tag `setting` a range of [0, 1000]');
    await refused(bench, await minted(setting, { epoch, value: 1001 }), setting, 'a value outside the range');
  },

  'write: a tag that is only read, or another than the command names, is refused': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const armed = await minted(setting, { epoch, value: 325 });
    await refused(bench, armed, { ...setting, access: 'r' }, 'a write to a tag with access r');
    await refused(bench, armed, { ...setting, tag: `${setting.tag}-other` }, 'a write to another tag');
  },

  'write: without a connection it is refused, and not kept for later': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const armed = await minted(setting, { epoch, value: 326 });
    await bench.subject.peer.kill();
    await bench.untilNotUp();
    const receipt = await bench.write(armed, setting);
    must(receipt.outcome === 'refused', `a write without a connection was ${receipt.outcome}`);
    await bench.subject.peer.start();
    await bench.untilUp(epoch);
    await reached(bench, setting, []);
  },

  'write: a connection lost before the confirmation is unknown, and it is not sent again': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const { peer } = bench.subject;
    must(
      peer.cutNextWrite !== undefined,
      'the peer has no `cutNextWrite`: write it, or skip this check with the reason',
    );
    await peer.cutNextWrite();
    const receipt = await bench.write(await minted(setting, { epoch, value: 327 }), setting);
    must(receipt.outcome === 'unknown', `a write that was never confirmed was ${receipt.outcome}`);
    await bench.untilUp(epoch);
    await reached(bench, setting, [327]);
  },

  'write: a peer that does not answer ends it in time': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const { freeze } = bench.subject.peer;
    must(freeze !== undefined, 'the peer has no `freeze`: write it, or skip this check with the reason');
    await freeze.call(bench.subject.peer);
    const receipt = await bench.write(await minted(setting, { epoch, value: 328 }), setting);
    must(receipt.outcome !== 'done', 'a write that nobody confirmed was done');
  },

  'write: a closed link refuses': async (bench) => {
    const { setting, epoch } = await ready(bench);
    const armed = await minted(setting, { epoch, value: 329 });
    await bench.close();
    const receipt = await bench.write(armed, setting);
    must(receipt.outcome === 'refused', `a write to a closed link was ${receipt.outcome}`);
    await reached(bench, setting, []);
  },
};

async function ready(bench: Bench): Promise<{ setting: Tag; epoch: string }> {
  const { setting } = bench.subject.tags;
  must(setting !== undefined, 'the subject has no tag `setting` though its connector writes');
  await bench.openUp();
  return { setting, epoch: bench.state.epoch };
}

async function refused(bench: Bench, armed: Armed, tag: Tag, what: string): Promise<void> {
  let receipt: Receipt;
  try {
    receipt = await bench.write(armed, tag);
  } catch (error) {
    throw new Error(`${what} made write reject, which it never does: ${String(error)}`);
  }
  must(receipt.outcome === 'refused', `${what} was ${receipt.outcome}`);
  must(receipt.why !== '', 'a refusal does not say why');
  await reached(bench, tag, []);
}

/** After a while in which a late one would have come. */
async function reached(bench: Bench, tag: Tag, values: readonly number[]): Promise<void> {
  await wait(200);
  const { setting } = bench.subject.tags;
  const written = await bench.subject.peer.written(setting ?? tag);
  must(
    written.map(Number).join() === values.join(),
    `the equipment was written ${JSON.stringify(written.map(Number))} instead of ${JSON.stringify(values)}`,
  );
}
