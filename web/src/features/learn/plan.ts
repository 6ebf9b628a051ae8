import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'
import { api, type JobInfo } from '../../api/client'
import type { CollectionInfo, TrainRequest } from '../../api/types'
import type { Processing } from '../../audio/capture'

export type Way = 'record' | 'files'

/** What is being prepared or learned, by the names that the server has for it: so it is found again after a reload. */
export interface Plan {
  way: Way
  name: string
  collection: string | null
  /** The collection is somebody else's, perhaps: it came with a job that is seen here. */
  lent: string | null
  job: string | null
  processing: Processing | null
}

const NOTHING: Plan = {
  way: 'record',
  name: '',
  collection: null,
  lent: null,
  job: null,
  processing: null,
}

export const plan = create<Plan>()(
  persist(() => NOTHING, { name: 'learning', storage: createJSONStorage(() => sessionStorage) }),
)

/** Seconds of a recording that the server would rather leave out. */
export function struckBy(info: CollectionInfo): number[] {
  return Object.keys(info.items.find(({ is_recording }) => is_recording)?.marks ?? {}).map(Number)
}

const MOST_STRUCK = 0.2

/** Nothing is wrong with it, so nobody needs to be asked. */
export function isFit(info: CollectionInfo, processing: Processing | null): boolean {
  const isAltered = processing !== null && Object.values(processing).some(Boolean)
  const isBad = info.checks.some(({ outcome }) => outcome === 'bad')
  return !isBad && !isAltered && struckBy(info).length <= MOST_STRUCK * info.seconds
}

export async function begin(collection: string, name: string, more: Partial<TrainRequest>): Promise<void> {
  const job = await api.train({
    collection,
    name,
    budget_per_day: 1,
    classes: [],
    struck_out: [],
    recipe: null,
    ...more,
  })
  plan.setState({ job: job.id, name })
}

/** See a job of this server, whoever asked for it. */
export function see({ id, name, collection }: JobInfo): void {
  const { collection: own, lent } = plan.getState()
  plan.setState({ job: id, name, collection, lent: collection === own ? lent : collection })
}

/**
 * Back to the beginning; the server forgets the sound by itself, or at once where nothing is learned from it. Sound that came with
 * the job of another tab, or of somebody else, is not deleted here.
 */
export function beginAnew(): void {
  const { collection, lent, way } = plan.getState()
  if (collection !== null && collection !== lent) void api.removeCollection(collection).catch(() => undefined)
  plan.setState({ ...NOTHING, way })
}
