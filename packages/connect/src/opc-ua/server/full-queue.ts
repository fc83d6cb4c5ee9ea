import {
  type MonitoredItem,
  type OPCUAServer,
  type ServerSession,
  StatusCode,
  type Subscription,
} from 'node-opcua';

/** What a queue holds: a changed value, or an event, which has no status. */
interface Notification {
  readonly value?: { statusCode: StatusCode };
}

interface Queued {
  readonly queue: readonly Notification[];
  _setOverflowBit(notification: Notification): void;
}

/**
 * Lets a full queue of a client hold any status. The library (node-opcua 2.182.2, `_setOverflowBit`) asserts that a value
 * beside which others were lost is Good, and a server whose tag goes bad then ends with its process. OPC 10000-4, 7.39.1
 * asks for no such thing: the overflow bit stands beside every status.
 */
export function tolerateAnyStatus(server: OPCUAServer): void {
  server.on('create_session', (session: ServerSession) => {
    session.on('new_subscription', (subscription: Subscription) => {
      subscription.on('monitoredItem', (item: MonitoredItem) => {
        const queued = item as unknown as Queued;
        const mark = queued._setOverflowBit.bind(item);
        queued._setOverflowBit = (notification) => {
          const { value } = notification;
          if (value === undefined) mark(notification);
          else value.statusCode = StatusCode.makeStatusCode(value.statusCode, 'Overflow | InfoTypeDataValue');
        };
      });
    });
  });
}
