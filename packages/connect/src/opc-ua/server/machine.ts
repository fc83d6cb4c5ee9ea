import { type AddressSpace, DataType, type Namespace, type UAObject } from 'node-opcua';
import { addJobs } from './jobs.js';
import type { MachineIdentity, OpcUaServer, OpcUaServerOptions } from './options.js';
import { addResults } from './results.js';
import { addVision } from './vision.js';

export const MACHINERY = 'http://opcfoundation.org/UA/Machinery/';

/** What a machine answers to beyond its tags. */
export type MachineFace = Pick<OpcUaServer, 'event' | 'vision' | 'result' | 'job'>;

/** The machine (OPC 40001-1) with the models that were asked for, or just the Objects folder where there is none. */
export function addMachine(
  addressSpace: AddressSpace,
  namespace: Namespace,
  { machine, models = [], onCall = () => false }: OpcUaServerOptions,
): MachineFace & { readonly top: UAObject } {
  if (!machine && models.length > 0)
    throw new RangeError(`${models.join(', ')}: a server without a machine has none of these; give it one`);
  const objects = addressSpace.rootFolder.objects;
  const top = machine ? addIdentity(addressSpace, namespace, machine) : (objects as unknown as UAObject);
  const vision = models.includes('vision')
    ? addVision(addressSpace, namespace, { machine: top, onCall })
    : null;
  const results = models.includes('results') ? addResults(addressSpace, namespace, top) : null;
  const jobs = models.includes('jobs') ? addJobs(addressSpace, namespace, { machine: top, onCall }) : null;
  const missing = (model: string) => new RangeError(`the server was started without the model ${model}`);
  return {
    top,
    event: (message, severity = 100) => {
      const source = machine ? top : (objects.server as unknown as UAObject);
      source.raiseEvent('BaseEventType', {
        message: { dataType: DataType.LocalizedText, value: { text: message } },
        severity: { dataType: DataType.UInt16, value: severity },
      });
    },
    vision: (state) => {
      if (!vision) throw missing('vision');
      vision.state(state);
    },
    result: (result) => {
      if (!vision && !results) throw missing('results');
      vision?.result(result);
      results?.(result);
    },
    job: (response) => {
      if (!jobs) throw missing('jobs');
      jobs(response);
    },
  };
}

function addIdentity(addressSpace: AddressSpace, namespace: Namespace, machine: MachineIdentity): UAObject {
  const machinery = addressSpace.getNamespaceIndex(MACHINERY);
  const machines = addressSpace.rootFolder.objects.getFolderElementByName('Machines', machinery);
  const type = addressSpace.findObjectType('MachineIdentificationType', machinery);
  if (!machines || !type) throw new Error('the Machinery model was not loaded');
  const top = namespace.addObject({
    organizedBy: machines,
    browseName: machine.name,
    nodeId: `s=${machine.name}//`,
    eventNotifier: 1,
  });
  top.addReference({
    referenceType: 'HasNotifier',
    nodeId: addressSpace.rootFolder.objects.server,
    isForward: false,
  });
  const given = {
    Manufacturer: { dataType: DataType.LocalizedText, value: { text: machine.manufacturer } },
    SerialNumber: { dataType: DataType.String, value: machine.serialNumber },
    ProductInstanceUri: { dataType: DataType.String, value: machine.productInstanceUri },
    Model: machine.model && { dataType: DataType.LocalizedText, value: { text: machine.model } },
    SoftwareRevision: machine.softwareRevision && {
      dataType: DataType.String,
      value: machine.softwareRevision,
    },
    YearOfConstruction: machine.yearOfConstruction && {
      dataType: DataType.UInt16,
      value: machine.yearOfConstruction,
    },
    Location: machine.location && { dataType: DataType.String, value: machine.location },
  };
  const told = Object.entries(given).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
  const identity = type.instantiate({
    // OPC 40001-1, 8: the identification is found by this name of the DI namespace, as an add-in.
    browseName: {
      name: 'Identification',
      namespaceIndex: addressSpace.getNamespaceIndex('http://opcfoundation.org/UA/DI/'),
    },
    namespace,
    nodeId: `s=${machine.name}//Identification`,
    optionals: told.map(([name]) => name),
  } as Parameters<typeof type.instantiate>[0]) as UAObject;
  top.addReference({ referenceType: 'HasAddIn', nodeId: identity });
  for (const [name, value] of told) identity.getPropertyByName(name)?.setValueFromSource(value);
  return top;
}
