/** What the services may use of the server. */
export type {
  Answered,
  FeedAlert,
  HttpLogEntry,
  HttpServer,
  HttpServerOptions,
  MetricsPage,
  ModelsRequest,
  ObserveServerOptions,
  ProbeReason,
  ReadAlerts,
  Readiness,
  TakeEvents,
} from './contract.ts';
export { HTTP_ERRORS, HTTP_STATUS, HttpError, type HttpErrorCode, StartError } from './errors.ts';
export { type Credential, type Keys, parseKeys, ROLES, type Role, readKeysFile } from './keys.ts';
export { DEFAULT_LIMITS, type HttpLimits } from './limits.ts';
export { createHttpServer, createObserveServer, ROUTES } from './server.ts';
