import {
  type AddressSpace,
  DataType,
  type ExtensionObject,
  type Namespace,
  StatusCodes,
  type UAObject,
  type UAVariable,
  type Variant,
  VariantArrayType,
} from 'node-opcua';
import { bindOrders, type Orders, RETURN, statusOf } from './job-orders.js';
import { Kept } from './kept.js';
import { answerTo, fieldsOf, textOf } from './methods.js';
import type { JobResponse, OnCall } from './options.js';

const JOBS = 'http://opcfoundation.org/UA/Machinery/Jobs/';
const CONTROL = 'http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/';
const MOST_KEPT = 100;
/** Methods of the receiver of orders; all are optional in the model. */
const CALLS = [
  ...['Store', 'StoreAndStart', 'Start', 'RevokeStart', 'Update', 'Stop', 'Pause', 'Resume', 'Abort'],
  ...['Cancel', 'Clear'],
];
/** State numbers of ISA95JobOrderReceiverObjectType. */
const STATES: readonly JobResponse['state'][] = [
  'NotAllowedToStart',
  'AllowedToStart',
  'Running',
  'Interrupted',
  'Ended',
  'Aborted',
];

/**
 * The JobManagement of OPC 40001-3: job orders that clients hand over, and the latest responses to job orders, oldest
 * first, with the methods of OPC 10031-4 for both.
 */
export function addJobs(
  addressSpace: AddressSpace,
  namespace: Namespace,
  { machine, onCall }: { readonly machine: UAObject; readonly onCall: OnCall },
): (response: JobResponse) => void {
  const jobs = addressSpace.getNamespaceIndex(JOBS);
  const control = addressSpace.getNamespaceIndex(CONTROL);
  const type = addressSpace.findObjectType('JobManagementType', jobs);
  if (!type) throw new Error('the Machinery Jobs model was not loaded');
  const make = (name: string, fields: object): ExtensionObject => {
    const dataType = addressSpace.findDataType(name, control);
    if (!dataType) throw new Error(`the ISA-95 model has no ${name}`);
    return addressSpace.constructExtensionObject(dataType, { ...fields }) as ExtensionObject;
  };
  const management = type.instantiate({
    browseName: { name: 'JobManagement', namespaceIndex: jobs },
    componentOf: machine,
    namespace,
    optionals: ['JobOrderResults.JobOrderResponseList', ...CALLS.map((name) => `JobOrderControl.${name}`)],
  } as Parameters<typeof type.instantiate>[0]) as UAObject;
  const part = (name: string): UAObject => {
    const found = management.getComponentByName(name, jobs);
    if (!found) throw new Error(`the Machinery Jobs model has no ${name}`);
    return found as UAObject;
  };
  const list = (of: UAObject, name: string): ((values: readonly ExtensionObject[]) => void) => {
    const variable = of.getComponentByName(name, control) as UAVariable | null;
    if (!variable) throw new Error(`the ISA-95 model has no ${name}`);
    const tell = (values: readonly ExtensionObject[]): void =>
      variable.setValueFromSource({
        ...{ dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value: [...values] },
      });
    tell([]);
    return tell;
  };
  const stateOf = (state: JobResponse['state']): ExtensionObject =>
    make('ISA95StateDataType', { stateText: { text: state }, stateNumber: STATES.indexOf(state) + 1 });
  const results = part('JobOrderResults');
  const responses = new Kept<{ readonly told: JobResponse; readonly whole: ExtensionObject }>(MOST_KEPT);
  const tellResponses = list(results, 'JobOrderResponseList');
  const receiver = part('JobOrderControl');
  const orders: Orders = bindOrders({
    ...{ object: receiver, index: control, most: MOST_KEPT, onCall },
    make: (order, state) =>
      make('ISA95JobOrderAndStateDataType', { jobOrder: order, state: [stateOf(state)] }),
    tell: list(receiver, 'JobOrderList'),
  });
  bindResponses({ object: results, index: control }, responses);
  return (response) => {
    const whole = make('ISA95JobResponseDataType', {
      jobResponseID: response.id,
      jobOrderID: response.job,
      ...(response.startMs === undefined ? {} : { startTime: new Date(response.startMs) }),
      ...(response.endMs === undefined ? {} : { endTime: new Date(response.endMs) }),
      jobState: [stateOf(response.state)],
    });
    responses.put(response.id, { told: response, whole });
    orders.became(response.job, response.state);
    tellResponses(responses.values.map((one) => one.whole));
  };
}

function bindResponses(
  on: { readonly object: UAObject; readonly index: number },
  responses: Kept<{ readonly told: JobResponse; readonly whole: ExtensionObject }>,
): void {
  answerTo(on, 'RequestJobResponseByJobOrderID', ([id]) => {
    const found = responses.values.findLast(({ told }) => told.job === textOf(id?.value));
    const value = found?.whole ?? null;
    return {
      // With a bad status no output would arrive (OPC 10031-4, B.2).
      status: found === undefined ? StatusCodes.Uncertain : StatusCodes.Good,
      out: [
        { dataType: DataType.ExtensionObject, value },
        statusOf(found === undefined ? RETURN.unknownJob : RETURN.noError),
      ],
    };
  });
  answerTo(on, 'RequestJobResponseByJobOrderState', ([states]) => {
    const wanted = statesIn(states);
    const found = responses.values.filter(({ told }) => wanted.includes(told.state));
    return {
      status: wanted.length === 0 ? StatusCodes.Uncertain : StatusCodes.Good,
      out: [
        {
          dataType: DataType.ExtensionObject,
          arrayType: VariantArrayType.Array,
          value: found.map(({ whole }) => whole),
        },
        statusOf(wanted.length === 0 ? RETURN.invalidStatus : RETURN.noError),
      ],
    };
  });
}

/** States by their number, or by their text where there is none. */
function statesIn(input: Variant | undefined): JobResponse['state'][] {
  const all: readonly unknown[] = Array.isArray(input?.value) ? input.value : [];
  return all.flatMap((one) => {
    const { stateNumber, stateText } = fieldsOf({ value: one } as Variant);
    const number = Number(stateNumber ?? 0);
    const state = number > 0 ? STATES[number - 1] : STATES.find((name) => name === textOf(stateText));
    return state === undefined ? [] : [state];
  });
}
