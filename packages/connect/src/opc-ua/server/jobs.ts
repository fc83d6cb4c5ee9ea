import {
  type AddressSpace,
  DataType,
  type ExtensionObject,
  type Namespace,
  type UAObject,
  type UAVariable,
  VariantArrayType,
} from 'node-opcua';
import type { JobResponse } from './options.js';

const JOBS = 'http://opcfoundation.org/UA/Machinery/Jobs/';
const CONTROL = 'http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/';
const KEPT = 100;
/** State numbers of ISA95JobOrderReceiverObjectType. */
const STATES: readonly JobResponse['state'][] = [
  'NotAllowedToStart',
  'AllowedToStart',
  'Running',
  'Interrupted',
  'Ended',
  'Aborted',
];

/** The JobManagement of OPC 40001-3: the latest responses to job orders, oldest first. Orders are not taken here. */
export function addJobs(
  addressSpace: AddressSpace,
  namespace: Namespace,
  machine: UAObject,
): (response: JobResponse) => void {
  const jobs = addressSpace.getNamespaceIndex(JOBS);
  const control = addressSpace.getNamespaceIndex(CONTROL);
  const type = addressSpace.findObjectType('JobManagementType', jobs);
  const dataType = addressSpace.findDataType('ISA95JobResponseDataType', control);
  const stateType = addressSpace.findDataType('ISA95StateDataType', control);
  if (!type || !dataType || !stateType) throw new Error('the Machinery Jobs model was not loaded');
  const management = type.instantiate({
    browseName: { name: 'JobManagement', namespaceIndex: jobs },
    componentOf: machine,
    namespace,
    optionals: ['JobOrderResults.JobOrderResponseList'],
  } as Parameters<typeof type.instantiate>[0]) as UAObject;
  const results = management.getComponentByName('JobOrderResults', jobs) as UAObject | null;
  if (!results) throw new Error('the Machinery Jobs model has no JobOrderResults');
  const list =
    (results.getComponentByName('JobOrderResponseList', control) as UAVariable | null) ??
    namespace.addVariable({
      componentOf: results,
      browseName: { name: 'JobOrderResponseList', namespaceIndex: control },
      dataType: dataType.nodeId,
      valueRank: 1,
      arrayDimensions: [0],
    });
  const known = new Map<string, ExtensionObject>();
  const tell = (): void =>
    list.setValueFromSource({
      dataType: DataType.ExtensionObject,
      arrayType: VariantArrayType.Array,
      value: [...known.values()],
    });
  tell();
  return (response) => {
    const state = addressSpace.constructExtensionObject(stateType, {
      stateText: { text: response.state },
      stateNumber: STATES.indexOf(response.state) + 1,
    });
    const value = addressSpace.constructExtensionObject(dataType, {
      jobResponseID: response.id,
      jobOrderID: response.job,
      ...(response.startMs === undefined ? {} : { startTime: new Date(response.startMs) }),
      ...(response.endMs === undefined ? {} : { endTime: new Date(response.endMs) }),
      jobState: [state],
    }) as ExtensionObject;
    known.delete(response.id);
    known.set(response.id, value);
    for (const oldest of known.keys()) {
      if (known.size <= KEPT) break;
      known.delete(oldest);
    }
    tell();
  };
}
