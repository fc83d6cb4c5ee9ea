import { AttributeIds, type NodeId, ReadRequest, type ReadResponse, TimestampsToReturn } from 'node-opcua';
import type { Tag } from '../contract/tag.js';
import type { Resolved } from './addresses.js';
import { bad, type Reading, readingOf } from './samples.js';
import { Fault, type Session } from './session.js';

export interface ReadOptions {
  readonly deadlineMs: number;
  readonly nowMs: () => number;
}

/**
 * One reading for each tag in their order, from the equipment (`maxAge` 0), in requests that the server can take. A
 * request that it refuses makes its own tags bad. @throws where the connection fails
 */
export async function readTags(
  session: Session,
  tags: readonly Tag[],
  resolved: Resolved,
  { deadlineMs, nowMs }: ReadOptions,
): Promise<Reading[]> {
  const readings = new Map<number, Reading>();
  const there: { n: number; tag: Tag; nodeId: NodeId }[] = [];
  tags.forEach((tag, n) => {
    const nodeId = resolved.get(tag.address) ?? 'not looked up';
    if (typeof nodeId === 'string') readings.set(n, bad(tag, nodeId, nowMs()));
    else there.push({ n, tag, nodeId });
  });
  for (let from = 0; from < there.length; from += session.limits.read) {
    const some = there.slice(from, from + session.limits.read);
    const request = new ReadRequest({
      maxAge: 0,
      timestampsToReturn: TimestampsToReturn.Both,
      nodesToRead: some.map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value })),
    });
    try {
      const results = (await session.call<ReadResponse>(request, deadlineMs)).results ?? [];
      some.forEach(({ n, tag }, i) => {
        const told = results[i];
        const reading = told
          ? readingOf(tag, told, nowMs())
          : bad(tag, 'the server did not answer for it', nowMs());
        readings.set(n, reading);
      });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      for (const { n, tag } of some) readings.set(n, bad(tag, error.status.name, nowMs()));
    }
  }
  return tags.map((tag, n) => readings.get(n) ?? bad(tag, 'not read', nowMs()));
}
