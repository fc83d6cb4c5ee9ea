import { join } from 'node:path';
import { AttributeIds, ClientSubscription, OPCUAClient, TimestampsToReturn } from 'node-opcua';
import { expect, onTestFinished, test } from 'vitest';
import { folderOf, follow, NAMESPACE, pause, tagOf, until } from '../../test/opc-ua/kit.js';
import { openPki } from './pki.js';
import { overflowed, qualityOf } from './samples.js';
import { startOpcUaServer } from './server.js';

test.each([true, false])(
  'a tag that goes bad while a slow client has a full queue: the server goes on, and the client sees both (oldest go: %s)',
  async (discardOldest) => {
    const folder = await folderOf('opc-ua-queue');
    onTestFinished(folder.remove);
    const server = await startOpcUaServer({
      ...{ port: 0, folder: join(folder.path, 'server'), namespace: NAMESPACE, unsecured: 'accepted' },
      tags: [{ tag: 'count', type: 'int32', value: 0 }],
    });
    onTestFinished(() => server.close());
    const { manager, certificateFile, applicationUri } = await openPki(folder.path, 'Slow');
    const client = OPCUAClient.create({
      ...{ clientCertificateManager: manager, certificateFile, applicationUri, applicationName: 'Slow' },
      endpointMustExist: false,
    });
    await client.connect(server.endpoint);
    onTestFinished(() => client.disconnect());
    const session = await client.createSession();
    onTestFinished(async () => void (await session.close()));
    const index = (await session.readNamespaceArray()).indexOf(NAMESPACE);
    const subscription = ClientSubscription.create(session, {
      ...{ requestedPublishingInterval: 2_000, requestedLifetimeCount: 100, requestedMaxKeepAliveCount: 10 },
      publishingEnabled: true,
    });
    const item = await subscription.monitor(
      { nodeId: `ns=${index};s=count`, attributeId: AttributeIds.Value },
      { samplingInterval: 0, queueSize: 3, discardOldest },
      TimestampsToReturn.Both,
    );
    const seen: { value: unknown; quality: string; gap: boolean }[] = [];
    item.on('changed', ({ value, statusCode }) =>
      seen.push({
        ...{ value: value.value, quality: qualityOf(statusCode), gap: overflowed(statusCode) },
      }),
    );
    await until('the first value', () => seen.length > 0);
    for (let n = 1; n <= 9; n++) {
      server.set('count', n, undefined, n % 3 === 0 ? 'bad' : n % 3 === 1 ? 'uncertain' : 'good');
      // The server looks every 50 ms.
      await pause(120);
    }
    const lost = await until('what is left of nine', () => seen.find(({ gap }) => gap), seen);
    expect(lost).toMatchObject(
      discardOldest ? { value: 7, quality: 'uncertain' } : { value: null, quality: 'bad' },
    );
    server.set('count', 10);
    await until('what comes later', () => seen.find(({ value, gap }) => value === 10 && !gap), seen);
  },
);

test('whoever asks for each change is told of each, also of those within one turn, and of none twice', async () => {
  const folder = await folderOf('opc-ua-changes');
  onTestFinished(folder.remove);
  const server = await startOpcUaServer({
    ...{ port: 0, folder: join(folder.path, 'server'), namespace: NAMESPACE, unsecured: 'accepted' },
    tags: [{ tag: 'count', type: 'int32', value: 0 }],
  });
  onTestFinished(() => server.close());
  // It changes while it is looked up, followed and read for the first time.
  let count = 0;
  const busy = setInterval(() => server.set('count', ++count), 10);
  const one = await follow(
    { endpoint: server.endpoint, security: 'None', unsecured: 'accepted', sampling: 'every-change' },
    join(folder.path, 'client'),
    [tagOf({ tag: 'count', type: 'int32', sampleMs: 10 })],
  );
  onTestFinished(() => one.link.close());
  await one.state('up');
  clearInterval(busy);
  for (let n = 0; n < 5; n++) server.set('count', ++count);
  await until('the last', () => one.samplesOf('count').at(-1)?.value === count, one.samplesOf('count'));
  const values = one.samplesOf('count').map(({ value }) => Number(value));
  const [first = 0] = values;
  expect(values).toEqual(Array.from({ length: count - first + 1 }, (_, n) => first + n));
});
