import type { Connector } from '../contract/connector.js';

/** The protocols that come along, each loaded only when a site speaks it. */
const BUILT_IN: Readonly<Record<string, () => Promise<Connector>>> = {
  'opc-ua': async () => (await import('../opc-ua/connector.js')).opcUa,
  sparkplug: async () => (await import('../sparkplug/host-connector.js')).sparkplugHost,
  'mqtt-json': async () => (await import('../mqtt/json-connector.js')).mqttJson,
  modbus: async () => (await import('../modbus/connector.js')).modbus,
};

/** Every fault of a connector's own settings, each with its place. @throws RangeError where there is no such connector. */
export async function settingFaults(
  name: string,
  settings: unknown,
): Promise<{ readonly path: readonly (string | number)[]; readonly what: string }[]> {
  const { manifest } = await loadConnector(name);
  const parsed = manifest.config.safeParse(settings);
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => ({
        path: path.map((key) => (typeof key === 'number' ? key : String(key))),
        what: message,
      }));
}

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
