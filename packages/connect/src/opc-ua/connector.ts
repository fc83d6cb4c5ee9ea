import type { Connector, Context, Link } from '../contract/connector.js';
import { CONTRACT_VERSION } from '../contract/connector.js';
import { type OpcUaConfig, opcUaConfig } from './config.js';

/**
 * Client of one OPC UA server (OPC 10000-4). Addresses are `nsu=<namespace uri>;s=…` (also `i=`, `g=`, `b=`; without
 * `nsu` the namespace of OPC UA itself) or browse paths `/Objects/{uri}Name/{uri}Name`, never a namespace index: that
 * one belongs to a session. The library is loaded when a link is opened.
 */
export const opcUa: Connector<typeof opcUaConfig> = {
  manifest: {
    contract: CONTRACT_VERSION,
    protocol: 'opc-ua',
    can: new Set(['read', 'subscribe', 'write', 'browse'] as const),
    config: opcUaConfig,
    whenFull: 'gap',
  },
  async open(config: OpcUaConfig, context: Context): Promise<Link> {
    const { OpcUaLink } = await import('./link.js');
    return OpcUaLink.open(config, context);
  },
};
