import {
  type AddressSpace,
  DataType,
  type ExtensionObject,
  StatusCodes,
  type UAObject,
  type Variant,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import type { Kept } from './kept.js';
import { answerTo, fieldsOf, type MethodAnswer, NO_SUCH_RESULT, textOf } from './methods.js';
import type { OnCall, VisionCall, VisionState } from './options.js';
import type { VisionResult } from './vision.js';

/** OPC 40100-1, 8.2 and 8.3: the states out of which each method leads, and where to. */
const MOVES: Readonly<
  Record<VisionCall['method'], { readonly from: readonly string[]; readonly to: VisionState }>
> = {
  Halt: { from: ['Preoperational', 'Operational', 'Error'], to: 'Halted' },
  Reset: { from: ['Operational', 'Halted', 'Error'], to: 'Preoperational' },
  SelectModeAutomatic: { from: ['Preoperational'], to: 'Initialized' },
  StartSingleJob: { from: ['Ready'], to: 'SingleExecution' },
  StartContinuous: { from: ['Ready'], to: 'ContinuousExecution' },
  Stop: { from: ['SingleExecution', 'ContinuousExecution'], to: 'Ready' },
  Abort: { from: ['SingleExecution', 'ContinuousExecution'], to: 'Ready' },
};
const OUTER = ['Halt', 'Reset', 'SelectModeAutomatic'] as const;
const STARTS = ['StartSingleJob', 'StartContinuous'] as const;
const ENDS = ['Stop', 'Abort'] as const;
/** Own values of the output `Error`, which is 0 where all is well (OPC 40100-1, 8.1). */
const REFUSED = 1;

const int32 = (value: number): VariantOptions => ({ dataType: DataType.Int32, value });
const uint32 = (value: number): VariantOptions => ({ dataType: DataType.UInt32, value });
const flag = (value: boolean): VariantOptions => ({ dataType: DataType.Boolean, value });
const object = (value: ExtensionObject | null): VariantOptions => ({
  dataType: DataType.ExtensionObject,
  value,
});

/**
 * The methods of the two state machines. A method moves the machine out of its states only, and where whoever runs the
 * machine says that it does it; otherwise the state stays.
 */
export function bindVisionStates(options: {
  readonly index: number;
  readonly outer: UAObject;
  readonly inner: UAObject;
  readonly outerState: () => string;
  readonly innerState: () => string;
  readonly move: (state: VisionState) => void;
  readonly jobId: (id: string) => ExtensionObject;
  readonly onCall: OnCall;
}): void {
  const { index, outer, inner, outerState, innerState, move, jobId, onCall } = options;
  const isOuter = (method: string): boolean => OUTER.some((one) => one === method);
  /** The state that a method of either machine starts from; the inner one has none unless the outer one is operational. */
  const current = (method: string): string => {
    if (isOuter(method)) return outerState();
    return outerState() === 'Operational' ? innerState() : '';
  };
  let serial = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const call = (asked: VisionCall): Promise<'moved' | 'state' | 'refused'> => {
    const { from, to } = MOVES[asked.method];
    const done = turn.then(async () => {
      if (!from.includes(current(asked.method))) return 'state' as const;
      if (!(await onCall(asked))) return 'refused' as const;
      // The machine may have moved by itself while it was asked.
      if (!from.includes(current(asked.method))) return 'state' as const;
      move(to);
      return 'moved' as const;
    });
    turn = done.catch(() => {});
    return done;
  };
  const answer = async (asked: VisionCall, out: readonly VariantOptions[] = []): Promise<MethodAnswer> => {
    const said = await call(asked);
    if (said === 'state') return { status: StatusCodes.BadInvalidState };
    return { out: [...out, int32(said === 'moved' ? 0 : REFUSED)] };
  };
  const why = (input: Variant | undefined) => ({ why: textOf(input?.value) });
  for (const method of [...OUTER, ...ENDS])
    answerTo({ object: isOuter(method) ? outer : inner, index }, method, ([, cause]) =>
      answer({ model: 'vision', method, ...why(cause) }),
    );
  for (const method of STARTS)
    answerTo({ object: inner, index }, method, ([, part, recipe]) => {
      serial += 1;
      const job = `${Date.now()}-${serial}`;
      const about = { part: textOf(fieldsOf(part).id), recipe: textOf(fieldsOf(recipe).id) };
      return answer({ model: 'vision', method, job, ...about }, [object(jobId(job))]);
    });
}

/** The methods of the results (OPC 40100-1, 7.10): the latest ones are kept, and given whole. */
export function bindVisionResults(
  addressSpace: AddressSpace,
  { index, management, kept }: { index: number; management: UAObject; kept: Kept<VisionResult> },
): void {
  const on = { object: management, index };
  const idOf = (input: Variant | undefined): string => textOf(fieldsOf(input).id);
  answerTo(on, 'GetResultById', ([id]) => {
    const found = kept.get(idOf(id));
    const handle = found === undefined ? 0 : kept.handle();
    return { out: [uint32(handle), object(found?.whole ?? null), int32(found ? 0 : NO_SUCH_RESULT)] };
  });
  answerTo(on, 'GetResultComponentsById', ([id]) => {
    const found = kept.get(idOf(id));
    if (found === undefined) return { status: StatusCodes.BadNotFound };
    const { data } = found;
    const empty = (name: string): ExtensionObject | null => {
      const type = addressSpace.findDataType(name, index);
      return type === null ? null : (addressSpace.constructExtensionObject(type, {}) as ExtensionObject);
    };
    return {
      out: [
        ...[flag(false), uint32(kept.handle()), flag(data.isPartial), flag(data.isSimulated)],
        ...[int32(data.resultState), object(empty('MeasIdDataType')), object(data.partId)],
        ...[object(empty('RecipeIdExternalDataType')), object(data.internalRecipeId)],
        ...[object(empty('ProductIdDataType')), object(empty('ConfigurationIdDataType'))],
        ...[object(data.internalConfigurationId), object(data.jobId)],
        { dataType: DataType.DateTime, value: data.creationTime },
        object(empty('ProcessingTimesDataType')),
        { dataType: DataType.Variant, arrayType: VariantArrayType.Array, value: data.resultContent },
        int32(0),
      ],
    };
  });
  answerTo(on, 'GetResultListFiltered', (inputs) => {
    const [state, , part, , recipe, , configuration, , job, most, first] = inputs;
    const wants = (input: Variant | undefined, is: string): boolean => ['', is].includes(idOf(input));
    const found = kept.values.filter(
      ({ data, ids }) =>
        // OPC 40100-1, 7.10.2.3: what is 0 or empty does not filter.
        [0, data.resultState].includes(Number(state?.value ?? 0)) &&
        wants(part, ids.part) &&
        wants(recipe, ids.recipe) &&
        wants(configuration, ids.configuration) &&
        wants(job, ids.job),
    );
    const from = Number(first?.value ?? 0);
    const limit = Number(most?.value ?? 0);
    const page = found.slice(from, limit === 0 ? undefined : from + limit);
    return {
      out: [
        ...[flag(from + page.length >= found.length), uint32(page.length), uint32(kept.handle())],
        {
          dataType: DataType.ExtensionObject,
          arrayType: VariantArrayType.Array,
          value: page.map(({ whole }) => whole),
        },
        int32(0),
      ],
    };
  });
  answerTo(on, 'ReleaseResultHandle', ([handle]) => ({
    out: [int32(kept.release(Number(handle?.value)) ? 0 : NO_SUCH_RESULT)],
  }));
}
