/** Reason codes of MQTT 5 (OASIS MQTT 5.0, table 2-6) that say that something did not happen, in plain words. */
const REASONS: Readonly<Record<number, string>> = {
  4: 'disconnect with will',
  16: 'no matching subscribers',
  17: 'no subscription existed',
  128: 'unspecified error',
  129: 'malformed packet',
  130: 'protocol error',
  131: 'implementation specific error',
  132: 'unsupported protocol version: set `version` to 4',
  133: 'client identifier not valid',
  134: 'bad user name or password',
  135: 'not authorized',
  136: 'server unavailable',
  137: 'server busy',
  138: 'banned',
  139: 'server shutting down',
  140: 'bad authentication method',
  141: 'keep alive timeout',
  142: 'session taken over: another client uses the same clientId',
  143: 'topic filter invalid',
  144: 'topic name invalid',
  145: 'packet identifier in use',
  147: 'receive maximum exceeded',
  148: 'topic alias invalid',
  149: 'packet too large',
  150: 'message rate too high',
  151: 'quota exceeded',
  152: 'administrative action',
  153: 'payload format invalid',
  154: 'retain not supported',
  155: 'QoS not supported',
  156: 'use another server',
  157: 'server moved',
  158: 'shared subscriptions not supported',
  159: 'connection rate exceeded',
  160: 'maximum connect time',
  161: 'subscription identifiers not supported',
  162: 'wildcard subscriptions not supported',
};

/** CONNACK codes of MQTT 3.1.1 (table 3.1), which share no number with those of MQTT 5 from 128 on. */
const OLD_REASONS: Readonly<Record<number, string>> = {
  1: 'unacceptable protocol version',
  2: 'client identifier rejected',
  3: 'server unavailable',
  4: 'bad user name or password',
  5: 'not authorized',
};

/** `0x87 not authorized`; in a CONNACK of MQTT 3.1.1 the codes are others. */
export function reason(code: number, version: 4 | 5 = 5): string {
  const word = (version === 4 ? OLD_REASONS : REASONS)[code] ?? 'unknown reason';
  return `0x${code.toString(16).padStart(2, '0')} ${word}`;
}
