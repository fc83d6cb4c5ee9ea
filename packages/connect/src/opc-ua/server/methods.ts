import { type StatusCode, StatusCodes, type UAObject, type Variant, type VariantOptions } from 'node-opcua';
import { within } from '../within.js';

/** What a method answers; without a status it is Good. */
export interface MethodAnswer {
  readonly status?: StatusCode;
  readonly out?: readonly VariantOptions[];
}

/** Own value of the output `Error` of the methods of results, which is 0 where all is well. */
export const NO_SUCH_RESULT = 1;
/** Longest wait for whoever decides whether the machine does what a method asks. */
const DECIDE_MS = 5_000;

/**
 * Binds the method of that name. What the action throws is the server's fault and never the client's.
 * @throws Error where the object has no such method
 */
export function answerTo(
  { object, index }: { readonly object: UAObject; readonly index: number },
  name: string,
  act: (inputs: readonly Variant[]) => MethodAnswer | Promise<MethodAnswer>,
): void {
  const method = object.getMethodByName(name, index);
  if (!method) throw new Error(`the model has no method ${name}`);
  method.bindMethod((inputs, _context, done) => {
    const answered = Promise.resolve().then(() => act(inputs));
    within(answered, DECIDE_MS, name).then(
      ({ status = StatusCodes.Good, out = [] }) =>
        done(null, { statusCode: status, outputArguments: [...out] }),
      () => done(null, { statusCode: StatusCodes.BadInternalError }),
    );
  });
}

/** What an input holds. Structures come as objects of the library whose fields are read by name; `{}` for none. */
export function fieldsOf(input: Variant | undefined): Readonly<Record<string, unknown>> {
  const value: unknown = input?.value;
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Text in an input or a field; empty for everything else. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { text } = fieldsOf({ value } as Variant);
  return typeof text === 'string' ? text : '';
}
