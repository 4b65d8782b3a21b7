export { type Client, type ClientOptions, createClient } from './create-client.ts'
export {
  type BegunUpload,
  type Format,
  type ImportPreview,
  previewFile,
  type PreviewFile,
  uploadFile,
  type UploadFile,
} from './files.ts'
export { type ChangeBatch, followChanges, type FollowChanges, iterate } from './lists.ts'
export { type OpenedConnectSession, openLink, type OpenLink } from './open-link.ts'
export { type Problem, ProblemError, refusalOf, unwrap } from './problem.ts'
export type { RetryOptions, Token } from './retrying-fetch.ts'
export type { components, operations, paths } from './schema.ts'
export { type Event, EventError, type EventErrorCode, verifyEvent, type VerifyOptions } from './verify-event.ts'
export { type Run, watchRun, type WatchRun } from './watch-run.ts'
