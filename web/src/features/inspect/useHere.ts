import { useQuery } from '@tanstack/react-query'
import { api } from '../../api/client'
import type { Inspection } from '../../api/types'
import { LocalEngine } from '../../localengine/client'
import { decoded } from '../../localengine/decode'
import { keptBundle } from '../../localengine/keptBundle'
import { LocalTrouble } from '../../localengine/trouble'
import { inspection } from './here'

let engine: LocalEngine | null = null
let last: Promise<unknown> = Promise.resolve()

/** A file judged in this browser, with a bundle of the server or, without one, with what was kept. */
export function useHere(file: File | null, number: number, bundleId: string | null, isOn: boolean) {
  return useQuery({
    queryKey: ['here', number, bundleId],
    queryFn: () => inTurn(() => judged(file ?? new File([], ''), bundleId)),
    enabled: isOn && file !== null,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
}

/** One after the other: what is open in the engine is what judges. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work, work)
  last = turn
  return turn
}

async function judged(file: File, bundleId: string | null): Promise<Inspection> {
  const bundle = bundleId === null ? await keptBundle() : await (await api.bundleFile(bundleId)).arrayBuffer()
  if (!bundle) throw new LocalTrouble('none_here')
  engine ??= new LocalEngine()
  const about = await engine.open(bundle)
  const sound = await decoded(file)
  const { verdict } = await engine.score(sound.samples.slice(), sound.rateHz, () => undefined)
  return inspection(file.name, sound, about, verdict)
}
