import {
  AttributeIds,
  BrowseDirection,
  BrowseNextRequest,
  type BrowseNextResponse,
  BrowseRequest,
  type BrowseResponse,
  type DataValue,
  NodeClass,
  type NodeId,
  type ReferenceDescription,
} from 'node-opcua';
import type { NodeInfo } from '../contract/connector.js';
import { formatAddress, resolveAddresses } from './addresses.js';
import { wordOf } from './samples.js';
import type { Session } from './session.js';
import { scalarTypeOf } from './values.js';

const OBJECTS = 'i=85';
const HIERARCHICAL = 'i=33';
/** References asked for at a time, so that no answer outgrows a message. */
const PAGE = 1_000;
const WRITABLE = 2;

/**
 * The nodes directly below an address (`''`: the Objects folder), at most `limit`. A page is handed out before the next
 * is asked for, one request at a time; a continuation point that is not used up is given back to the server.
 * @throws RangeError where the address does not exist
 */
export async function* browseBelow(
  session: Session,
  from: string,
  limit: number,
  deadlineMs: number,
): AsyncGenerator<NodeInfo> {
  const start = from === '' ? OBJECTS : from;
  const nodeId = (await resolveAddresses(session, [start], deadlineMs)).get(start);
  if (nodeId === undefined || typeof nodeId === 'string') throw new RangeError(`${start}: ${nodeId}`);
  const request = new BrowseRequest({
    requestedMaxReferencesPerNode: Math.min(PAGE, Math.max(1, limit)),
    nodesToBrowse: [
      {
        nodeId,
        browseDirection: BrowseDirection.Forward,
        referenceTypeId: HIERARCHICAL,
        includeSubtypes: true,
        nodeClassMask: NodeClass.Object | NodeClass.Variable | NodeClass.Method,
        resultMask: 0x3f,
      },
    ],
  });
  let [page] = (await session.call<BrowseResponse>(request, deadlineMs)).results ?? [];
  const seen = new Set<string>();
  let left = limit;
  let point: Buffer | null = null;
  try {
    while (page) {
      if (page.statusCode.isNotGood()) throw new RangeError(`${start}: ${wordOf(page.statusCode)}`);
      point = page.continuationPoint && page.continuationPoint.length > 0 ? page.continuationPoint : null;
      const fresh = (page.references ?? []).filter(({ nodeId: id }) => {
        const key = id.toString();
        return seen.has(key) ? false : seen.add(key);
      });
      for (const one of await describe(session, fresh.slice(0, left))) {
        yield one;
        left -= 1;
      }
      if (point === null || left <= 0) return;
      const next: BrowseNextRequest = new BrowseNextRequest({ continuationPoints: [point] });
      [page] = (await session.call<BrowseNextResponse>(next, deadlineMs)).results ?? [];
    }
  } finally {
    if (point !== null) {
      const release = new BrowseNextRequest({ continuationPoints: [point], releaseContinuationPoints: true });
      await session.call(release, deadlineMs).catch(() => {});
    }
  }
}

async function describe(session: Session, references: readonly ReferenceDescription[]): Promise<NodeInfo[]> {
  const values = references.filter(({ nodeClass }) => nodeClass === NodeClass.Variable);
  const about = new Map<ReferenceDescription, { type?: string; writable?: boolean }>();
  const each = Math.max(1, Math.floor(session.limits.read / 2));
  for (let from = 0; from < values.length; from += each) {
    const some = values.slice(from, from + each);
    const told = await session.look(
      some.flatMap(({ nodeId }) => [
        { nodeId: nodeId.toString(), attributeId: AttributeIds.DataType },
        { nodeId: nodeId.toString(), attributeId: AttributeIds.UserAccessLevel },
      ]),
    );
    some.forEach((one, n) => {
      about.set(one, { ...typeOf(told[2 * n]), ...writableOf(told[2 * n + 1]) });
    });
  }
  return references.map((one) => ({
    address: formatAddress(one.nodeId, session.namespaces),
    name: one.browseName.name ?? '',
    kind:
      one.nodeClass === NodeClass.Variable
        ? 'value'
        : one.nodeClass === NodeClass.Method
          ? 'method'
          : 'folder',
    ...about.get(one),
  }));
}

function typeOf(told: DataValue | undefined): { type?: string } {
  const id = told?.value?.value as NodeId | undefined;
  if (id?.namespace !== 0 || typeof id.value !== 'number') return {};
  const type = scalarTypeOf(id.value);
  return type === undefined ? {} : { type };
}

function writableOf(told: DataValue | undefined): { writable?: boolean } {
  const level: unknown = told?.value?.value;
  return typeof level === 'number' ? { writable: (level & WRITABLE) !== 0 } : {};
}
