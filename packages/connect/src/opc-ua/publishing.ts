import {
  CreateSubscriptionRequest,
  type CreateSubscriptionResponse,
  DataChangeNotification,
  PublishRequest,
  type PublishResponse,
  StatusChangeNotification,
  type StatusCode,
  StatusCodes,
} from 'node-opcua';
import { Fault, type Session } from './session.js';

/** Values of monitored items by their handles, as they came in one parcel. */
export type Parcel = DataChangeNotification['monitoredItems'];

export interface PublishingOptions {
  readonly publishMs: number;
  readonly deadlineMs: number;
  readonly steadyMs: () => number;
  /** Resolves when there is room for more. */
  readonly take: (parcel: NonNullable<Parcel>) => Promise<void>;
  /** Parcels are missing: nobody can say which values they held. */
  readonly missed: (parcels: number) => Promise<void>;
}

const REQUESTS = 3;
const KEEP_ALIVES = 10;
const LAST_NUMBER = 0xffff_ffff;

/**
 * The receiving side of one subscription (OPC 10000-4, 5.14): keeps publish requests waiting at the server, acknowledges,
 * and counts sequence numbers. A missing number is told and never asked for again: some servers answer Republish with
 * nothing, and a fresh read of everything serves as well.
 */
export class Publishing {
  readonly #session: Session;
  readonly #o: PublishingOptions;
  readonly #acknowledge: { subscriptionId: number; sequenceNumber: number }[] = [];
  #next = 1;
  #heardAt: number;
  #ended = false;

  private constructor(
    session: Session,
    options: PublishingOptions,
    readonly id: number,
    /** As the server wants it. */
    readonly intervalMs: number,
  ) {
    this.#session = session;
    this.#o = options;
    this.#heardAt = options.steadyMs();
  }

  static async open(session: Session, options: PublishingOptions): Promise<Publishing> {
    const request = new CreateSubscriptionRequest({
      requestedPublishingInterval: options.publishMs,
      requestedMaxKeepAliveCount: KEEP_ALIVES,
      requestedLifetimeCount: Math.max(100, Math.ceil(60_000 / options.publishMs)),
      maxNotificationsPerPublish: 0,
      publishingEnabled: true,
      priority: 0,
    });
    const made = await session.call<CreateSubscriptionResponse>(request, options.deadlineMs);
    return new Publishing(session, options, made.subscriptionId, made.revisedPublishingInterval);
  }

  /** Since when the server has sent neither values nor a sign of life. */
  get silentMs(): number {
    return this.#o.steadyMs() - this.#heardAt;
  }

  /** Runs until the subscription ends. @throws with the reason; it never ends well */
  async run(): Promise<never> {
    try {
      await Promise.all(Array.from({ length: REQUESTS }, (_, n) => this.#pump(n === 0)));
      throw new Error('the subscription ended');
    } finally {
      this.#ended = true;
    }
  }

  async #pump(first: boolean): Promise<void> {
    const { deadlineMs } = this.#o;
    const patience = this.intervalMs * KEEP_ALIVES * (REQUESTS + 1) + deadlineMs;
    while (!this.#ended) {
      const subscriptionAcknowledgements = this.#acknowledge.splice(0);
      let answer: PublishResponse;
      try {
        answer = await this.#session.call(new PublishRequest({ subscriptionAcknowledgements }), patience);
      } catch (error) {
        const fewer = error instanceof Fault && error.status.equals(StatusCodes.BadTooManyPublishRequests);
        if (fewer && !first) return;
        throw error;
      }
      if (answer.subscriptionId === this.id) await this.#take(answer);
    }
  }

  async #take({ notificationMessage, subscriptionId }: PublishResponse): Promise<void> {
    this.#heardAt = this.#o.steadyMs();
    const { sequenceNumber, notificationData } = notificationMessage;
    const parts = notificationData ?? [];
    const expected = this.#next;
    // A sign of life carries the number of the parcel that comes next.
    this.#next =
      parts.length === 0 ? sequenceNumber : sequenceNumber === LAST_NUMBER ? 1 : sequenceNumber + 1;
    if (parts.length > 0) this.#acknowledge.push({ subscriptionId, sequenceNumber });
    const waits: Promise<void>[] = [];
    if (sequenceNumber !== expected) waits.push(this.#o.missed(sequenceNumber - expected));
    for (const part of parts) {
      if (part instanceof DataChangeNotification) waits.push(this.#o.take(part.monitoredItems ?? []));
      else if (part instanceof StatusChangeNotification)
        throw new Error(`the server ended the subscription: ${(part.status as StatusCode).name}`);
    }
    await Promise.all(waits);
  }
}
