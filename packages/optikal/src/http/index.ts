/** What the services may use of the server. */
export type {
  FeedAlert,
  HttpLogEntry,
  HttpServer,
  HttpServerOptions,
  ModelsRequest,
  ReadAlerts,
  Readiness,
  TakeEvents,
} from './contract.ts';
export { HTTP_ERRORS, HTTP_STATUS, HttpError, type HttpErrorCode, StartError } from './errors.ts';
export { type Credential, type Keys, parseKeys, ROLES, type Role, readKeysFile } from './keys.ts';
export { DEFAULT_LIMITS, type HttpLimits } from './limits.ts';
export { createHttpServer } from './server.ts';
