/** Public names of normalising. */
export {
  ENCODINGS,
  type Encoding,
  type Mapped,
  type Normalised,
  originalSpan,
  REGION_KINDS,
  type Reading,
  type Region,
  type RegionKind,
  type TextCounts,
} from './contract.ts';
export { normalise } from './normalise.ts';
