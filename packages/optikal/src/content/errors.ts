/** The closed list of codes of the content plane: what it refuses. Messages never quote content. */

export const CONTENT_ERRORS = {
  gateway_option: 'an option of the gateway is unknown or out of its range',
  tools_unreadable: 'what is given is no list of tools: neither the result of tools/list nor an array of tools',
  known_tools_unreadable: 'what is given as the known tools is neither a list of tools nor a file of their fingerprints',
} as const;
export type ContentErrorCode = keyof typeof CONTENT_ERRORS;

export class ContentError extends Error {
  readonly code: ContentErrorCode;
  constructor(code: ContentErrorCode, message: string) {
    super(message);
    this.name = 'ContentError';
    this.code = code;
  }
}
