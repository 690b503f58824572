/** The arrays of a tree ensemble inside a model file. */
import { arrayOf, type ModelArray, type ModelContent, numberOf } from '../model-file.ts';
import { checkTrees, type TreeEnsemble } from './ensemble.ts';

/** The arrays to put into a model file; `featureCount` goes to its numbers. */
export function treeArrays(trees: TreeEnsemble): Record<string, ModelArray> {
  const { roots, feature, threshold, left, right, missingLeft, value, cover } = trees;
  return { roots, feature, threshold, left, right, missingLeft, value, cover };
}

/** The ensemble of a model file, checked. ML_FILE_CORRUPT, ML_BAD_TREE. */
export function treesOf(content: ModelContent): TreeEnsemble {
  const trees: TreeEnsemble = {
    featureCount: numberOf(content, 'featureCount'),
    roots: arrayOf(content, 'roots', Int32Array),
    feature: arrayOf(content, 'feature', Int32Array),
    threshold: arrayOf(content, 'threshold', Float64Array),
    left: arrayOf(content, 'left', Int32Array),
    right: arrayOf(content, 'right', Int32Array),
    missingLeft: arrayOf(content, 'missingLeft', Uint8Array),
    value: arrayOf(content, 'value', Float64Array),
    cover: arrayOf(content, 'cover', Float64Array),
  };
  checkTrees(trees);
  return trees;
}
