/** Reads any base scorer back from its model file, by the kind in the header. */
import { BOOSTING_KIND, boostingOf } from './boosting/model.ts';
import { MlError } from './errors.ts';
import { ISOLATION_FOREST_KIND, isolationForestOf } from './isolation-forest/model.ts';
import { type ModelContent, readModelFile } from './model-file.ts';
import type { BaseScorer } from './scorer.ts';

const DECODERS: ReadonlyMap<string, (content: ModelContent) => BaseScorer> = new Map<string, (content: ModelContent) => BaseScorer>([
  [ISOLATION_FOREST_KIND, isolationForestOf],
  [BOOSTING_KIND, boostingOf],
]);

/**
 * The scorer of a model file: same scores, same attributions, same bytes again. ML_FILE_MAGIC, ML_FILE_VERSION,
 * ML_FILE_TRUNCATED, ML_FILE_CORRUPT, ML_FILE_KIND, ML_BAD_TREE.
 */
export function decodeScorer(bytes: Uint8Array): BaseScorer {
  const content = readModelFile(bytes);
  const decode = DECODERS.get(content.kind);
  if (decode === undefined) {
    throw new MlError('ML_FILE_KIND', { expected: [...DECODERS.keys()].join(' or '), found: `\`${content.kind}\`` });
  }
  return decode(content);
}
