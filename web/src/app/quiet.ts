import { create } from 'zustand'

/** While a browser listens by itself the page asks the server for nothing, not even for the number of events. */
export const useQuiet = create<{ isQuiet: boolean }>()(() => ({ isQuiet: false }))

export function setQuiet(isQuiet: boolean): void {
  useQuiet.setState({ isQuiet })
}
