import { Lock, type LucideIcon } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/Button'
import { useSaving } from './useSettings'

interface SectionProps {
  id: string
  title: string
  Icon: LucideIcon
  hint?: string
  children: ReactNode
}

export function Section({ id, title, Icon, hint, children }: SectionProps) {
  return (
    <section
      id={id}
      aria-labelledby={`${id}-title`}
      className="card flex scroll-mt-4 flex-col gap-3 p-4 md:p-5"
    >
      <h2 id={`${id}-title`} className="flex items-center gap-2 text-lg font-semibold">
        <Icon size={20} className="text-mute" aria-hidden />
        {title}
      </h2>
      {hint && <p className="text-sm text-mute">{hint}</p>}
      {children}
    </section>
  )
}

/** Why something can't be changed here. */
export function Fixed({ name }: { name: string }) {
  const { t } = useTranslation()
  const by = useSaving().info.fixed[name]
  if (by === undefined) return null
  return (
    <p className="flex items-center gap-1 text-sm text-mute">
      <Lock size={14} aria-hidden />
      {t(`settings.fixed_${by}`)}
    </p>
  )
}

interface SwitchProps {
  label: string
  hint?: string
  isOn: boolean
  isDisabled?: boolean
  onChange: (isOn: boolean) => void
}

export function Switch({ label, hint, isOn, isDisabled = false, onChange }: SwitchProps) {
  const id = useId()
  return (
    <div>
      <label className="inline-flex min-h-10 items-center gap-3">
        <input
          type="checkbox"
          role="switch"
          className="size-5 accent-(--accent)"
          checked={isOn}
          disabled={isDisabled}
          aria-describedby={hint ? id : undefined}
          onChange={({ target }) => {
            onChange(target.checked)
          }}
        />
        {label}
      </label>
      {hint && (
        <p id={id} className="text-sm text-mute">
          {hint}
        </p>
      )}
    </div>
  )
}

export const INPUT =
  'min-h-10 rounded-[10px] border border-edge bg-surface px-3 py-1.5 text-ink disabled:opacity-60'

interface NumberProps {
  label: string
  unit: string
  value: number | null
  least: number
  most: number
  /** What an empty field stands for; without it, a number has to be there. */
  empty?: string
  isDisabled?: boolean
  onChange: (value: number | null) => void
}

/** A number that is sent when the field is left; what is out of bounds is said, and not sent. */
export function NumberField({ label, unit, value, least, most, empty, isDisabled, onChange }: NumberProps) {
  const { t } = useTranslation()
  const id = useId()
  const [known, setKnown] = useState(value)
  const [text, setText] = useState(value === null ? '' : String(value))
  if (known !== value) {
    // It was changed from elsewhere, or is what was sent.
    setKnown(value)
    setText(value === null ? '' : String(value))
  }
  const wanted = text.trim() === '' ? null : Number(text)
  const isWrong = wanted === null ? empty === undefined : !(wanted >= least && wanted <= most)
  const send = () => {
    if (!isWrong && wanted !== value) onChange(wanted)
  }
  return (
    <div>
      <label className="flex flex-wrap items-center gap-2 text-sm">
        <span className="min-w-56">{label}</span>
        <input
          className={`${INPUT} w-28 tabular-nums ${isWrong ? 'border-bad!' : ''}`}
          inputMode="decimal"
          value={text}
          placeholder={empty}
          disabled={isDisabled}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? id : undefined}
          onChange={({ target }) => {
            setText(target.value)
          }}
          onBlur={send}
          onKeyDown={({ key }) => {
            if (key === 'Enter') send()
          }}
        />
        <span className="text-mute">{unit}</span>
      </label>
      {isWrong && (
        <p id={id} role="alert" className="text-sm text-bad">
          {t('settings.between', { least, most })}
        </p>
      )}
    </div>
  )
}

interface SureProps {
  text: string
  question: string
  icon?: ReactNode
  isDisabled?: boolean
  onSure: () => void
}

/** A button that asks once more. */
export function SureButton({ text, question, icon, isDisabled, onSure }: SureProps) {
  const { t } = useTranslation()
  const [isAsking, setIsAsking] = useState(false)
  if (!isAsking) {
    return (
      <Button
        icon={icon}
        disabled={isDisabled}
        onClick={() => {
          setIsAsking(true)
        }}
      >
        {text}
      </Button>
    )
  }
  return (
    <span role="group" aria-label={question} className="inline-flex flex-wrap items-center gap-2 text-sm">
      {question}
      <Button
        className="border-bad! text-bad!"
        autoFocus
        onClick={() => {
          setIsAsking(false)
          onSure()
        }}
      >
        {text}
      </Button>
      <Button
        onClick={() => {
          setIsAsking(false)
        }}
      >
        {t('settings.leave')}
      </Button>
    </span>
  )
}

/** Text that can be copied; where the browser has no clipboard for us, it can be marked. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation()
  const [outcome, setOutcome] = useState<'copied' | 'copy_failed' | null>(null)
  return (
    <span className="inline-flex items-center gap-2">
      <Button
        onClick={() => {
          const clipboard = navigator.clipboard as Clipboard | undefined
          Promise.resolve(clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))).then(
            () => {
              setOutcome('copied')
            },
            () => {
              setOutcome('copy_failed')
            },
          )
        }}
      >
        {label}
      </Button>
      <span role="status" className="text-sm text-mute">
        {outcome && t(`settings.${outcome}`)}
      </span>
    </span>
  )
}
