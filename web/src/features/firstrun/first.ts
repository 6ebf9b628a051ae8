import { create } from 'zustand'

const KEY = 'auscult.first'

/** The first run is shown where nothing was learned, until it was gone through or skipped. */
export const useFirst = create<{ phase: 'unknown' | 'on' | 'over' }>()(() => ({
  phase: localStorage.getItem(KEY) === 'over' ? 'over' : 'unknown',
}))

/** Nothing judges what is heard here. The simulated machine's model never does: it is there for that machine alone. */
export function hasNothing({ active }: { active: string | null }): boolean {
  return active === null
}

/** What the server has decides; once begun, it goes on although something is learned meanwhile. */
export function decideFirst(isEmpty: boolean): void {
  if (useFirst.getState().phase === 'unknown') useFirst.setState({ phase: isEmpty ? 'on' : 'over' })
}

export function endFirst(): void {
  localStorage.setItem(KEY, 'over')
  useFirst.setState({ phase: 'over' })
}
