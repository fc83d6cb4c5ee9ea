import protobuf from 'protobufjs';

/**
 * onnx.proto3 (onnx/onnx, IR version 8) without training, device and quantisation notes: what the graph builder
 * writes, and all that a foreign file needs to be read and written again. Field numbers are the standard's and
 * never change.
 */
const SCHEMA = `
syntax = "proto3";
message ModelProto {
  int64 ir_version = 1;
  string producer_name = 2;
  GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
  repeated FunctionProto functions = 25;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message StringStringEntryProto { string key = 1; string value = 2; }
message FunctionProto { string name = 1; string domain = 10; }
message GraphProto {
  repeated NodeProto node = 1;
  string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
  repeated ValueInfoProto value_info = 13;
  repeated SparseTensorProto sparse_initializer = 15;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  string name = 3;
  string op_type = 4;
  repeated AttributeProto attribute = 5;
  string domain = 7;
  string overload = 8;
}
message AttributeProto {
  string name = 1;
  float f = 2;
  int64 i = 3;
  bytes s = 4;
  TensorProto t = 5;
  GraphProto g = 6;
  repeated float floats = 7;
  repeated int64 ints = 8;
  repeated bytes strings = 9;
  repeated TensorProto tensors = 10;
  repeated GraphProto graphs = 11;
  TypeProto tp = 14;
  repeated TypeProto type_protos = 15;
  int32 type = 20;
  string ref_attr_name = 21;
  SparseTensorProto sparse_tensor = 22;
  repeated SparseTensorProto sparse_tensors = 23;
}
message TensorProto {
  repeated int64 dims = 1;
  int32 data_type = 2;
  repeated float float_data = 4;
  repeated int32 int32_data = 5;
  repeated bytes string_data = 6;
  repeated int64 int64_data = 7;
  string name = 8;
  bytes raw_data = 9;
  repeated double double_data = 10;
  repeated uint64 uint64_data = 11;
  repeated StringStringEntryProto external_data = 13;
  int32 data_location = 14;
}
message SparseTensorProto { TensorProto values = 1; TensorProto indices = 2; repeated int64 dims = 3; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message TypeProto {
  oneof value {
    Tensor tensor_type = 1;
    Sequence sequence_type = 4;
    Map map_type = 5;
    Tensor sparse_tensor_type = 8;
    Optional optional_type = 9;
  }
  string denotation = 6;
  message Tensor { int32 elem_type = 1; TensorShapeProto shape = 2; }
  message Sequence { TypeProto elem_type = 1; }
  message Map { int32 key_type = 1; TypeProto value_type = 2; }
  message Optional { TypeProto elem_type = 1; }
}
message TensorShapeProto {
  repeated Dimension dim = 1;
  message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } string denotation = 3; }
}
`;

const Model = protobuf.parse(SCHEMA).root.lookupType('ModelProto');

/** A 64-bit integer: an object of the package long, which comes with protobufjs, where a file was read. */
export type Int64 = number | { toString(): string };

/** AttributeProto: `type` says which of the values counts. */
export interface AttributeMessage {
  readonly name: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: Int64;
  readonly s?: Uint8Array;
  readonly t?: TensorMessage;
  readonly g?: GraphMessage;
  readonly floats?: readonly number[];
  readonly ints?: readonly Int64[];
  readonly strings?: readonly Uint8Array[];
  readonly tensors?: readonly TensorMessage[];
  readonly graphs?: readonly GraphMessage[];
}

export interface NodeMessage {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute?: readonly AttributeMessage[];
  readonly domain?: string;
}

export interface TensorMessage {
  readonly name: string;
  readonly dims: readonly Int64[];
  readonly dataType: number;
  readonly rawData?: Uint8Array;
  readonly floatData?: readonly number[];
  readonly int64Data?: readonly Int64[];
  /** 1 = the data lie in another file. */
  readonly dataLocation?: number;
  readonly externalData?: readonly { readonly key: string; readonly value: string }[];
}

export interface ValueMessage {
  readonly name: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType: number;
      readonly shape?: { readonly dim: readonly { readonly dimValue?: Int64; readonly dimParam?: string }[] };
    };
  };
}

export interface GraphMessage {
  readonly name: string;
  readonly node: readonly NodeMessage[];
  readonly initializer: readonly TensorMessage[];
  readonly input: readonly ValueMessage[];
  readonly output: readonly ValueMessage[];
  readonly valueInfo?: readonly ValueMessage[];
  readonly sparseInitializer?: readonly { readonly values?: TensorMessage }[];
}

export interface ModelMessage {
  readonly irVersion: Int64;
  readonly producerName: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: Int64 }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
  readonly graph: GraphMessage;
  readonly functions?: readonly { readonly name: string }[];
}

/** Encodes a model; throws where a field has the wrong type. */
export function encodeModel(model: ModelMessage): Uint8Array {
  const fault = Model.verify(model);
  if (fault) throw new TypeError(`ONNX model: ${fault}`);
  return Model.encode(model as unknown as Record<string, unknown>).finish();
}

/**
 * Decodes a model. Fields that the file leaves out read as their defaults. The tensors share the memory of `bytes`.
 *
 * @throws Error where the bytes are no ONNX model with a graph.
 */
export function decodeModel(bytes: Uint8Array): ModelMessage {
  let model: Partial<ModelMessage>;
  try {
    model = Model.decode(bytes) as unknown as Partial<ModelMessage>;
  } catch {
    throw new Error('it is not an ONNX model (its bytes are no protobuf message of that kind)');
  }
  if (!(Number(model.irVersion) > 0) || !model.graph || model.graph.node.length === 0) {
    throw new Error('it is not an ONNX model (it has no version or no graph)');
  }
  return model as ModelMessage;
}
