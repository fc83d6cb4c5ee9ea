import type { Attribute, ElementType, GraphBuilder } from '../onnx/graph-builder.js';
import { elementCode } from '../onnx/graph-builder.js';

/** Short names for the operators that the map graph uses: each adds one node and returns its value. */
export interface Ops {
  readonly g: GraphBuilder;
  add(a: string, b: string): string;
  sub(a: string, b: string): string;
  mul(a: string, b: string): string;
  div(a: string, b: string): string;
  max(a: string, b: string): string;
  min(a: string, b: string): string;
  sqrt(a: string): string;
  matmul(a: string, b: string): string;
  /** 1 where `a` > `b`, else 0, float32. */
  above(a: string, b: string): string;
  /** 1 where `a` = `b`, else 0, float32. */
  equal(a: string, b: string): string;
  cast(a: string, type: ElementType): string;
  /** -1 = what is left, 0 = as before (Reshape's own rules). */
  reshape(a: string, shape: readonly number[]): string;
  transpose(a: string, order: readonly number[]): string;
  concat(parts: readonly string[], axis: number): string;
  sum(a: string, axes: readonly number[], keep?: boolean): string;
  reduce(op: 'ReduceMax' | 'ReduceMin' | 'ReduceMean', a: string, axes: readonly number[]): string;
  /** Values along the last axis (length `length`) in falling order, at the given ranks only. */
  ranked(a: string, length: number, ranks: readonly number[]): string;
  gather(a: string, index: readonly number[], axis: number): string;
  number(value: number): string;
}

export function opsOf(g: GraphBuilder): Ops {
  const node = (op: string, inputs: string[], attributes: Record<string, Attribute> = {}): string =>
    g.node(op, inputs, attributes);
  const cast = (a: string, type: ElementType): string => node('Cast', [a], { to: elementCode(type) });
  return {
    g,
    add: (a, b) => node('Add', [a, b]),
    sub: (a, b) => node('Sub', [a, b]),
    mul: (a, b) => node('Mul', [a, b]),
    div: (a, b) => node('Div', [a, b]),
    max: (a, b) => node('Max', [a, b]),
    min: (a, b) => node('Min', [a, b]),
    sqrt: (a) => node('Sqrt', [a]),
    matmul: (a, b) => node('MatMul', [a, b]),
    above: (a, b) => cast(node('Greater', [a, b]), 'float32'),
    equal: (a, b) => cast(node('Equal', [a, b]), 'float32'),
    cast,
    reshape: (a, shape) => node('Reshape', [a, g.ints(shape)]),
    transpose: (a, order) => node('Transpose', [a], { perm: { ints: order } }),
    concat: (parts, axis) => node('Concat', [...parts], { axis }),
    sum: (a, axes, keep = false) => node('ReduceSum', [a, g.ints(axes)], { keepdims: keep ? 1 : 0 }),
    reduce: (op, a, axes) => node(op, [a], { axes: { ints: axes }, keepdims: 0 }),
    ranked: (a, length, ranks) => {
      const [values] = g.nodes('TopK', [a, g.ints([length])], 2, { axis: -1, largest: 1, sorted: 1 });
      return node('Gather', [values!, g.ints(ranks)], { axis: -1 });
    },
    gather: (a, index, axis) => node('Gather', [a, g.ints(index)], { axis }),
    number: (value) => g.scalar(value),
  };
}
