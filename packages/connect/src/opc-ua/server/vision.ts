import {
  type AddressSpace,
  DataType,
  type ExtensionObject,
  type Namespace,
  promoteToStateMachine,
  type RaiseEventData,
  type UAObject,
  type UAVariable,
  VariantArrayType,
} from 'node-opcua';
import type { UnitResult, VisionState } from './options.js';

const VISION = 'http://opcfoundation.org/UA/MachineVision';
const OUTER: readonly VisionState[] = ['Preoperational', 'Halted', 'Error'];
/** OPC 40100-1, 12.19 (ResultStateDataType). */
const COMPLETED = 1;
const PROCESSING = 2;

export interface VisionFace {
  state(state: VisionState): void;
  result(result: UnitResult): void;
}

/** A VisionSystem (OPC 40100-1): its two state machines, the latest result, and the event that says it is there. */
export function addVision(addressSpace: AddressSpace, namespace: Namespace, machine: UAObject): VisionFace {
  const index = addressSpace.getNamespaceIndex(VISION);
  const type = addressSpace.findObjectType('VisionSystemType', index);
  const resultType = addressSpace.findVariableType('ResultType', index);
  if (!type || !resultType) throw new Error('the Machine Vision model was not loaded');
  const system = type.instantiate({
    browseName: { name: 'VisionSystem', namespaceIndex: namespace.index },
    componentOf: machine,
    namespace,
    eventNotifier: 1,
    optionals: [
      'VisionStateMachine.AutomaticModeStateMachine',
      'ResultManagement',
      'ResultManagement.Results',
    ],
  } as Parameters<typeof type.instantiate>[0]) as UAObject;
  machine.addReference({ referenceType: 'HasNotifier', nodeId: system });
  const child = (of: UAObject, name: string): UAObject => {
    const found = of.getComponentByName(name, index);
    if (!found) throw new Error(`the Machine Vision model has no ${name}`);
    return found as UAObject;
  };
  const outer = child(system, 'VisionStateMachine');
  const outerMachine = promoteToStateMachine(outer);
  const innerMachine = promoteToStateMachine(child(outer, 'AutomaticModeStateMachine'));
  outerMachine.setState('Preoperational');
  const results = child(child(system, 'ResultManagement'), 'Results');
  const latest = resultType.instantiate({
    browseName: { name: 'Latest', namespaceIndex: namespace.index },
    componentOf: results,
    namespace,
  } as Parameters<typeof resultType.instantiate>[0]) as UAVariable;
  const make = (name: string, fields: object): ExtensionObject => {
    const dataType = addressSpace.findDataType(name, index);
    if (!dataType) throw new Error(`the Machine Vision model has no ${name}`);
    return addressSpace.constructExtensionObject(dataType, { ...fields }) as ExtensionObject;
  };
  return {
    state: (state) => {
      if (OUTER.includes(state)) {
        outerMachine.setState(state);
        return;
      }
      if (outerMachine.getCurrentState() !== 'Operational') outerMachine.setState('Operational');
      innerMachine.setState(state);
    },
    result: (result) => {
      const data = fieldsOf(result, make);
      latest.setValueFromSource({ dataType: DataType.ExtensionObject, value: make('ResultDataType', data) });
      system.raiseEvent(
        addressSpace.findEventType('ResultReadyEventType', index) ?? 'BaseEventType',
        eventOf(result, data),
      );
    },
  };
}

type Make = (name: string, fields: object) => ExtensionObject;

function fieldsOf(result: UnitResult, make: Make) {
  return {
    resultId: make('ResultIdDataType', { id: result.id }),
    isPartial: result.isPartial,
    isSimulated: result.isSimulated,
    resultState: result.isPartial ? PROCESSING : COMPLETED,
    partId: make('PartIdDataType', { id: result.part }),
    internalRecipeId: make('RecipeIdInternalDataType', { id: result.recipe }),
    internalConfigurationId: make('ConfigurationIdDataType', { id: result.configuration }),
    jobId: make('JobIdDataType', { id: result.job }),
    creationTime: new Date(result.atMs),
    resultContent: [{ dataType: DataType.String, value: contentOf(result) }],
  };
}

function eventOf(result: UnitResult, data: ReturnType<typeof fieldsOf>): RaiseEventData {
  const object = (value: ExtensionObject) => ({ dataType: DataType.ExtensionObject, value });
  return {
    message: { dataType: DataType.LocalizedText, value: { text: `result ${result.id} of ${result.part}` } },
    severity: { dataType: DataType.UInt16, value: 100 },
    resultId: object(data.resultId),
    partId: object(data.partId),
    jobId: object(data.jobId),
    internalRecipeId: object(data.internalRecipeId),
    internalConfigurationId: object(data.internalConfigurationId),
    isPartial: { dataType: DataType.Boolean, value: data.isPartial },
    isSimulated: { dataType: DataType.Boolean, value: data.isSimulated },
    resultState: { dataType: DataType.Int32, value: data.resultState },
    creationTime: { dataType: DataType.DateTime, value: data.creationTime },
    resultContent: {
      dataType: DataType.Variant,
      arrayType: VariantArrayType.Array,
      value: data.resultContent,
    },
  } as unknown as RaiseEventData;
}

/** What stands in the content is the maker's own choice: here one JSON text. */
export function contentOf({ evaluation, content }: UnitResult): string {
  return JSON.stringify({ evaluation, ...content });
}
