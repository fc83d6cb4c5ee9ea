import protobuf from 'protobufjs';

/**
 * The payload of Sparkplug B 3.0 (section 6.4.1), written for this project. Numbers of fields are the standard's. A
 * template stays bytes: it is carried and not understood. Extensions are skipped as unknown fields.
 */
export const SCHEMA = `
syntax = "proto2";
message Payload {
  optional uint64 timestamp = 1;
  repeated Metric metrics = 2;
  optional uint64 seq = 3;
  optional string uuid = 4;
  optional bytes body = 5;
}
message Metric {
  optional string name = 1;
  optional uint64 alias = 2;
  optional uint64 timestamp = 3;
  optional uint32 datatype = 4;
  optional bool is_historical = 5;
  optional bool is_transient = 6;
  optional bool is_null = 7;
  optional MetaData metadata = 8;
  optional PropertySet properties = 9;
  oneof value {
    uint32 int_value = 10;
    uint64 long_value = 11;
    float float_value = 12;
    double double_value = 13;
    bool boolean_value = 14;
    string string_value = 15;
    bytes bytes_value = 16;
    DataSet dataset_value = 17;
    bytes template_value = 18;
  }
}
message MetaData {
  optional bool is_multi_part = 1;
  optional string content_type = 2;
  optional uint64 size = 3;
  optional uint64 seq = 4;
  optional string file_name = 5;
  optional string file_type = 6;
  optional string md5 = 7;
  optional string description = 8;
}
message PropertySet {
  repeated string keys = 1;
  repeated PropertyValue values = 2;
}
message PropertySetList { repeated PropertySet propertyset = 1; }
message PropertyValue {
  optional uint32 type = 1;
  optional bool is_null = 2;
  oneof value {
    uint32 int_value = 3;
    uint64 long_value = 4;
    float float_value = 5;
    double double_value = 6;
    bool boolean_value = 7;
    string string_value = 8;
    PropertySet propertyset_value = 9;
    PropertySetList propertysets_value = 10;
  }
}
message DataSet {
  optional uint64 num_of_columns = 1;
  repeated string columns = 2;
  repeated uint32 types = 3;
  repeated Row rows = 4;
}
message Row { repeated DataSetValue elements = 1; }
message DataSetValue {
  oneof value {
    uint32 int_value = 1;
    uint64 long_value = 2;
    float float_value = 3;
    double double_value = 4;
    bool boolean_value = 5;
    string string_value = 6;
  }
}
`;

/** As protobufjs hands it over: 64-bit integers are objects with two halves. */
export type Halves = { readonly low: number; readonly high: number };

const root = protobuf.parse(SCHEMA, { keepCase: true }).root;
const payload = root.lookupType('Payload');

/** @throws Error where the bytes are no message of this schema. */
export function decodeMessage(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return payload.decode(bytes) as unknown as Record<string, unknown>;
}

export function encodeMessage(message: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(payload.encode(payload.fromObject(message)).finish());
}

/**
 * Without its package for 64-bit integers protobufjs rounds them to doubles in silence.
 * @throws Error in that case.
 */
export function bigOf(one: unknown): bigint {
  if (typeof one !== 'object' || one === null || !('low' in one) || !('high' in one))
    throw new Error('64-bit integers are not whole: the package `long` is missing beside protobufjs');
  const { low, high } = one as Halves;
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The two halves of a 64-bit integer; a negative one as its two's complement. */
export function halvesOf(value: bigint): Halves & { readonly unsigned: true } {
  const whole = BigInt.asUintN(64, value);
  return { low: Number(whole & 0xffff_ffffn) | 0, high: Number(whole >> 32n) | 0, unsigned: true };
}
