import { useEffect, useRef, useState } from 'react'
import { api, ApiError, type Figures } from '../../api/client'
import { scoresOf, type Candidate, type Compared } from './comparing'

export interface Comparison {
  step: 'idle' | 'running' | 'done' | 'failed'
  compared: Compared[]
  /** Recordings that could not be judged, with what the server said. */
  refused: { name: string; error: ApiError }[]
  total: number
  /** For each bundle; none where a side is empty. */
  figures: Figures[]
  error: unknown
}

const IDLE: Comparison = { step: 'idle', compared: [], refused: [], total: 0, figures: [], error: null }

/** Has two bundles judge the same recordings, one after the other; the sound stays in the browser but for that. */
export function useComparison(bundles: readonly string[]) {
  const [state, setState] = useState(IDLE)
  const stopper = useRef<AbortController | null>(null)
  useEffect(
    () => () => {
      stopper.current?.abort()
    },
    [],
  )

  const begin = async (candidates: readonly Candidate[]) => {
    stopper.current?.abort()
    const own = new AbortController()
    stopper.current = own
    const compared: Compared[] = []
    const refused: Comparison['refused'] = []
    const tell = (step: Comparison['step'], more: Partial<Comparison> = {}) => {
      if (stopper.current !== own) return
      setState({
        ...IDLE,
        step,
        compared: [...compared],
        refused: [...refused],
        total: candidates.length,
        ...more,
      })
    }
    tell('running')
    try {
      for (const candidate of candidates) {
        try {
          const { scores } = await api.scores(candidate.file, [...bundles], own.signal)
          compared.push({ ...candidate, said: scores })
        } catch (error) {
          if (!isAboutTheFile(error)) throw error
          refused.push({ name: candidate.file.name, error })
        }
        tell('running')
      }
      tell('done', { figures: await figuresOf(compared, bundles.length) })
    } catch (error) {
      if (!own.signal.aborted) tell('failed', { error })
    }
  }
  const stop = () => {
    stopper.current?.abort()
    stopper.current = null
    setState(IDLE)
  }
  return { ...state, begin, stop }
}

function isAboutTheFile(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 422 || error.status === 413)
}

async function figuresOf(compared: Compared[], count: number): Promise<Figures[]> {
  const sides = Array.from({ length: count }, (_, i) => ({
    normal: scoresOf(compared, i, 'normal'),
    anomaly: scoresOf(compared, i, 'anomaly'),
  }))
  if (sides.some(({ normal, anomaly }) => normal.length === 0 || anomaly.length === 0)) return []
  return Promise.all(sides.map(({ normal, anomaly }) => api.figures(normal, anomaly)))
}
