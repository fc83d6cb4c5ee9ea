import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AttributeIds,
  type ClientSession,
  DataType,
  type NodeId,
  OPCUAClient,
  resolveNodeId,
  StatusCodes,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderOf, NAMESPACE } from '../../test/opc-ua/kit.js';
import { openPki } from './pki.js';
import type { JobCall, OpcUaServer, UnitResult, VisionCall } from './server/options.js';
import { startOpcUaServer } from './server.js';

const UA = 'http://opcfoundation.org/UA/';
const [MACHINERY, VISION, RESULTS, JOBS, CONTROL] = [
  ...[`${UA}Machinery/`, `${UA}MachineVision`, `${UA}Machinery/Result/`, `${UA}Machinery/Jobs/`],
  `${UA}ISA95-JOBCONTROL_V2/`,
] as [string, string, string, string, string];
type Path = readonly (readonly [string, string])[];
const SYSTEM: Path = [[NAMESPACE, 'VisionSystem']];
const OUTER: Path = [...SYSTEM, [VISION, 'VisionStateMachine']];
const INNER: Path = [...OUTER, [VISION, 'AutomaticModeStateMachine']];
const SEEN: Path = [...SYSTEM, [VISION, 'ResultManagement']];
const MEASURED: Path = [[RESULTS, 'ResultManagement']];
const ORDERS: Path = [
  [JOBS, 'JobManagement'],
  [JOBS, 'JobOrderControl'],
];
const RESPONSES: Path = [
  [JOBS, 'JobManagement'],
  [JOBS, 'JobOrderResults'],
];
const resultOf = (n: number, more: Partial<UnitResult> = {}): UnitResult => ({
  ...{ id: `r-${n}`, part: `p-${n}`, job: 'j-1', recipe: 'rec', configuration: 'conf' },
  ...{ isPartial: false, isSimulated: true, atMs: 1_700_000_000_000 + n, evaluation: 'good', content: { n } },
  ...more,
});
/** UInt64 of the library: high and low half. */
const [OK, UNKNOWN_JOB, INVALID_STATUS, NOT_ACCEPTED] = [1, 2, 8, 16].map((low) => [0, low]);
const calls: (VisionCall | JobCall)[] = [];
let willing = true;
let folder: { path: string; remove: () => Promise<void> };
let server: OpcUaServer;
let client: OPCUAClient;
let session: ClientSession;

beforeAll(async () => {
  folder = await folderOf('opc-ua-methods');
  server = await startOpcUaServer({
    ...{
      port: 0,
      folder: join(folder.path, 'server'),
      namespace: NAMESPACE,
      unsecured: 'accepted',
      tags: [],
    },
    machine: { name: 'M1', manufacturer: 'Maker', serialNumber: 'S', productInstanceUri: 'urn:maker:s' },
    models: ['vision', 'results', 'jobs'],
    onCall: (call) => {
      calls.push(call);
      return willing;
    },
  });
  const path = join(folder.path, 'client');
  await mkdir(path);
  const { manager, certificateFile, applicationUri } = await openPki(path, 'Stranger');
  client = OPCUAClient.create({
    ...{ clientCertificateManager: manager, certificateFile, applicationUri, applicationName: 'Stranger' },
    endpointMustExist: false,
  });
  await client.connect(server.endpoint);
  session = await client.createSession();
  await session.readNamespaceArray();
}, 120_000);

afterAll(async () => {
  await session?.close();
  await client?.disconnect();
  await server?.close();
  await folder?.remove();
});

async function nodeAt(path: Path): Promise<NodeId> {
  const { targets } = await session.translateBrowsePath({
    startingNode: resolveNodeId('ObjectsFolder'),
    relativePath: {
      elements: [[MACHINERY, 'Machines'] as const, [NAMESPACE, 'M1'] as const, ...path].map(
        ([uri, name]) => ({
          referenceTypeId: resolveNodeId('HierarchicalReferences'),
          ...{ includeSubtypes: true, isInverse: false },
          targetName: { namespaceIndex: session.getNamespaceIndex(uri), name },
        }),
      ),
    },
  });
  const nodeId = targets?.[0]?.targetId;
  if (!nodeId) throw new Error(`nothing at ${path.flat().join(' ')}`);
  return nodeId;
}

const valueAt = async (path: Path): Promise<unknown> =>
  (await session.read({ nodeId: await nodeAt(path), attributeId: AttributeIds.Value })).value.value;
const stateAt = async (machine: Path): Promise<unknown> =>
  ((await valueAt([...machine, [UA, 'CurrentState']])) as { text: string }).text;

async function call(of: Path, name: string, uri: string, inputs: VariantOptions[]) {
  const { statusCode, outputArguments } = await session.call({
    ...{ objectId: await nodeAt(of), methodId: await nodeAt([...of, [uri, name]]), inputArguments: inputs },
  });
  return { status: statusCode.name, out: (outputArguments ?? []).map((one): unknown => one.value) };
}

/** A structure of the server's own types, made from what the server says of them. */
async function made(uri: string, name: string, fields: object): Promise<VariantOptions> {
  const folder = await nodeOfType(uri, name);
  return {
    dataType: DataType.ExtensionObject,
    value: await session.constructExtensionObject(folder, { ...fields }),
  };
}

/** A data type by its name below Structure, as any client browses it. */
async function nodeOfType(uri: string, name: string): Promise<NodeId> {
  const index = session.getNamespaceIndex(uri);
  const search = async (from: NodeId): Promise<NodeId | null> => {
    const { references } = await session.browse({
      ...{ nodeId: from, referenceTypeId: 'HasSubtype', browseDirection: 0, includeSubtypes: true },
      ...{ nodeClassMask: 0, resultMask: 63 },
    });
    for (const one of references ?? []) {
      if (one.browseName.name === name && one.browseName.namespaceIndex === index) return one.nodeId;
      const below = await search(one.nodeId);
      if (below) return below;
    }
    return null;
  };
  const found = await search(resolveNodeId('Structure'));
  if (!found) throw new Error(`there is no type ${name}`);
  return found;
}

const int32 = (value: number): VariantOptions => ({ dataType: DataType.Int32, value });
const uint32 = (value: number): VariantOptions => ({ dataType: DataType.UInt32, value });
const string = (value: string): VariantOptions => ({ dataType: DataType.String, value });
const NONE: VariantOptions = { dataType: DataType.ExtensionObject, value: null };
const NO_COMMENT: VariantOptions = {
  ...{ dataType: DataType.LocalizedText, arrayType: VariantArrayType.Array, value: [] },
};
const CAUSE = [int32(0), string('because')];

describe('methods of the companion models, called by a client that knows nothing of us', () => {
  test('Machine Vision: a method moves the machine out of its own states only, and where the machine is willing', async () => {
    server.vision('Preoperational');
    willing = false;
    expect(await call(OUTER, 'SelectModeAutomatic', VISION, [])).toEqual({ status: 'Good', out: [1] });
    expect(await stateAt(OUTER)).toBe('Preoperational');
    willing = true;
    expect(await call(OUTER, 'SelectModeAutomatic', VISION, [])).toEqual({ status: 'Good', out: [0] });
    expect([await stateAt(OUTER), await stateAt(INNER)]).toEqual(['Operational', 'Ready']);
    expect((await call(INNER, 'Stop', VISION, CAUSE)).status).toBe('BadInvalidState');
    const part = await made(VISION, 'PartIdDataType', { id: 'p-9' });
    const started = await call(INNER, 'StartSingleJob', VISION, [
      ...[NONE, part, NONE, NONE],
      { dataType: DataType.Variant, arrayType: VariantArrayType.Array, value: [] },
    ]);
    const [job, error] = started.out as [{ id: string }, number];
    expect([started.status, error]).toEqual(['Good', 0]);
    expect(calls.at(-1)).toMatchObject({ method: 'StartSingleJob', part: 'p-9', job: job.id });
    expect(await stateAt(INNER)).toBe('SingleExecution');
    expect(await call(INNER, 'Abort', VISION, CAUSE)).toEqual({ status: 'Good', out: [0] });
    expect(calls.at(-1)).toMatchObject({ method: 'Abort', why: 'because' });
    expect(await stateAt(INNER)).toBe('Ready');
    expect(await call(OUTER, 'Halt', VISION, CAUSE)).toEqual({ status: 'Good', out: [0] });
    expect((await call(INNER, 'Stop', VISION, CAUSE)).status).toBe('BadInvalidState');
    expect(await call(OUTER, 'Reset', VISION, CAUSE)).toEqual({ status: 'Good', out: [0] });
    expect(await stateAt(OUTER)).toBe('Preoperational');
  });

  test('Machine Vision: a result by its id, its parts, a list by part and state, and its handle', async () => {
    for (const n of [1, 2, 3]) server.result(resultOf(n, n === 2 ? { isPartial: true } : {}));
    const id = async (of: string) => made(VISION, 'ResultIdDataType', { id: of });
    const found = await call(SEEN, 'GetResultById', VISION, [await id('r-3'), int32(0)]);
    expect(found).toMatchObject({ status: 'Good', out: [expect.any(Number), { partId: { id: 'p-3' } }, 0] });
    const handle = uint32(found.out[0] as number);
    expect(await call(SEEN, 'ReleaseResultHandle', VISION, [handle])).toMatchObject({ out: [0] });
    expect(await call(SEEN, 'ReleaseResultHandle', VISION, [handle])).toMatchObject({ out: [1] });
    const none = await call(SEEN, 'GetResultById', VISION, [await id('r-0'), int32(0)]);
    expect(none.out).toEqual([0, null, 1]);
    const parts = await call(SEEN, 'GetResultComponentsById', VISION, [await id('r-3'), int32(0)]);
    expect(parts.status).toBe('Good');
    expect(parts.out[6]).toMatchObject({ id: 'p-3' });
    expect(parts.out[13]).toEqual(new Date(1_700_000_000_003));
    const list = (state: number, more: VariantOptions[]) =>
      call(SEEN, 'GetResultListFiltered', VISION, [int32(state), ...more, int32(0)]);
    const all = [NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE];
    const [complete, count, , whole] = (await list(1, [...all, uint32(0), uint32(0)])).out;
    expect([complete, count]).toEqual([true, 2]);
    expect(whole).toMatchObject([{ resultId: { id: 'r-1' } }, { resultId: { id: 'r-3' } }]);
    expect((await list(0, [...all, uint32(1), uint32(1)])).out).toMatchObject([
      ...[false, 1, expect.any(Number)],
      [{ resultId: { id: 'r-2' } }],
      0,
    ]);
    const part = await made(VISION, 'PartIdDataType', { id: 'p-1' });
    const ofPart = [NONE, part, NONE, NONE, NONE, NONE, NONE, NONE, uint32(0), uint32(0)];
    expect((await list(0, ofPart)).out[3]).toMatchObject([{ resultId: { id: 'r-1' } }]);
  });

  test('Machinery Result: the latest, one by its id, the list of ids; what is acknowledged is given no more', async () => {
    for (const n of [7, 8]) server.result(resultOf(n));
    const latest = await call(MEASURED, 'GetLatestResult', RESULTS, [int32(0)]);
    expect(latest).toMatchObject({ status: 'Good', out: [{}, { resultMetaData: { resultId: 'r-8' } }, 0] });
    const one = await call(MEASURED, 'GetResultById', RESULTS, [string('r-7'), int32(0)]);
    expect(one.out[1]).toMatchObject({ resultMetaData: { partId: 'p-7' } });
    const ids = { dataType: DataType.String, arrayType: VariantArrayType.Array, value: ['r-7', 'r-0'] };
    const taken = await call(MEASURED, 'AcknowledgeResults', RESULTS, [ids]);
    expect([...(taken.out[0] as Int32Array)]).toEqual([0, 1]);
    const gone = await call(MEASURED, 'GetResultById', RESULTS, [string('r-7'), int32(0)]);
    expect(gone.out.slice(1)).toEqual([null, 1]);
  });

  test('job orders: stored, started, run and cleared; each only from where it may, and refused where the machine is not willing', async () => {
    const order = (id: string) => made(CONTROL, 'ISA95JobOrderDataType', { jobOrderID: id, priority: 3 });
    const of = (name: string, id: string) => call(ORDERS, name, CONTROL, [string(id), NO_COMMENT]);
    const store = async (name: string, id: string) =>
      call(ORDERS, name, CONTROL, [await order(id), NO_COMMENT]);
    const states = async (): Promise<unknown> =>
      (
        (await valueAt([...ORDERS, [CONTROL, 'JobOrderList']])) as {
          jobOrder: { jobOrderID: string };
          state: { stateText: { text: string } }[];
        }[]
      ).map(({ jobOrder, state }) => `${jobOrder.jobOrderID} ${state[0]?.stateText.text}`);
    expect(await of('Start', 'o-1')).toEqual({ status: 'Uncertain', out: [UNKNOWN_JOB] });
    willing = false;
    expect(await store('Store', 'o-1')).toEqual({ status: 'Uncertain', out: [NOT_ACCEPTED] });
    willing = true;
    expect(await store('Store', 'o-1')).toEqual({ status: 'Good', out: [OK] });
    expect(await store('Store', 'o-1')).toEqual({ status: 'Uncertain', out: [NOT_ACCEPTED] });
    expect(await store('StoreAndStart', 'o-2')).toEqual({ status: 'Good', out: [OK] });
    expect(await states()).toEqual(['o-1 NotAllowedToStart', 'o-2 AllowedToStart']);
    expect(await of('Pause', 'o-1')).toEqual({ status: 'Uncertain', out: [INVALID_STATUS] });
    expect(await of('Start', 'o-1')).toEqual({ status: 'Good', out: [OK] });
    expect(calls.at(-1)).toEqual({ model: 'jobs', method: 'Start', job: 'o-1' });
    server.job({ id: 'a-1', job: 'o-1', state: 'Running', startMs: 1_700_000_000_000 });
    expect(await of('Pause', 'o-1')).toEqual({ status: 'Good', out: [OK] });
    expect(await of('Clear', 'o-1')).toEqual({ status: 'Uncertain', out: [INVALID_STATUS] });
    expect(await of('Abort', 'o-1')).toEqual({ status: 'Good', out: [OK] });
    expect(await of('Clear', 'o-1')).toEqual({ status: 'Good', out: [OK] });
    expect(await of('Cancel', 'o-2')).toEqual({ status: 'Good', out: [OK] });
    expect(await states()).toEqual([]);
  });

  test('job responses by the id of an order and by state', async () => {
    server.job({ id: 'b-1', job: 'o-7', state: 'Ended', endMs: 1_700_000_060_000 });
    server.job({ id: 'b-2', job: 'o-8', state: 'Running' });
    const byId = (id: string) => call(RESPONSES, 'RequestJobResponseByJobOrderID', CONTROL, [string(id)]);
    expect(await byId('o-7')).toMatchObject({ status: 'Good', out: [{ jobResponseID: 'b-1' }, OK] });
    expect(await byId('o-0')).toEqual({ status: 'Uncertain', out: [null, UNKNOWN_JOB] });
    const ended = await made(CONTROL, 'ISA95StateDataType', { stateNumber: 5 });
    const states = { ...ended, arrayType: VariantArrayType.Array, value: [ended.value] };
    const found = await call(RESPONSES, 'RequestJobResponseByJobOrderState', CONTROL, [states]);
    expect(found).toMatchObject({ status: 'Good', out: [[{ jobOrderID: 'o-7' }], OK] });
  });

  test('a server that nobody answers for refuses what would move it', async () => {
    const own = await startOpcUaServer({
      ...{
        port: 0,
        folder: join(folder.path, 'mute'),
        namespace: NAMESPACE,
        unsecured: 'accepted',
        tags: [],
      },
      machine: { name: 'M1', manufacturer: 'Maker', serialNumber: 'S', productInstanceUri: 'urn:maker:s' },
      models: ['vision'],
    });
    const other = OPCUAClient.create({ endpointMustExist: false });
    await other.connect(own.endpoint);
    const before = session;
    session = await other.createSession();
    await session.readNamespaceArray();
    const refused = await call(OUTER, 'SelectModeAutomatic', VISION, []);
    const state = await stateAt(OUTER);
    await session.close();
    session = before;
    await other.disconnect();
    await own.close();
    expect([refused.status, refused.out, state]).toEqual([StatusCodes.Good.name, [1], 'Preoperational']);
  });
});
