import {
  type AddressSpace,
  DataType,
  type ExtensionObject,
  type Namespace,
  type UAObject,
  type UAVariable,
} from 'node-opcua';
import type { UnitResult } from './options.js';
import { contentOf } from './vision.js';

const RESULTS = 'http://opcfoundation.org/UA/Machinery/Result/';
/** OPC 40001-101, ResultEvaluationEnum: Undefined, OK, NotOK, NotDecidable. */
const EVALUATIONS = { good: 1, bad: 2, undecided: 3 } as const;

/** The ResultManagement of OPC 40001-101 with the latest result, and its event. */
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
    optionals: ['Results'],
  } as Parameters<typeof type.instantiate>[0]) as UAObject;
  machine.addReference({ referenceType: 'HasNotifier', nodeId: management });
  const folder = management.getComponentByName('Results', index) as UAObject | null;
  if (!folder) throw new Error('the Machinery Result model has no Results');
  const latest = resultType.instantiate({
    browseName: { name: 'Latest', namespaceIndex: namespace.index },
    componentOf: folder,
    namespace,
  } as Parameters<typeof resultType.instantiate>[0]) as UAVariable;
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
    latest.setValueFromSource({ dataType: DataType.ExtensionObject, value });
    management.raiseEvent(addressSpace.findEventType('ResultReadyEventType', index) ?? 'BaseEventType', {
      message: { dataType: DataType.LocalizedText, value: { text: `result ${result.id} of ${result.part}` } },
      severity: { dataType: DataType.UInt16, value: 100 },
      result: { dataType: DataType.ExtensionObject, value },
      'result.resultMetaData': { dataType: DataType.ExtensionObject, value: meta },
    });
  };
}
