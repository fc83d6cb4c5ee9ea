import type { Tree } from './booster.js';
import type { Head } from './head.js';
import { softmaxInPlace } from './linear.js';

/** A head from boosted trees: tree t adds to output t mod outputs. */
export function treesHead(trees: readonly Tree[], base: Float32Array): Head {
  const outputs = base.length;
  return {
    name: 'trees',
    outputs,
    predict: (x) => {
      const raw = new Float64Array(x.rows * outputs);
      for (let i = 0; i < x.rows; i++) {
        const at = i * x.width;
        for (let c = 0; c < outputs; c++) raw[i * outputs + c] = base[c]!;
        for (let t = 0; t < trees.length; t++) {
          const { feature, threshold, left, right, value } = trees[t]!;
          let node = 0;
          while (feature[node]! >= 0) {
            node = x.values[at + feature[node]!]! <= threshold[node]! ? left[node]! : right[node]!;
          }
          raw[i * outputs + (t % outputs)]! += value[node]!;
        }
        if (outputs > 1) softmaxInPlace(raw, i * outputs, outputs);
      }
      return raw;
    },
    emit: (g, features) => {
      const treeIds: number[] = [];
      const nodeIds: number[] = [];
      const featureIds: number[] = [];
      const values: number[] = [];
      const modes: string[] = [];
      const whenTrue: number[] = [];
      const whenFalse: number[] = [];
      const targetTrees: number[] = [];
      const targetNodes: number[] = [];
      const targets: number[] = [];
      const targetWeights: number[] = [];
      trees.forEach((tree, t) => {
        for (let node = 0; node < tree.feature.length; node++) {
          const leaf = tree.feature[node]! < 0;
          treeIds.push(t);
          nodeIds.push(node);
          featureIds.push(leaf ? 0 : tree.feature[node]!);
          values.push(tree.threshold[node]!);
          modes.push(leaf ? 'LEAF' : 'BRANCH_LEQ');
          whenTrue.push(tree.left[node]!);
          whenFalse.push(tree.right[node]!);
          if (!leaf) continue;
          targetTrees.push(t);
          targetNodes.push(node);
          targets.push(t % outputs);
          targetWeights.push(tree.value[node]!);
        }
      });
      const raw = g.node(
        'TreeEnsembleRegressor',
        [features],
        {
          n_targets: outputs,
          base_values: { floats: base },
          nodes_treeids: { ints: treeIds },
          nodes_nodeids: { ints: nodeIds },
          nodes_featureids: { ints: featureIds },
          nodes_values: { floats: values },
          nodes_modes: { strings: modes },
          nodes_truenodeids: { ints: whenTrue },
          nodes_falsenodeids: { ints: whenFalse },
          nodes_missing_value_tracks_true: { ints: new Array<number>(treeIds.length).fill(0) },
          target_treeids: { ints: targetTrees },
          target_nodeids: { ints: targetNodes },
          target_ids: { ints: targets },
          target_weights: { floats: targetWeights },
        },
        'ai.onnx.ml',
      );
      return outputs === 1 ? g.node('Reshape', [raw, g.ints([-1])]) : g.node('Softmax', [raw], { axis: 1 });
    },
  };
}
