/**
 * Step 4: one tree on one bag, node by node in breadth-first order: Breiman 2001, a fresh draw of columns at every node. The search goes on
 * past the drawn columns while none of them has a split, so a node of constant columns does not end a branch.
 */
import type { Random } from '../random.ts';
import type { BinnedMatrix } from '../tree/binning.ts';
import { emptyTrees, type TreeEnsemble, trimTree } from '../tree/ensemble.ts';
import { partitionRows } from '../tree/partition.ts';
import { type Criterion, createEntropy, createGini } from './criterion.ts';
import type { Distributions } from './distributions.ts';
import type { ClassLabels, ResolvedRandomForestOptions } from './options.ts';
import { CLASS_BITS, type ClassSplit, createClassSplitter, type NodeRows } from './splitting.ts';

/** Grows trees on one binned matrix; its buffers are reused from tree to tree. */
export interface ClassTreeGrower {
  /**
   * Grows on the rows with draws; `draws[r]` says how often row r is in the bag. A leaf's value is the number of its class distribution, and
   * covers count draws.
   */
  grow(draws: Int32Array, random: Random): TreeEnsemble;
}

export function createClassTreeGrower(
  binned: BinnedMatrix,
  labels: ClassLabels,
  options: ResolvedRandomForestOptions,
  distributions: Distributions,
): ClassTreeGrower {
  const { classCount, classWeights, columnsPerSplit, maxDepth, minDataInLeaf } = options;
  const criterion: Criterion = options.criterion === 'gini' ? createGini(classWeights) : createEntropy(classWeights, binned.rows);
  const splitter = createClassSplitter(binned, criterion, classCount, minDataInLeaf);
  const rows = new Int32Array(binned.rows);
  const tags = new Int32Array(binned.rows);
  const rightRows = new Int32Array(binned.rows);
  const counts = new Float64Array(classCount);
  const shares = new Float64Array(classCount);
  const columns = new Int32Array(binned.cols);

  function grow(draws: Int32Array, random: Random): TreeEnsemble {
    let bagRows = 0;
    for (let r = 0; r < draws.length; r++) if (draws[r] > 0) rows[bagRows++] = r;
    const mostLeaves = Math.max(1, Math.floor(bagRows / minDataInLeaf));
    const trees = emptyTrees(binned.cols, 2 * mostLeaves - 1, 1);
    const start = new Int32Array(trees.feature.length);
    const end = new Int32Array(trees.feature.length);
    const depth = new Int32Array(trees.feature.length);
    // Columns start in order for every tree: a tree depends on its own stream only.
    for (let c = 0; c < columns.length; c++) columns[c] = c;
    end[0] = bagRows;
    let used = 1;
    for (let node = 0; node < used; node++) {
      const nodeRows = open(start[node], end[node], draws);
      for (let k = 0; k < classCount; k++) trees.cover[node] += counts[k];
      const split = depth[node] < maxDepth ? findSplit(nodeRows, random) : null;
      if (split === null) {
        const weight = criterion.weight(counts);
        for (let k = 0; k < classCount; k++) shares[k] = (classWeights[k] * counts[k]) / weight;
        trees.value[node] = distributions.numberOf(shares);
        continue;
      }
      const by = { feature: split.feature, bin: split.bin, missingLeft: split.missing === 1 };
      const middle = partitionRows(binned, rows, rightRows, nodeRows.from, nodeRows.to, by);
      trees.feature[node] = split.feature;
      trees.threshold[node] = binned.edges[split.feature][split.bin];
      // Where no training row lacked the value, it follows the larger child.
      const missingLeft = split.missing < 0 ? 2 * (middle - start[node]) >= end[node] - start[node] : split.missing === 1;
      trees.missingLeft[node] = missingLeft ? 1 : 0;
      trees.left[node] = used;
      trees.right[node] = used + 1;
      start[used] = start[node];
      end[used] = start[used + 1] = middle;
      end[used + 1] = end[node];
      depth[used] = depth[used + 1] = depth[node] + 1;
      used += 2;
    }
    return trimTree(trees, used);
  }

  /** Counts a node's classes and tags its rows, so that a search reads each row's class and draws side by side. */
  function open(from: number, to: number, draws: Int32Array): NodeRows {
    counts.fill(0);
    for (let i = from; i < to; i++) {
      const label = labels[rows[i]];
      const drawn = draws[rows[i]];
      tags[i] = (drawn << CLASS_BITS) | label;
      counts[label] += drawn;
    }
    return { rows, tags, from, to, counts };
  }

  function findSplit(node: NodeRows, random: Random): ClassSplit | null {
    if (node.to - node.from < 2 * minDataInLeaf || isPure()) return null;
    const best = splitter.start(node);
    for (let drawn = 0; drawn < columns.length && (drawn < columnsPerSplit || best.feature < 0); drawn++) {
      // Fisher-Yates, a step a column: any order of `columns` is as good a start as another.
      const at = drawn + random.nextInt(columns.length - drawn);
      const column = columns[at];
      columns[at] = columns[drawn];
      columns[drawn] = column;
      splitter.search(node, column, best);
    }
    return best.feature < 0 ? null : best;
  }

  function isPure(): boolean {
    let present = 0;
    for (let k = 0; k < classCount; k++) if (counts[k] > 0) present++;
    return present < 2;
  }

  return { grow };
}
