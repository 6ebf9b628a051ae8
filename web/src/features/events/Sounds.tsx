import { Ear, Pause, Play } from 'lucide-react'
import { useRef, useState, type ReactNode, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { clipAddress, normalAddress } from '../../api/client'
import type { EventDetail } from '../../api/types'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { playWords, whoseNormal } from './normal'

interface Props {
  event: EventDetail
  audio: RefObject<HTMLAudioElement | null>
}

/** What was heard, and what is normal, one beside the other; and what of it was silenced. */
export function Sounds({ event, audio }: Props) {
  const { t } = useTranslation()
  const normal = useRef<HTMLAudioElement>(null)
  const words = playWords(event)
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {event.has_clip && (
          <Playable key={event.id} audio={audio} source={clipAddress(event.id)} icon={<Play size={16} />}>
            {t(words.own)}
          </Playable>
        )}
        {event.normal?.has_sound && (
          <Playable
            key={`normal ${event.id}`}
            audio={normal}
            source={normalAddress(event.id)}
            icon={<Ear size={16} />}
          >
            {t(words.normal)}
          </Playable>
        )}
      </div>
      {event.normal && <p className="text-xs text-mute">{whoseNormal(event.normal, t)}</p>}
      <Silenced event={event} />
    </div>
  )
}

function Silenced({ event }: { event: EventDetail }) {
  const { t } = useTranslation()
  const format = useFormat()
  if (event.silenced?.is_kept === false) {
    return <p className="text-xs text-mute">{t('events.not_kept_for_speech')}</p>
  }
  if (!event.has_clip) return <p className="text-xs text-mute">{t('events.no_clip')}</p>
  if (!event.silenced) return null
  const at = (s: number) => t('unit.seconds', { n: format.number(s, 1) })
  const stretches = event.silenced.stretches.map(({ start_s, end_s }) => `${at(start_s)}–${at(end_s)}`)
  return (
    <p className="text-xs text-mute">{t('events.silenced', { when: stretches.join(t('explain.joiner')) })}</p>
  )
}

interface PlayableProps {
  audio: RefObject<HTMLAudioElement | null>
  source: string
  icon: ReactNode
  children: ReactNode
}

function Playable({ audio, source, icon, children }: PlayableProps) {
  const { t } = useTranslation()
  const [isPlaying, setIsPlaying] = useState(false)
  return (
    <>
      <Button
        icon={isPlaying ? <Pause size={16} aria-hidden /> : icon}
        aria-pressed={isPlaying}
        onClick={() => {
          if (isPlaying) audio.current?.pause()
          else void audio.current?.play()
        }}
      >
        {isPlaying ? t('events.pause') : children}
      </Button>
      <audio
        ref={audio}
        src={source}
        preload="none"
        onPlay={() => {
          setIsPlaying(true)
        }}
        onPause={() => {
          setIsPlaying(false)
        }}
      />
    </>
  )
}
