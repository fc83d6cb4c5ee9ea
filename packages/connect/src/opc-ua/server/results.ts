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
import { Kept } from './kept.js';
import { answerTo, NO_SUCH_RESULT, textOf } from './methods.js';
import type { UnitResult } from './options.js';
import { contentOf } from './vision.js';

const RESULTS = 'http://opcfoundation.org/UA/Machinery/Result/';
/** OPC 40001-101, ResultEvaluationEnum: Undefined, OK, NotOK, NotDecidable. */
const EVALUATIONS = { good: 1, bad: 2, undecided: 3 } as const;

/** Results that a client can still ask for. */
const MOST_KEPT = 100;
const METHODS = [
  ...['GetLatestResult', 'GetResultById', 'GetResultIdListFiltered', 'AcknowledgeResults'],
  'ReleaseResultHandle',
];

/** The ResultManagement of OPC 40001-101 with the latest results, their methods, and their event. */
export function addResults(
  addressSpace: AddressSpace,
  namespace: Namespace,
  machine: UAObject,
): (result: UnitResult) => void {
  const index = addressSpace.getNamespaceIndex(RESULTS);
  const type = addressSpace.findObjectType('ResultManagementType', index);
  const resultType = addressSpace.findVariableType('ResultType', index);
  const dataType = addressSpace.findDataType('ResultDataType', index);
  const metaType = addressSpace.findDataType('ResultMetaDataType', index);
  if (!type || !resultType || !dataType || !metaType)
    throw new Error('the Machinery Result model was not loaded');
  const management = type.instantiate({
    browseName: { name: 'ResultManagement', namespaceIndex: index },
    componentOf: machine,
    namespace,
    eventNotifier: 1,
    optionals: ['Results', ...METHODS],
  } as Parameters<typeof type.instantiate>[0]) as UAObject;
  machine.addReference({ referenceType: 'HasNotifier', nodeId: management });
  const folder = management.getComponentByName('Results', index) as UAObject | null;
  if (!folder) throw new Error('the Machinery Result model has no Results');
  const latest = resultType.instantiate({
    browseName: { name: 'Latest', namespaceIndex: namespace.index },
    componentOf: folder,
    namespace,
  } as Parameters<typeof resultType.instantiate>[0]) as UAVariable;
  const kept = new Kept<ExtensionObject>(MOST_KEPT);
  bindMethods({ object: management, index }, kept);
  return (result) => {
    const meta = addressSpace.constructExtensionObject(metaType, {
      resultId: result.id,
      isPartial: result.isPartial,
      isSimulated: result.isSimulated,
      resultState: result.isPartial ? 2 : 1,
      partId: result.part,
      internalRecipeId: result.recipe,
      internalConfigurationId: result.configuration,
      jobId: result.job,
      creationTime: new Date(result.atMs),
      resultEvaluation: EVALUATIONS[result.evaluation],
    }) as ExtensionObject;
    const value = addressSpace.constructExtensionObject(dataType, {
      resultMetaData: meta,
      resultContent: [{ dataType: DataType.String, value: contentOf(result) }],
    }) as ExtensionObject;
    kept.put(result.id, value);
    latest.setValueFromSource({ dataType: DataType.ExtensionObject, value });
    management.raiseEvent(addressSpace.findEventType('ResultReadyEventType', index) ?? 'BaseEventType', {
      message: { dataType: DataType.LocalizedText, value: { text: `result ${result.id} of ${result.part}` } },
      severity: { dataType: DataType.UInt16, value: 100 },
      result: { dataType: DataType.ExtensionObject, value },
      'result.resultMetaData': { dataType: DataType.ExtensionObject, value: meta },
    });
  };
}

function bindMethods(
  on: { readonly object: UAObject; readonly index: number },
  kept: Kept<ExtensionObject>,
): void {
  const error = (value: number) => ({ dataType: DataType.Int32, value });
  const whole = (found: ExtensionObject | undefined) => ({
    out: [
      { dataType: DataType.UInt32, value: found === undefined ? 0 : kept.handle() },
      { dataType: DataType.ExtensionObject, value: found ?? null },
      error(found === undefined ? NO_SUCH_RESULT : 0),
    ],
  });
  answerTo(on, 'GetLatestResult', () => whole(kept.latest));
  answerTo(on, 'GetResultById', ([id]) => whole(kept.get(textOf(id?.value))));
  answerTo(on, 'GetResultIdListFiltered', ([filter, , most]) => {
    // Every result or none: a filter that is not understood must not look as if it had been applied.
    if (filtersIn(filter) > 0) return { status: StatusCodes.BadNotSupported };
    const limit = Number(most?.value ?? 0);
    const ids = kept.ids.slice(limit === 0 ? 0 : -limit);
    return {
      out: [
        { dataType: DataType.UInt32, value: kept.handle() },
        { dataType: DataType.String, arrayType: VariantArrayType.Array, value: [...ids] },
        error(0),
      ],
    };
  });
  answerTo(on, 'AcknowledgeResults', ([ids]) => {
    // What a client has, it need not be given again.
    const gone = (Array.isArray(ids?.value) ? ids.value : []).map((id) => kept.delete(textOf(id)));
    return {
      out: [
        {
          ...{ dataType: DataType.Int32, arrayType: VariantArrayType.Array },
          value: Int32Array.from(gone, (was) => (was ? 0 : NO_SUCH_RESULT)),
        },
        error(gone.every((was) => was) ? 0 : NO_SUCH_RESULT),
      ],
    };
  });
  answerTo(on, 'ReleaseResultHandle', ([handle]) => ({
    out: [error(kept.release(Number(handle?.value)) ? 0 : NO_SUCH_RESULT)],
  }));
}

/** Elements of a ContentFilter. */
function filtersIn(input: Variant | undefined): number {
  const elements: unknown = (input?.value as { elements?: unknown } | null | undefined)?.elements;
  return Array.isArray(elements) ? elements.length : 0;
}
