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
import { Kept } from './kept.js';
import type { OnCall, UnitResult, VisionState } from './options.js';
import { bindVisionResults, bindVisionStates } from './vision-methods.js';

const VISION = 'http://opcfoundation.org/UA/MachineVision';
const OUTER: readonly VisionState[] = ['Preoperational', 'Halted', 'Error'];
/** OPC 40100-1, 12.19 (ResultStateDataType). */
const COMPLETED = 1;
const PROCESSING = 2;
/** Results that a client can still ask for. */
const MOST_KEPT = 100;

/** A result as its methods give it. */
export interface VisionResult {
  readonly whole: ExtensionObject;
  readonly data: ReturnType<typeof fieldsOf>;
  readonly ids: Pick<UnitResult, 'part' | 'recipe' | 'configuration' | 'job'>;
}

export interface VisionFace {
  state(state: VisionState): void;
  result(result: UnitResult): void;
}

/**
 * A VisionSystem (OPC 40100-1): its two state machines with their methods, the latest results with theirs, and the event
 * that says that one is there.
 */
export function addVision(
  addressSpace: AddressSpace,
  namespace: Namespace,
  { machine, onCall }: { readonly machine: UAObject; readonly onCall: OnCall },
): VisionFace {
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
      'VisionStateMachine.SelectModeAutomatic',
      'ResultManagement',
      'ResultManagement.Results',
      'ResultManagement.ReleaseResultHandle',
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
  const inner = child(outer, 'AutomaticModeStateMachine');
  const innerMachine = promoteToStateMachine(inner);
  outerMachine.setState('Preoperational');
  const management = child(system, 'ResultManagement');
  const results = child(management, 'Results');
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
  const state = (to: VisionState): void => {
    if (OUTER.includes(to)) {
      outerMachine.setState(to);
      // A sub-state machine has a state in its own state only (OPC 10000-5, B.4.3).
      innerMachine.setState(null);
      return;
    }
    if (nameOf(outerMachine) !== 'Operational') outerMachine.setState('Operational');
    innerMachine.setState(to);
  };
  bindVisionStates({
    ...{ index, outer, inner, onCall },
    outerState: () => nameOf(outerMachine),
    innerState: () => nameOf(innerMachine),
    move: (to) => {
      state(to);
      // OPC 40100-1, 8.3.2 (InitializedToReadyAuto): what needs no recipe to be prepared is ready by itself.
      if (to === 'Initialized') state('Ready');
    },
    jobId: (id) => make('JobIdDataType', { id }),
  });
  const kept = new Kept<VisionResult>(MOST_KEPT);
  bindVisionResults(addressSpace, { index, management, kept });
  return {
    state,
    result: (result) => {
      const data = fieldsOf(result, make);
      const whole = make('ResultDataType', data);
      kept.put(result.id, { whole, data, ids: result });
      latest.setValueFromSource({ dataType: DataType.ExtensionObject, value: whole });
      system.raiseEvent(
        addressSpace.findEventType('ResultReadyEventType', index) ?? 'BaseEventType',
        eventOf(result, data),
      );
    },
  };
}

/** The library's own answer carries the index of a namespace. */
const nameOf = ({ currentStateNode }: ReturnType<typeof promoteToStateMachine>): string =>
  currentStateNode?.browseName.name ?? '';

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
