import { useCallback, useEffect, useRef, useState } from 'react'

export interface Playback {
  /** Where it stands. */
  atS: number
  isPlaying: boolean
  /** The browser knows no way to play such a file. */
  canPlay: boolean
  toggle: () => void
  seek: (s: number) => void
}

/** Plays a file where it lies, in the browser; the place is told as often as the screen is drawn. */
export function usePlayback(file: File, durationS: number): Playback {
  const audio = useRef<HTMLAudioElement | null>(null)
  const [atS, setAtS] = useState(0)
  const [isPlaying, setIsPlaying] = useState(false)
  const [canPlay, setCanPlay] = useState(true)

  useEffect(() => {
    const address = URL.createObjectURL(file)
    const player = new Audio(address)
    audio.current = player
    let frame = 0
    const follow = () => {
      setAtS(player.currentTime)
      frame = requestAnimationFrame(follow)
    }
    player.onplay = () => {
      setIsPlaying(true)
      follow()
    }
    player.onpause = () => {
      setIsPlaying(false)
      cancelAnimationFrame(frame)
      setAtS(player.currentTime)
    }
    player.onerror = () => {
      setCanPlay(false)
    }
    return () => {
      player.onplay = player.onpause = player.onerror = null
      player.pause()
      player.removeAttribute('src')
      cancelAnimationFrame(frame)
      URL.revokeObjectURL(address)
    }
  }, [file])

  const seek = useCallback(
    (s: number) => {
      const place = Math.min(Math.max(s, 0), durationS)
      if (audio.current && Number.isFinite(audio.current.duration)) audio.current.currentTime = place
      setAtS(place)
    },
    [durationS],
  )
  const toggle = useCallback(() => {
    const player = audio.current
    if (!player) return
    if (!player.paused) player.pause()
    else
      player.play().catch((error: unknown) => {
        // Paused again before it began: that is no trouble.
        if (!(error instanceof DOMException && error.name === 'AbortError')) setCanPlay(false)
      })
  }, [])
  return { atS, isPlaying, canPlay, toggle, seek }
}
