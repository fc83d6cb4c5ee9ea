import type { BrowsePathResult, TranslateBrowsePathsToNodeIdsResponse } from 'node-opcua';
import { coerceNodeId, type NodeId, NodeIdType, TranslateBrowsePathsToNodeIdsRequest } from 'node-opcua';
import { wordOf } from './samples.js';
import type { Session } from './session.js';

const BASE = 'http://opcfoundation.org/UA/';
const ROOT = 'i=84';
const HIERARCHICAL = 'i=33';

interface Step {
  readonly uri: string;
  readonly name: string;
}

/** A node id whose namespace is a uri, or the steps from the root folder. */
export type Address =
  | { readonly kind: 'node'; readonly uri: string; readonly id: string }
  | { readonly kind: 'path'; readonly steps: readonly Step[] };

/**
 * Reads `nsu=<uri>;s=…`, `nsu=<uri>;i=…` (`g=`, `b=`), `i=…` of OPC UA's own namespace, or `/Objects/{uri}Name/{uri}Name`.
 * In a path `&` stands before `/`, `{`, `}` and `&` of a name. @throws RangeError that says what to write
 */
export function parseAddress(text: string): Address {
  if (text.startsWith('/')) return { kind: 'path', steps: parsePath(text) };
  if (/^ns=\d+/.test(text))
    throw new RangeError('a namespace index belongs to one session: write nsu=<namespace uri>;s=…');
  const found = /^(?:nsu=([^;]+);)?([isgb]=.+)$/s.exec(text);
  if (!found) throw new RangeError('write nsu=<namespace uri>;s=… or /Objects/{uri}Name/…');
  // OPC 10000-6, 5.3.1.10: a semicolon of a uri is written %3B, a per cent sign %25.
  const uri = found[1]?.replaceAll('%3B', ';').replaceAll('%25', '%');
  return { kind: 'node', uri: uri ?? BASE, id: found[2] as string };
}

function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  let uri = '';
  let name = '';
  let inside = false;
  const end = (): void => {
    if (name === '') throw new RangeError('a browse path has an empty name');
    steps.push({ uri: uri === '' ? BASE : uri, name });
    uri = '';
    name = '';
  };
  for (let at = 1; at < text.length; at += 1) {
    const letter = text[at] as string;
    if (inside) {
      if (letter === '}') inside = false;
      else uri += letter;
    } else if (letter === '&' && at + 1 < text.length) {
      at += 1;
      name += text[at];
    } else if (letter === '{' && name === '' && uri === '') inside = true;
    else if (letter === '/') end();
    else name += letter;
  }
  if (inside) throw new RangeError('a browse path has a { without its }');
  end();
  return steps;
}

/** The address of a node in words that outlive the session. */
export function formatAddress(nodeId: NodeId, namespaces: readonly string[]): string {
  const letter = { [NodeIdType.NUMERIC]: 'i', [NodeIdType.STRING]: 's', [NodeIdType.GUID]: 'g' } as const;
  const kind = letter[nodeId.identifierType as keyof typeof letter];
  const value = nodeId.value;
  const id = kind ? `${kind}=${String(value)}` : `b=${(value as Buffer).toString('base64')}`;
  const uri = (namespaces[nodeId.namespace] ?? '?').replaceAll('%', '%25').replaceAll(';', '%3B');
  return nodeId.namespace === 0 ? id : `nsu=${uri};${id}`;
}

/** Node ids of this session, or why there is none. */
export type Resolved = ReadonlyMap<string, NodeId | string>;

/** Finds the nodes of many addresses; one that does not exist says so and takes no other along. */
export async function resolveAddresses(
  session: Session,
  addresses: Iterable<string>,
  deadlineMs: number,
): Promise<Resolved> {
  const found = new Map<string, NodeId | string>();
  const paths: { text: string; steps: { index: number; name: string }[] }[] = [];
  for (const text of new Set(addresses)) {
    try {
      const address = parseAddress(text);
      if (address.kind === 'node') {
        found.set(text, coerceNodeId(address.id, indexOf(session, address.uri)));
      } else {
        const steps = address.steps.map(({ uri, name }) => ({ index: indexOf(session, uri), name }));
        paths.push({ text, steps });
      }
    } catch (error) {
      found.set(text, error instanceof Error ? error.message : String(error));
    }
  }
  for (let from = 0; from < paths.length; from += session.limits.translate) {
    const some = paths.slice(from, from + session.limits.translate);
    const request = new TranslateBrowsePathsToNodeIdsRequest({
      browsePaths: some.map(({ steps }) => ({
        startingNode: ROOT,
        relativePath: {
          elements: steps.map(({ index, name }) => ({
            referenceTypeId: HIERARCHICAL,
            includeSubtypes: true,
            isInverse: false,
            targetName: { namespaceIndex: index, name },
          })),
        },
      })),
    });
    const answer = await session.call<TranslateBrowsePathsToNodeIdsResponse>(request, deadlineMs);
    some.forEach(({ text }, i) => {
      found.set(text, targetOf(answer.results?.[i]));
    });
  }
  return found;
}

function targetOf(result: BrowsePathResult | undefined): NodeId | string {
  if (!result) return 'the server did not answer for it';
  const targets = (result.targets ?? []).filter((one) => one.remainingPathIndex === 0xffff_ffff);
  const first = targets[0]?.targetId;
  if (!first) return wordOf(result.statusCode);
  return targets.length === 1 ? (first as NodeId) : 'more than one node has this path';
}

function indexOf(session: Session, uri: string): number {
  const index = uri === BASE ? 0 : session.namespaces.indexOf(uri);
  if (index < 0) throw new RangeError(`the server has no namespace ${uri}`);
  return index;
}
