import { expect, it, onTestFinished } from 'vitest';
import { accountOf, LineUnderSite } from '../studies-kit/line-under-site.js';

it('a line and its site over OPC UA and Sparkplug: every cover once, every verdict back, through a kill of the line and of a connector', {
  timeout: 240_000,
}, async () => {
  const plant = await LineUnderSite.open({ seed: 3, speed: 25 });
  onTestFinished(() => plant.remove());
  await plant.go();
  await plant.made(6);
  await plant.kill('connector');
  await plant.made(10);
  await plant.kill('line');
  await plant.made(14);
  await plant.connected();
  await plant.drain();
  await plant.stop();
  const account = await accountOf(plant.folder);
  expect(account.made).toBeGreaterThanOrEqual(14);
  expect(account).toMatchObject({
    ...{ once: account.made, missing: [], twice: [], toldOtherwise: [], toldTwice: 0 },
    believedTold: [],
    ...{ safetyTouched: 0, unintended: 0 },
  });
  // What has no verdict lies on the rack, and the site knows that: a write is never sent a second time.
  expect(account.told + account.onTheRack.length).toBe(account.made);
});
