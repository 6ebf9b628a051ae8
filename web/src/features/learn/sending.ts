import { create } from 'zustand'
import { ApiError, api } from '../../api/client'
import type { Placed } from './dropped'
import { plan } from './plan'

export interface Refused {
  place: string
  /** What the server says; null where it was not asked, because the file is larger than it takes. */
  error: unknown
}

/** Files on their way to the server; it goes on while other screens are shown. */
export interface Sending {
  total: number
  done: number
  now: string
  isSending: boolean
  refused: Refused[]
  /** Why nothing more is sent. */
  error: unknown
  /** So many files are more than are taken. */
  tooMany: { n: number; most: number } | null
}

const NOTHING: Sending = {
  total: 0,
  done: 0,
  now: '',
  isSending: false,
  refused: [],
  error: null,
  tooMany: null,
}

export const sending = create<Sending>()(() => NOTHING)

const AT_ONCE = 3
const BUSY_MS = 400
/** After these answers the next file would fare no better. */
const ENDS_ALL = new Set([0, 401, 404, 503, 507])

let stop = new AbortController()

export async function send(files: Placed[]): Promise<void> {
  if (files.length === 0 || sending.getState().isSending) return
  stop = new AbortController()
  sending.setState({ ...NOTHING, total: files.length, isSending: true })
  try {
    const { collection } = plan.getState()
    const info = await (collection === null ? api.newCollection(null) : api.collection(collection))
    plan.setState({ collection: info.id, job: null, way: 'files', processing: null })
    const n = info.files + files.length
    if (n > info.max_files) {
      sending.setState({ ...NOTHING, tooMany: { n, most: info.max_files } })
      return
    }
    const large = files.filter(({ file }) => file.size > info.max_file_bytes)
    sending.setState({ done: large.length, refused: large.map(({ place }) => ({ place, error: null })) })
    const rest = files.filter((one) => !large.includes(one)).values()
    await Promise.all(Array.from({ length: AT_ONCE }, () => work(info.id, rest)))
  } catch (error) {
    if (!stop.signal.aborted) sending.setState({ error })
    stop.abort()
  } finally {
    sending.setState({ isSending: false })
  }
}

export function cancelSending(): void {
  stop.abort()
}

export function forgetSending(): void {
  stop.abort()
  sending.setState(NOTHING)
}

async function work(collection: string, rest: Iterator<Placed>): Promise<void> {
  for (let next = rest.next(); !next.done && !stop.signal.aborted; next = rest.next()) {
    const { place, file } = next.value
    sending.setState({ now: file.name })
    try {
      await sent(collection, place, file)
    } catch (error) {
      if (stop.signal.aborted || !(error instanceof ApiError) || ENDS_ALL.has(error.status)) throw error
      sending.setState(({ refused }) => ({ refused: [...refused, { place, error }] }))
    }
    sending.setState(({ done }) => ({ done: done + 1 }))
  }
}

async function sent(collection: string, place: string, file: File): Promise<void> {
  for (;;) {
    try {
      await api.addFile(collection, place, file, stop.signal)
      return
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 429 || stop.signal.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS)) // others send, too
    }
  }
}
