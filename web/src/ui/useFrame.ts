import { useEffect, useRef } from 'react'
import { useReducedMotion } from './useMedia'

const FRAME_MS = 1000 / 30

/** Calls `draw` again and again while the page is shown; once a second for who wants no motion. */
export function useFrame(draw: (nowMs: number) => void): void {
  const isStill = useReducedMotion()
  const latest = useRef(draw)
  useEffect(() => {
    latest.current = draw
  })
  useEffect(() => {
    const everyMs = isStill ? 1000 : FRAME_MS
    let lastMs = 0
    let handle = requestAnimationFrame(function frame(atMs) {
      handle = requestAnimationFrame(frame)
      if (atMs - lastMs < everyMs - 4) return
      lastMs = atMs
      latest.current(Date.now())
    })
    return () => {
      cancelAnimationFrame(handle)
    }
  }, [isStill])
}
