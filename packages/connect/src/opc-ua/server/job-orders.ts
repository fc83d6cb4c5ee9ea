import {
  DataType,
  type ExtensionObject,
  StatusCodes,
  type UAObject,
  type Variant,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import { Kept } from './kept.js';
import { answerTo, fieldsOf, type MethodAnswer, textOf } from './methods.js';
import type { JobCall, JobResponse, OnCall } from './options.js';

/** Bits of the output ReturnStatus (OPC 10031-4, B.2), as the two halves of a UInt64. */
export const RETURN = {
  noError: [0, 1 << 0],
  unknownJob: [0, 1 << 1],
  invalidStatus: [0, 1 << 3],
  notAccepted: [0, 1 << 4],
  invalidRequest: [1, 0],
} as const;

type State = JobResponse['state'];
type Status = (typeof RETURN)[keyof typeof RETURN];

/** What a method asks of an order that is there: the states that it may be in, and what becomes of it. */
const CHANGES: Readonly<
  Record<
    Exclude<JobCall['method'], 'Store' | 'StoreAndStart'>,
    { readonly from: readonly State[]; readonly to: State | 'same' | 'gone' }
  >
> = {
  Start: { from: ['NotAllowedToStart'], to: 'AllowedToStart' },
  RevokeStart: { from: ['AllowedToStart'], to: 'NotAllowedToStart' },
  Update: { from: ['NotAllowedToStart', 'AllowedToStart'], to: 'same' },
  Pause: { from: ['Running'], to: 'Interrupted' },
  Resume: { from: ['Interrupted'], to: 'Running' },
  Stop: { from: ['Running', 'Interrupted'], to: 'Ended' },
  Abort: { from: ['NotAllowedToStart', 'AllowedToStart', 'Running', 'Interrupted'], to: 'Aborted' },
  Cancel: { from: ['NotAllowedToStart', 'AllowedToStart'], to: 'gone' },
  Clear: { from: ['Ended', 'Aborted'], to: 'gone' },
};
const LONGEST_ID = 200;

export interface Orders {
  /** The machine says how far a job is. An order that was not handed over by a method is none of these. */
  became(job: string, state: State): void;
}

interface Order {
  readonly order: ExtensionObject;
  readonly state: State;
}

/**
 * The methods of a receiver of job orders (OPC 10031-4, 7.2.1). An order is taken, and changed, where whoever runs the
 * machine says so; the oldest are never pushed out by new ones.
 */
export function bindOrders(options: {
  readonly object: UAObject;
  readonly index: number;
  readonly most: number;
  readonly onCall: OnCall;
  readonly make: (order: ExtensionObject, state: State) => ExtensionObject;
  readonly tell: (orders: readonly ExtensionObject[]) => void;
}): Orders {
  const { object, index, most, onCall, make, tell } = options;
  const orders = new Kept<Order>(most);
  let turn: Promise<unknown> = Promise.resolve();
  const oneByOne = (act: () => Promise<Status>): Promise<MethodAnswer> => {
    const done = turn.then(act).then(answerOf);
    turn = done.catch(() => {});
    return done;
  };
  const put = (job: string, order: ExtensionObject, state: State): void => {
    orders.put(job, { order, state });
    show();
  };
  const show = (): void => tell(orders.values.map(({ order, state }) => make(order, state)));

  const store = (method: 'Store' | 'StoreAndStart', input: Variant | undefined) =>
    oneByOne(async () => {
      const job = idOf(input);
      if (job === null) return RETURN.invalidRequest;
      const isFull = (): boolean => orders.values.length >= most || orders.get(job) !== undefined;
      if (isFull()) return RETURN.notAccepted;
      if (!(await onCall({ model: 'jobs', method, job }))) return RETURN.notAccepted;
      put(job, input?.value, method === 'Store' ? 'NotAllowedToStart' : 'AllowedToStart');
      return RETURN.noError;
    });
  answerTo({ object, index }, 'Store', ([order]) => store('Store', order));
  answerTo({ object, index }, 'StoreAndStart', ([order]) => store('StoreAndStart', order));

  for (const method of Object.keys(CHANGES) as (keyof typeof CHANGES)[])
    answerTo({ object, index }, method, ([input]) =>
      oneByOne(async () => {
        const job = method === 'Update' ? idOf(input) : textOf(input?.value);
        if (job === null) return RETURN.invalidRequest;
        const { from, to } = CHANGES[method];
        const fits = (): boolean => from.some((state) => state === orders.get(job)?.state);
        if (orders.get(job) === undefined) return RETURN.unknownJob;
        if (!fits()) return RETURN.invalidStatus;
        if (!(await onCall({ model: 'jobs', method, job }))) return RETURN.notAccepted;
        // The machine may have gone on while it was asked.
        const known = orders.get(job);
        if (known === undefined || !fits()) return RETURN.invalidStatus;
        if (to === 'gone') orders.delete(job);
        else put(job, method === 'Update' ? input?.value : known.order, to === 'same' ? known.state : to);
        show();
        return RETURN.noError;
      }),
    );
  return {
    became: (job, state) => {
      const known = orders.get(job);
      if (known !== undefined) put(job, known.order, state);
    },
  };
}

/** A ReturnStatus as an output. The library would take the two halves for an array. */
export const statusOf = (status: Status): VariantOptions => ({
  ...{ dataType: DataType.UInt64, arrayType: VariantArrayType.Scalar, value: [...status] },
});

function answerOf(status: Status): MethodAnswer {
  return {
    // With a bad status no output would arrive (OPC 10031-4, B.2).
    status: status === RETURN.noError ? StatusCodes.Good : StatusCodes.Uncertain,
    out: [statusOf(status)],
  };
}

/** The id of an order; null where it has none that can be kept. */
function idOf(order: Variant | undefined): string | null {
  const id = textOf(fieldsOf(order).jobOrderID);
  return id === '' || id.length > LONGEST_ID ? null : id;
}
