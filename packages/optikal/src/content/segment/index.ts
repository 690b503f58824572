/** Public names of cutting texts into segments. */
export type { Origin, Segment, SegmentedText } from './contract.ts';
export { segmentsOf, segmentText } from './segment.ts';
