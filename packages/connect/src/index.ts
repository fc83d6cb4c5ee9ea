export { type Armed, isArmed, type Sealed } from './contract/armed.js';
export type { Command, Outcome, Receipt } from './contract/command.js';
export {
  type Ability,
  CONTRACT_VERSION,
  type Connector,
  type Context,
  type Link,
  type LinkState,
  type Log,
  type Manifest,
  type NodeInfo,
  type Probe,
  type Telling,
} from './contract/connector.js';
export type { Batch, Frame, Gap, Item, MachineEvent, Quality, Sample, TimeFrom } from './contract/item.js';
export { type Tag, tagSchema, WORD_ORDERS, type WordOrder } from './contract/tag.js';
export { SCALAR_TYPES, type Scalar, type ScalarType, sameValue, type Value } from './contract/value.js';
export {
  Guard,
  type GuardOptions,
  type Refusal,
  type Standing,
  type WriteRow,
  type Written,
} from './guard/guard.js';
export { boundsOf, type Lease, type LeaseRefusal, leaseFaults, leaseRefusal } from './guard/lease.js';
export {
  AUTHORITIES,
  type Authority,
  GUARD_MODES,
  type GuardMode,
  type WriteRule,
  writeRuleSchema,
} from './guard/rule.js';
export { PROTOCOLS, settingFaults } from './host/built-in.js';
export { HostedLink, type HostLimits, type HostOptions } from './host/hosted-link.js';
export { inheritedOf } from './host/spawn.js';
export { Backoff, type BackoffOptions } from './kit/backoff.js';
export { Changes } from './kit/changes.js';
export { Feed, type FeedOptions, type RawItem } from './kit/feed.js';
export { pause } from './kit/pause.js';
export { States } from './kit/states.js';
export { type Staying, stayConnected } from './kit/stay-connected.js';
export { timeLeft, writeRefusal } from './kit/write-refusal.js';
export { Registers, type Write as ModbusWrite } from './modbus/answer.js';
export { modbus } from './modbus/connector.js';
export {
  type CounterOptions,
  type CounterState,
  type CounterStep,
  CounterTrack,
} from './modbus/counter-track.js';
export { type ModbusServer, type ModbusServerOptions, startModbusServer } from './modbus/server.js';
export { ACC32_LIMIT, findSunSpecMeter, type SunSpecMeter, type SunSpecOptions } from './modbus/sun-spec.js';
export { type RunningMeter, type SunSpecMeterOptions, startSunSpecMeter } from './modbus/sun-spec-meter.js';
export {
  type Broker,
  type BrokerOptions,
  startBroker,
  startEmbeddedBroker,
} from './mqtt/broker.js';
export { type BrokerConfig, brokerSchema } from './mqtt/broker-config.js';
export { mqttJson } from './mqtt/json-connector.js';
export { type MapperOptions, type Name, NameMapper, type SparkplugName } from './names/mapper.js';
export {
  opcUaCertificates,
  type PeerCertificate,
  trustOpcUaCertificate,
} from './opc-ua/certificates.js';
export { type OpcUaConfig, opcUaConfig } from './opc-ua/config.js';
export { opcUa } from './opc-ua/connector.js';
export type {
  JobCall,
  JobResponse,
  MachineIdentity,
  MachineModel,
  OnCall,
  OpcUaServer,
  OpcUaServerOptions,
  ServerTag,
  UnitResult,
  VisionCall,
  VisionState,
  WriteAnswer,
} from './opc-ua/server/options.js';
export { startOpcUaServer } from './opc-ua/server.js';
export type { Datatype } from './sparkplug/datatypes.js';
export type { Device, EdgeCommand } from './sparkplug/edge.js';
export type { MetricDefinition, Report } from './sparkplug/edge-metrics.js';
export { sparkplugHost } from './sparkplug/host-connector.js';
export { type RunningEdge, type StartEdgeOptions, startSparkplugEdge } from './sparkplug/start-edge.js';
export { CONNECTOR_TEMPLATE, TEMPLATE_PROTOCOL } from './template.js';
