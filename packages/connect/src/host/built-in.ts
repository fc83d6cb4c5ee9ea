import type { Connector } from '../contract/connector.js';

/** The protocols that come along, each loaded only when a site speaks it. */
const BUILT_IN: Readonly<Record<string, () => Promise<Connector>>> = {
  modbus: async () => (await import('../modbus/connector.js')).modbus,
};

export const PROTOCOLS: readonly string[] = Object.keys(BUILT_IN);

/**
 * A connector by the name of its protocol, or by the module that exports it as `connector`.
 * @throws RangeError where there is none.
 */
export async function loadConnector(name: string): Promise<Connector> {
  const builtIn = BUILT_IN[name];
  if (builtIn !== undefined) return builtIn();
  let module: { connector?: Connector };
  try {
    module = (await import(name)) as { connector?: Connector };
  } catch (error) {
    throw new RangeError(
      `no connector ${name}: neither one of ${PROTOCOLS.join(', ')} nor a module that loads (${String(error)})`,
    );
  }
  if (module.connector?.manifest.contract !== 1)
    throw new RangeError(`${name} exports no \`connector\` of contract 1`);
  return module.connector;
}
