import type { Quality } from '../../contract/item.js';
import type { ScalarType, Value } from '../../contract/value.js';

/** One value that a server offers: node id `nsu=<namespace>;s=<tag>`, below a folder for each word before a slash. */
export interface ServerTag {
  readonly tag: string;
  readonly type: ScalarType;
  readonly array?: boolean;
  /** UCUM code, told as EUInformation; numbers only. */
  readonly unit?: string;
  readonly range?: readonly [number, number];
  readonly writable?: boolean;
  readonly value?: Value;
}

/** OPC 40001-1 (Machinery), MachineIdentificationType. */
export interface MachineIdentity {
  /** Browse name below `Machines`. */
  readonly name: string;
  readonly manufacturer: string;
  readonly serialNumber: string;
  /** Globally unique and stable. */
  readonly productInstanceUri: string;
  readonly model?: string;
  readonly softwareRevision?: string;
  readonly yearOfConstruction?: number;
  readonly location?: string;
}

/** What beyond plain tags the server offers of its machine; only the information models that these need are loaded. */
export type MachineModel = 'vision' | 'results' | 'jobs';

/** A status word of OPC UA: `Good` or why not (`BadOutOfRange`, `BadUserAccessDenied`, …). */
export type WriteAnswer = 'Good' | `Bad${string}`;

/** A method of the state machines of OPC 40100-1 (Machine Vision). */
export interface VisionCall {
  readonly model: 'vision';
  readonly method:
    | 'Halt'
    | 'Reset'
    | 'SelectModeAutomatic'
    | 'StartSingleJob'
    | 'StartContinuous'
    | 'Stop'
    | 'Abort';
  /** Of the two starts: the id that the caller is given. */
  readonly job?: string;
  readonly part?: string;
  readonly recipe?: string;
  /** What the caller says of the cause; empty where nothing. */
  readonly why?: string;
}

/** A method of the receiver of job orders (OPC 10031-4, ISA-95 Job Control). */
export interface JobCall {
  readonly model: 'jobs';
  readonly method:
    | 'Store'
    | 'StoreAndStart'
    | 'Start'
    | 'RevokeStart'
    | 'Update'
    | 'Stop'
    | 'Pause'
    | 'Resume'
    | 'Abort'
    | 'Cancel'
    | 'Clear';
  readonly job: string;
}

/** Whether the machine does what a client asks for. */
export type OnCall = (call: VisionCall | JobCall) => boolean | Promise<boolean>;

export interface OpcUaServerOptions {
  /** 0: a free one. */
  readonly port: number;
  /** Address to listen at; by default this machine only. */
  readonly host?: string;
  /** Own folder: certificates and trust list. */
  readonly folder: string;
  readonly application?: string;
  /** Uri of the namespace of the tags. */
  readonly namespace?: string;
  readonly tags: readonly ServerTag[];
  readonly machine?: MachineIdentity;
  readonly models?: readonly MachineModel[];
  /** Also offers an endpoint without security. */
  readonly unsecured?: 'accepted';
  /** Where given, only people with a password may come in (and holders of a trusted user certificate). */
  readonly users?: (user: string, password: string) => boolean | Promise<boolean>;
  /** Asked before a value is taken; by default everything that fits the tag and its range is. */
  readonly onWrite?: (tag: string, value: Value) => WriteAnswer | Promise<WriteAnswer>;
  /** Asked before a method moves a state machine or takes a job order; without it every such method is refused. */
  readonly onCall?: OnCall;
}

/** OPC 40100-1 (Machine Vision) and OPC 40001-101 (Machinery Result): what is known of the result of one unit. */
export interface UnitResult {
  readonly id: string;
  readonly part: string;
  readonly job: string;
  readonly recipe: string;
  readonly configuration: string;
  /** More of the same result will follow. */
  readonly isPartial: boolean;
  readonly isSimulated: boolean;
  readonly atMs: number;
  readonly evaluation: 'good' | 'bad' | 'undecided';
  /** Names and values of what was found. */
  readonly content: Readonly<Record<string, number | string | boolean>>;
}

/** OPC 40001-3 (Machinery Jobs) over ISA-95 job control. */
export interface JobResponse {
  readonly id: string;
  readonly job: string;
  readonly state: 'NotAllowedToStart' | 'AllowedToStart' | 'Running' | 'Interrupted' | 'Ended' | 'Aborted';
  readonly startMs?: number;
  readonly endMs?: number;
}

export type VisionState =
  | 'Preoperational'
  | 'Halted'
  | 'Error'
  | 'Ready'
  | 'Initialized'
  | 'SingleExecution'
  | 'ContinuousExecution';

export interface OpcUaServer {
  readonly endpoint: string;
  readonly namespace: string;
  /**
   * `atMs`: epoch ms, parts of a millisecond are dropped; by default now. A `bad` one goes out without its value.
   * @throws RangeError where there is no such tag or the value does not fit it
   */
  set(tag: string, value: Value, atMs?: number, quality?: Quality): void;
  /** Raises an event of the machine (or of the server where there is none). Severity 1..1000. */
  event(message: string, severity?: number): void;
  /** @throws RangeError without the model `vision` */
  vision(state: VisionState): void;
  /** The latest result and its event. @throws RangeError without `vision` or `results` */
  result(result: UnitResult): void;
  /** Adds or replaces the response to one job order. @throws RangeError without `jobs` */
  job(response: JobResponse): void;
  /** Accepts the certificate of a client or of a person that was refused. @throws RangeError where it was not met */
  trust(thumbprint: string): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
