import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AttributeIds,
  type ClientSession,
  ClientSubscription,
  constructEventFilter,
  ObjectIds,
  OPCUAClient,
  resolveNodeId,
  TimestampsToReturn,
} from 'node-opcua';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderOf, follow, NAMESPACE, tagOf, until } from '../../test/opc-ua/kit.js';
import { openPki } from './pki.js';
import type { OpcUaServer, UnitResult } from './server/options.js';
import { startOpcUaServer } from './server.js';

const MACHINERY = 'http://opcfoundation.org/UA/Machinery/';
const VISION = 'http://opcfoundation.org/UA/MachineVision';
const RESULTS = 'http://opcfoundation.org/UA/Machinery/Result/';
const JOBS = 'http://opcfoundation.org/UA/Machinery/Jobs/';
const CONTROL = 'http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/';
const DI = 'http://opcfoundation.org/UA/DI/';
const MACHINE = `/Objects/{${MACHINERY}}Machines/{${NAMESPACE}}M1`;
const STATES = `${MACHINE}/{${NAMESPACE}}VisionSystem/{${VISION}}VisionStateMachine`;
const RESULT: UnitResult = {
  ...{ id: 'r-1', part: 'p-1', job: 'j-1', recipe: 'rec', configuration: 'conf' },
  ...{ isPartial: false, isSimulated: true, atMs: 1_700_000_000_000, evaluation: 'bad' },
  content: { width: 2.5 },
};
const text = (name: string, address: string) => tagOf({ tag: name, address, type: 'string' });
const TAGS = [
  text('maker', `${MACHINE}/{${DI}}Identification/{${DI}}Manufacturer`),
  text('serial', `${MACHINE}/{${DI}}Identification/{${DI}}SerialNumber`),
  text('outer', `${STATES}/CurrentState`),
  text('inner', `${STATES}/{${VISION}}AutomaticModeStateMachine/CurrentState`),
  tagOf({ tag: 'a/speed', type: 'double' }),
  tagOf({ tag: 'path', type: 'double', address: `${MACHINE}/{${NAMESPACE}}a/{${NAMESPACE}}speed` }),
];
let folder: { path: string; remove: () => Promise<void> };
let server: OpcUaServer;
let client: OPCUAClient;
let session: ClientSession;

beforeAll(async () => {
  folder = await folderOf('opc-ua-models');
  server = await startOpcUaServer({
    port: 0,
    folder: join(folder.path, 'server'),
    namespace: NAMESPACE,
    unsecured: 'accepted',
    tags: [{ tag: 'a/speed', type: 'double', unit: 'mm/s', range: [0, 50], value: 7 }],
    machine: {
      ...{ name: 'M1', manufacturer: 'Maker', serialNumber: 'S-7', productInstanceUri: 'urn:maker:s-7' },
      ...{ model: 'X', yearOfConstruction: 2025, location: 'hall 2' },
    },
    models: ['vision', 'results', 'jobs'],
  });
  const path = join(folder.path, 'client');
  await mkdir(path);
  const { manager, certificateFile, applicationUri } = await openPki(path, 'Reader');
  client = OPCUAClient.create({
    ...{ clientCertificateManager: manager, certificateFile, applicationUri, applicationName: 'Reader' },
    endpointMustExist: false,
  });
  await client.connect(server.endpoint);
  session = await client.createSession();
  await session.readNamespaceArray();
});

afterAll(async () => {
  await session?.close();
  await client?.disconnect();
  await server?.close();
  await folder?.remove();
});

/** The value at a path of browse names below the machine, by a client of the library. */
async function valueAt(...steps: readonly (readonly [string, string])[]): Promise<unknown> {
  const path = [[MACHINERY, 'Machines'] as const, [NAMESPACE, 'M1'] as const, ...steps];
  const { targets } = await session.translateBrowsePath({
    startingNode: resolveNodeId('ObjectsFolder'),
    relativePath: {
      elements: path.map(([uri, name]) => ({
        referenceTypeId: resolveNodeId('HierarchicalReferences'),
        includeSubtypes: true,
        isInverse: false,
        targetName: { namespaceIndex: session.getNamespaceIndex(uri), name },
      })),
    },
  });
  const nodeId = targets?.[0]?.targetId;
  if (!nodeId) throw new Error(`nothing at ${path.flat().join('/')}`);
  return (await session.read({ nodeId, attributeId: AttributeIds.Value })).value.value;
}

describe('what an OPC UA server says of its machine', () => {
  test('its identity, the states of its vision system and its tags, found by browse paths', async () => {
    server.vision('Preoperational');
    const one = await follow(
      { endpoint: server.endpoint, security: 'None', unsecured: 'accepted' },
      join(folder.path, 'client'),
      TAGS,
    );
    const saw = (tag: string, value: unknown) =>
      until(
        `${tag} ${String(value)}`,
        () => one.samplesOf(tag).some((sample) => sample.value === value),
        one.items.map(String),
      );
    await saw('maker', 'Maker');
    await saw('serial', 'S-7');
    await saw('outer', 'Preoperational');
    server.vision('Ready');
    await saw('outer', 'Operational');
    await saw('inner', 'Ready');
    server.vision('SingleExecution');
    await saw('inner', 'SingleExecution');
    await saw('a/speed', 7);
    await saw('path', 7);
    await one.link.close();
  });

  test('a unit and a range beside a value', async () => {
    const speed = [[NAMESPACE, 'a'] as const, [NAMESPACE, 'speed'] as const];
    expect(await valueAt(...speed, ['http://opcfoundation.org/UA/', 'EngineeringUnits'])).toMatchObject({
      namespaceUri: 'http://unitsofmeasure.org',
      displayName: { text: 'mm/s' },
    });
    expect(await valueAt(...speed, ['http://opcfoundation.org/UA/', 'EURange'])).toMatchObject({
      low: 0,
      high: 50,
    });
  });

  test('the latest result as Machine Vision and Machinery Result have it, each with its event', async () => {
    const subscription = ClientSubscription.create(session, {
      ...{ requestedPublishingInterval: 50, requestedLifetimeCount: 100, requestedMaxKeepAliveCount: 10 },
      publishingEnabled: true,
    });
    const monitored = await subscription.monitor(
      {
        nodeId: resolveNodeId(ObjectIds.Server),
        attributeId: AttributeIds.EventNotifier,
      },
      { samplingInterval: 0, queueSize: 100, filter: constructEventFilter(['Message', 'Severity']) },
      TimestampsToReturn.Both,
    );
    const messages: unknown[] = [];
    monitored.on('changed', (fields: unknown) => {
      messages.push((fields as { value: { text: string } }[])[0]?.value.text);
    });
    await until('the subscription', () => monitored.monitoredItemId !== undefined);
    server.result(RESULT);
    server.event('door open', 500);
    await until('three events', () => messages.length >= 3, messages);
    expect(messages).toEqual(['result r-1 of p-1', 'result r-1 of p-1', 'door open']);
    await subscription.terminate();
    const vision = await valueAt(
      [NAMESPACE, 'VisionSystem'],
      [VISION, 'ResultManagement'],
      [VISION, 'Results'],
      [NAMESPACE, 'Latest'],
    );
    expect(vision).toMatchObject({
      resultId: { id: 'r-1' },
      partId: { id: 'p-1' },
      jobId: { id: 'j-1' },
      isPartial: false,
      isSimulated: true,
      creationTime: new Date(RESULT.atMs),
    });
    const content = (vision as { resultContent: { value: string }[] }).resultContent[0]?.value ?? '';
    expect(JSON.parse(content)).toEqual({ evaluation: 'bad', width: 2.5 });
    expect(
      await valueAt([RESULTS, 'ResultManagement'], [RESULTS, 'Results'], [NAMESPACE, 'Latest']),
    ).toMatchObject({
      resultMetaData: { resultId: 'r-1', partId: 'p-1', jobId: 'j-1', resultEvaluation: 2, isPartial: false },
    });
  });

  test('responses to job orders: a newer state replaces the older one', async () => {
    server.job({ id: 'a', job: 'j-1', state: 'Running', startMs: 1_700_000_000_000 });
    server.job({ id: 'b', job: 'j-2', state: 'AllowedToStart' });
    server.job({ id: 'a', job: 'j-1', state: 'Ended', startMs: 1_700_000_000_000, endMs: 1_700_000_060_000 });
    const list = await valueAt(
      [JOBS, 'JobManagement'],
      [JOBS, 'JobOrderResults'],
      [CONTROL, 'JobOrderResponseList'],
    );
    expect(list).toMatchObject([
      { jobResponseID: 'b', jobOrderID: 'j-2', jobState: [{ stateText: { text: 'AllowedToStart' } }] },
      { jobResponseID: 'a', jobOrderID: 'j-1', jobState: [{ stateText: { text: 'Ended' }, stateNumber: 5 }] },
    ]);
  });

  test('a model that was not asked for is not there, and a model without a machine is a fault', async () => {
    const options = { port: 0, folder: join(folder.path, 'server'), tags: [] };
    await expect(startOpcUaServer({ ...options, models: ['vision'] })).rejects.toThrow(RangeError);
    expect(() => server.set('nothing', 1)).toThrow(RangeError);
    expect(() => server.set('a/speed', 'fast')).toThrow(RangeError);
  });
});
