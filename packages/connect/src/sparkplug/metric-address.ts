import { isSparkplugId } from './topics.js';

/** Where a tag is: the edge node (`group/edge`), its device or null for the node itself, and the metric's name. */
export interface MetricAddress {
  readonly edge: string;
  readonly device: string | null;
  readonly metric: string;
}

/** `group/edge/device/metric`; the metric may hold slashes, an empty device is the node itself. Undefined where it is not that. */
export function parseMetricAddress(address: string): MetricAddress | undefined {
  const [group = '', edge = '', device = '', ...rest] = address.split('/');
  const metric = rest.join('/');
  if (!isSparkplugId(group) || !isSparkplugId(edge) || metric === '') return undefined;
  if (device !== '' && !isSparkplugId(device)) return undefined;
  return { edge: `${group}/${edge}`, device: device === '' ? null : device, metric };
}
