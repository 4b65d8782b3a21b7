// From a file to its import: what the screen shows at each step, and what a person may do there. It knows no page.
import {
  type Client,
  type Format,
  type ImportPreview,
  iterate,
  previewFile,
  ProblemError,
  type Run,
  unwrap,
  uploadFile,
} from '#client/index.ts'
import * as doubts from './doubts.ts'
import { forget, type Interrupted, isSameFile, type Memory, recall, remember } from './interrupted.ts'

/** `broken`: the network went while the file was sent; it can go on. */
type Step = 'choose' | 'reading' | 'unread' | 'check' | 'sending' | 'broken'

export interface ImportState {
  readonly step: Step
  readonly file: File | null
  readonly formats: readonly doubts.SavedFormat[]
  /** The saved format that was chosen; null: found by the columns. */
  readonly format: string | null
  readonly preview: ImportPreview | null
  readonly asked: readonly doubts.Asked[]
  readonly fields: ReadonlyMap<string, doubts.Field | null>
  /** Answers were chosen since the preview was made. */
  readonly isAhead: boolean
  readonly sentBytes: number
  /** The name under which the answers were saved, for this file. */
  readonly savedAs: string | null
  readonly interrupted: Interrupted | null
  /** Why the last step did not succeed. */
  readonly error: unknown
}

export interface ImportFlow {
  readonly state: ImportState
  readonly load: () => Promise<void>
  readonly choose: (file: File) => Promise<void>
  readonly readAs: (format: string | null) => Promise<void>
  readonly answer: (at: number, choiceId: string) => void
  readonly mean: (header: string, field: doubts.Field | null) => void
  /** Reads the file anew, with the answers. */
  readonly apply: () => Promise<void>
  /** Imports the file, its answers saved under a name where there are any. */
  readonly start: (saveAs: string | null) => Promise<void>
  /** Starts once more as it was started, after the network broke it off. */
  readonly goOn: () => Promise<void>
  readonly stop: () => void
  readonly forget: () => void
  readonly reset: () => void
}

export interface FlowOptions {
  readonly client: Client
  readonly integrationId: string
  readonly memory: Memory
  readonly onChange: (state: ImportState) => void
  readonly onStarted: (run: Run) => void
}

const EMPTY: Omit<ImportState, 'formats' | 'interrupted'> = {
  ...{ step: 'choose', file: null, format: null, preview: null, asked: [], fields: new Map(), isAhead: false },
  ...{ sentBytes: 0, savedAs: null, error: null },
}

export function needsName({ asked, fields }: Pick<ImportState, 'asked' | 'fields'>): boolean {
  return fields.size > 0 || doubts.answersOf(asked).length > 0
}

/** The saved format that the file is read with. */
export function usedFormat({ formats, format, preview }: ImportState): doubts.SavedFormat | null {
  const name = format ?? preview?.format ?? null
  return formats.find((saved) => saved.name === name) ?? null
}

export function createFlow(options: FlowOptions): ImportFlow {
  const stage = createStage(options)
  const { set } = stage
  return {
    get state() {
      return stage.state
    },
    load: async () => set({ formats: await readFormats(options) }),
    choose: async (file) => {
      set({ ...EMPTY, file, format: stage.state.format })
      await read(stage, stage.state.format)
    },
    readAs: async (format) => {
      set({ format, asked: [], fields: new Map() })
      await read(stage, format)
    },
    answer: (at, choiceId) => set({ asked: doubts.answer(stage.state.asked, at, choiceId), isAhead: true }),
    mean: (header, field) => set({ fields: new Map(stage.state.fields).set(header, field), isAhead: true }),
    apply: async () => read(stage, trialOf(stage.state) ?? stage.state.format),
    start: async (saveAs) => start(stage, saveAs),
    goOn: async () => start(stage, stage.state.savedAs),
    stop: stage.stop,
    forget: () => {
      forget(options.memory, options.integrationId)
      set({ interrupted: null })
    },
    reset: () => {
      stage.stop()
      set({ ...EMPTY })
    },
  }
}

interface Stage {
  readonly options: FlowOptions
  readonly state: ImportState
  readonly set: (change: Partial<ImportState>) => void
  /** What was begun before is not waited for any more. */
  readonly begin: (step: Step) => AbortSignal
  readonly stop: () => void
}

function createStage(options: FlowOptions): Stage {
  const { integrationId, memory, onChange } = options
  let state: ImportState = { ...EMPTY, formats: [], interrupted: recall(memory, integrationId, Date.now()) }
  let work = new AbortController()
  const set = (change: Partial<ImportState>) => onChange((state = { ...state, ...change }))
  return {
    options,
    get state() {
      return state
    },
    set,
    begin: (step) => {
      work.abort()
      work = new AbortController()
      set({ step, error: null })
      return work.signal
    },
    stop: () => work.abort(),
  }
}

async function readFormats({ client, integrationId }: FlowOptions): Promise<doubts.SavedFormat[]> {
  const formats: doubts.SavedFormat[] = []
  const list = (cursor?: string) => ({ path: { id: integrationId }, query: cursor === undefined ? {} : { cursor } })
  for await (const format of iterate((cursor) =>
    client.GET('/v1/integrations/{id}/formats', { params: list(cursor) }),
  )) {
    formats.push(format)
  }
  return formats
}

/** The file's format as it was settled; null: nothing was. */
function trialOf(state: ImportState): Format | null {
  const { preview, asked, fields } = state
  if (!preview || !needsName(state)) return null
  const settled = { header: preview.header, answers: doubts.answersOf(asked), fields, base: usedFormat(state) }
  return doubts.formatOf(settled, preview.columns)
}

async function read({ options, state, set, begin }: Stage, format: string | Format | null): Promise<void> {
  const { client, integrationId } = options
  const { file, asked } = state
  if (!file) return
  const signal = begin('reading')
  try {
    const preview = await previewFile(client, { integrationId, file, signal, ...(format !== null && { format }) })
    set({ step: 'check', preview, asked: doubts.mergeDoubts(asked, preview.doubts), isAhead: false })
  } catch (error) {
    if (!signal.aborted) set({ step: 'unread', error })
  }
}

async function start(stage: Stage, saveAs: string | null): Promise<void> {
  const { file, step, format: chosen } = stage.state
  // A second click while the first is at work.
  if (!file || step === 'sending') return
  const { client, integrationId } = stage.options
  const settled = trialOf(stage.state)
  const signal = stage.begin('sending')
  stage.set({ savedAs: saveAs, sentBytes: 0 })
  try {
    if (settled && saveAs !== null) {
      const params = { path: { id: integrationId, name: saveAs } }
      await unwrap(client.PUT('/v1/integrations/{id}/formats/{name}', { params, body: settled }))
    }
    await send(stage, { file, signal, format: settled && saveAs !== null ? saveAs : chosen })
  } catch (error) {
    stage.set(afterFailure(stage, { file, error, isStopped: signal.aborted }))
  }
}

interface Sent {
  readonly file: File
  readonly format: string | null
  readonly signal: AbortSignal
}

async function send({ options, state, set }: Stage, { file, format, signal }: Sent): Promise<void> {
  const { client, integrationId, memory, onStarted } = options
  const { interrupted } = state
  const resume = interrupted && isSameFile(interrupted, file) ? interrupted : null
  const begunAt = resume?.begunAt ?? Date.now()
  const about = { name: file.name, bytes: file.size, changedAt: file.lastModified, begunAt }
  const run = await uploadFile(client, {
    ...{ integrationId, file, signal },
    ...(format !== null && { format }),
    ...(resume && { resume }),
    onProgress: (sentBytes) => set({ sentBytes }),
    onUpload: (upload) => remember(memory, integrationId, { ...about, ...upload }),
  })
  forget(memory, integrationId)
  set({ interrupted: null })
  onStarted(run)
}

interface Failure {
  readonly file: File
  readonly error: unknown
  readonly isStopped: boolean
}

/** Nothing is lost: the file and the answers are still there, and the parts that were sent. */
function afterFailure({ options, state }: Stage, { file, error, isStopped }: Failure): Partial<ImportState> {
  if (!(error instanceof ProblemError)) {
    const interrupted = recall(options.memory, options.integrationId, Date.now())
    const isBroken = interrupted !== null && isSameFile(interrupted, file)
    return { step: isBroken ? 'broken' : 'check', interrupted, error: isStopped ? null : error }
  }
  const { code, doubts: open } = error.problem
  if (code === 'unreadable_file') return { step: 'unread', error }
  return { step: 'check', error, ...(open && { asked: doubts.mergeDoubts(state.asked, open) }) }
}
