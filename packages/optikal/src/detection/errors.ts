/** The closed list of codes of the detector's own artefacts: bundles and their files. */

export const DETECTION_ERRORS = {
  bundle_missing_file: 'a file named in the manifest is not there',
  bundle_altered: 'a file of the bundle does not have the SHA-256 of its manifest',
  bundle_format: 'the manifest is not JSON of a supported format version',
  bundle_features: 'the bundle was made for other features than this version computes',
  no_attacks: 'the data holds no labelled attack, and no base bundle was given',
  too_few_windows: 'the data holds too few windows to fit a model',
} as const;
export type DetectionErrorCode = keyof typeof DETECTION_ERRORS;

export class DetectionError extends Error {
  readonly code: DetectionErrorCode;
  constructor(code: DetectionErrorCode, message: string) {
    super(message);
    this.name = 'DetectionError';
    this.code = code;
  }
}
