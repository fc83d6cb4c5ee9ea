import {
  AttributeIds,
  type NodeId,
  type StatusCode,
  StatusCodes,
  WriteRequest,
  type WriteResponse,
} from 'node-opcua';
import { type Armed, isArmed } from '../contract/armed.js';
import type { Command, Receipt } from '../contract/command.js';
import type { Tag } from '../contract/tag.js';
import { qualityOf, wordOf } from './samples.js';
import { Fault, type Session } from './session.js';
import { toVariant } from './values.js';

export interface WriteOptions {
  readonly deadlineMs: number;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  /** The session of now, or null. */
  readonly session: () => Session | null;
  readonly resolve: (session: Session, address: string) => Promise<NodeId | string>;
}

/** Words of a server after which nobody can say whether the value reached the equipment behind it. */
const DOUBTFUL: readonly StatusCode[] = [
  StatusCodes.BadTimeout,
  StatusCodes.BadUnexpectedError,
  StatusCodes.BadInternalError,
  StatusCodes.BadCommunicationError,
  StatusCodes.BadNoCommunication,
  StatusCodes.BadConnectionClosed,
  StatusCodes.BadSecureChannelClosed,
  StatusCodes.BadRequestTimeout,
  StatusCodes.BadRequestInterrupted,
  StatusCodes.BadRequestCancelledByClient,
  StatusCodes.BadRequestCancelledByRequest,
  StatusCodes.BadWaitingForResponse,
  StatusCodes.BadWaitingForInitialData,
  StatusCodes.BadDeviceFailure,
  StatusCodes.BadShutdown,
  StatusCodes.BadServerHalted,
  StatusCodes.BadInvalidState,
];

/**
 * Sends one guarded value, once. Everything is looked at again immediately before: the command's time by the clock of
 * the day and by the steady one (a clock that is set back makes no command younger), and its epoch.
 */
export async function writeTag(armed: Armed, tag: Tag, options: WriteOptions): Promise<Receipt> {
  const id = String((armed as { command?: Command } | null)?.command?.id ?? '');
  const refused = (why: string, status?: string): Receipt => ({
    id,
    outcome: 'refused',
    why,
    ...(status === undefined ? {} : { status }),
  });
  const unknown = (why: string, status?: string): Receipt => ({
    ...refused(why, status),
    outcome: 'unknown',
  });
  if (!isArmed(armed)) return refused('no guard has let it through');
  const { nowMs, steadyMs, deadlineMs } = options;
  const { command, epoch } = armed;
  const until = steadyMs() + command.notAfterMs - nowMs();
  const session = options.session();
  const late = (): boolean => nowMs() > command.notAfterMs || steadyMs() > until;
  const objection = (): string | null => {
    if (late()) return 'its time is over';
    const now = options.session();
    if (!now || now !== session) return 'the connection is not there';
    return now.epoch === epoch ? null : 'it was armed under another epoch';
  };
  const first = objection() ?? unfit(command, tag);
  if (first !== null || !session) return refused(first ?? 'the connection is not there');
  let sent = false;
  try {
    const value = toVariant(command.value, tag);
    const nodeId = await options.resolve(session, tag.address);
    if (typeof nodeId === 'string') return refused(nodeId);
    const second = objection();
    if (second !== null) return refused(second);
    sent = true;
    const request = new WriteRequest({
      nodesToWrite: [{ nodeId, attributeId: AttributeIds.Value, value: { value } }],
    });
    const answer = await session.call<WriteResponse>(request, deadlineMs);
    const status = answer.results?.[0];
    if (!status) return unknown('the server answered without a word about it');
    const word = wordOf(status);
    if (status.equals(StatusCodes.Good))
      return { id, outcome: 'done', why: 'the server confirmed it', status: word };
    if (qualityOf(status) !== 'bad') return unknown('the server took it in a way of its own', word);
    return isDoubtful(status)
      ? unknown('the server cannot say whether it happened', word)
      : refused('the server refused it', word);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (!sent) return refused(why);
    if (error instanceof Fault && !isDoubtful(error.status))
      return refused('the server refused the request', wordOf(error.status));
    return unknown(`it was sent, and then: ${why}`);
  }
}

function isDoubtful(status: StatusCode): boolean {
  return DOUBTFUL.some((one) => status.equals(one));
}

function unfit({ target, value }: Command, tag: Tag): string | null {
  if (target !== tag.tag) return `it is for ${target}, not for ${tag.tag}`;
  if (tag.access !== 'rw') return 'the tag is only read';
  if (tag.range && (typeof value === 'number' || typeof value === 'bigint')) {
    const [least, most] = tag.range;
    if (!(value >= least && value <= most)) return 'it is outside the range of the tag';
  }
  return null;
}
