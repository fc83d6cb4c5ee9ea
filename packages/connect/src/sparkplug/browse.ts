import type { NodeInfo } from '../contract/connector.js';
import type { EdgeView, KnownMetric } from './edge-view.js';

interface Edges {
  edges(): readonly string[];
  edge(key: string): EdgeView | undefined;
}

/**
 * What births have declared: edge nodes at the top, below `group/edge` its devices and own metrics, below
 * `group/edge/device` the device's metrics. At most `limit`.
 */
export async function* browseEdges(host: Edges, from: string, limit: number): AsyncGenerator<NodeInfo> {
  let left = limit;
  for (const node of below(host, from)) {
    if (left <= 0) return;
    left -= 1;
    yield node;
  }
}

function* below(host: Edges, from: string): Generator<NodeInfo> {
  if (from === '') {
    for (const key of host.edges()) yield folder(key, key);
    return;
  }
  const [group = '', edge = '', device] = from.split('/');
  const view = host.edge(`${group}/${edge}`);
  if (!view) return;
  if (device === undefined) {
    for (const name of view.devices()) yield folder(`${group}/${edge}/${name}`, name);
    for (const metric of view.metricsOf(null)) yield value(`${group}/${edge}/`, metric);
  } else {
    for (const metric of view.metricsOf(device === '' ? null : device))
      yield value(`${group}/${edge}/${device}`, metric);
  }
}

function folder(address: string, name: string): NodeInfo {
  return { address, name, kind: 'folder' };
}

function value(party: string, { name, datatype }: KnownMetric): NodeInfo {
  return { address: `${party}/${name}`, name, kind: 'value', ...(datatype ? { type: datatype } : {}) };
}
