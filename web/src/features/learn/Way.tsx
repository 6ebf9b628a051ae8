import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../../api/client'
import type { FamilyInfo, SettingInfo } from '../../api/types'
import { Problem } from '../../ui/Problem'
import { isMain, MAIN, rangeOf, read, shown, type Value, type Values } from './recipe'

const KNOWN = [
  'attributes',
  'autoencoder',
  'cnn_attention',
  'despawn',
  'masked_transformer',
  'resnet',
  'transfer',
  'wavelet_fusion',
] as const

/** How to learn: in seconds, or a network with what may be chosen of it. */
export function Way(props: {
  family: FamilyInfo | null
  values: Values
  onFamily: (family: FamilyInfo | null) => void
  onValue: (section: string, name: string, value: Value) => void
}) {
  const { family, values, onFamily, onValue } = props
  const { t } = useTranslation()
  const families = useQuery({ queryKey: ['families'], queryFn: api.families, staleTime: Infinity })
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 font-semibold">{t('learn.way')}</legend>
      <Card
        isChosen={family === null}
        title={t('learn.way_memory')}
        words={t('learn.way_memory_hint')}
        onChoose={() => {
          onFamily(null)
        }}
      />
      {families.isLoading && <p role="status">{t('app.loading')}</p>}
      {families.error && <Problem error={families.error} onRetry={() => void families.refetch()} />}
      {families.data?.missing_extra && (
        <p className="text-sm text-mute">
          {t('learn.no_networks')} <code>{`pip install 'auscult[${families.data.missing_extra}]'`}</code>
        </p>
      )}
      {families.data?.families.map((one) => (
        <FamilyCard
          key={one.name}
          family={one}
          isChosen={family?.name === one.name}
          onChoose={() => {
            onFamily(one)
          }}
        />
      ))}
      {family && <Settings family={family} values={values} onValue={onValue} />}
    </fieldset>
  )
}

function FamilyCard(props: { family: FamilyInfo; isChosen: boolean; onChoose: () => void }) {
  const { t } = useTranslation()
  const { name, summary, learns_from } = props.family
  const known = KNOWN.find((one) => one === name)
  return (
    <Card
      isChosen={props.isChosen}
      title={name}
      words={known ? t(`learn.family_${known}`) : summary}
      isEnglish={!known}
      needs={t(`learn.needs_${learns_from}`)}
      onChoose={props.onChoose}
    />
  )
}

function Card(props: {
  isChosen: boolean
  title: string
  words: string
  isEnglish?: boolean
  needs?: string
  onChoose: () => void
}) {
  return (
    <label
      className={`flex cursor-pointer gap-3 rounded-[10px] border p-3 text-sm focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent ${props.isChosen ? 'border-accent bg-raised' : 'border-line'}`}
    >
      <input
        type="radio"
        name="way"
        className="mt-1 accent-(--accent)"
        checked={props.isChosen}
        onChange={props.onChoose}
      />
      <span className="min-w-0">
        <span className="font-semibold">{props.title}</span>
        {props.needs && <span className="ml-2 text-mute">{props.needs}</span>}
        <span className="block" lang={props.isEnglish ? 'en' : undefined}>
          {props.words}
        </span>
      </span>
    </label>
  )
}

function Settings(props: {
  family: FamilyInfo
  values: Values
  onValue: (section: string, name: string, value: Value) => void
}) {
  const { family, values, onValue } = props
  const { t } = useTranslation()
  const fields = Object.entries(family.sections).flatMap(([section, settings]) =>
    settings.map((setting) => ({ section, setting })),
  )
  const field = ({ section, setting }: { section: string; setting: SettingInfo }) => (
    <Field
      key={`${section}.${setting.name}`}
      section={section}
      setting={setting}
      value={values[section]?.[setting.name] ?? shown(setting.begin)}
      onChange={(value) => {
        onValue(section, setting.name, value)
      }}
    />
  )
  return (
    <div className="flex flex-col gap-3 rounded-[10px] border border-line p-3" data-testid="settings">
      {MAIN.map(([section, name]) =>
        fields.filter((one) => one.section === section && one.setting.name === name).map(field),
      )}
      <details>
        <summary className="cursor-pointer text-sm text-accent">{t('learn.more_settings')}</summary>
        <div className="mt-3 flex flex-col gap-3">
          {fields.filter(({ section, setting }) => !isMain(section, setting.name)).map(field)}
        </div>
      </details>
    </div>
  )
}

interface FieldProps {
  section: string
  setting: SettingInfo
  value: Value
  onChange: (value: Value) => void
}

function Field({ section, setting, value, onChange }: FieldProps) {
  const { t } = useTranslation()
  const id = `${section}.${setting.name}`
  const found = read(setting, value)
  const wrong = 'wrong' in found ? found.wrong : null
  const known = MAIN.some(([one, name]) => one === section && name === setting.name)
  const words = known ? t(setting.name === 'epochs' ? 'learn.epochs' : 'learn.window') : id
  const isEnglish = !known
  return (
    <div className="text-sm">
      <label className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className={`w-52 max-w-full ${known ? '' : 'font-mono text-xs'}`}>{words}</span>
        <Entry setting={setting} value={value} isWrong={wrong !== null} id={id} onChange={onChange} />
      </label>
      <p id={`${id}-help`} className="text-mute" lang={isEnglish ? 'en' : undefined}>
        {known ? t(setting.name === 'epochs' ? 'learn.epochs_hint' : 'learn.window_hint') : setting.help}{' '}
        <span className="tabular-nums">{rangeOf(setting)}</span>
      </p>
      {wrong && (
        <p role="alert" className="text-bad">
          {t(`learn.wrong_${wrong}`, { range: rangeOf(setting) })}
        </p>
      )}
    </div>
  )
}

const LOOK = 'min-h-10 rounded-[10px] border bg-surface px-2'

function Entry(props: {
  setting: SettingInfo
  value: Value
  isWrong: boolean
  id: string
  onChange: (value: Value) => void
}) {
  const { setting, value, isWrong, id, onChange } = props
  if (typeof value === 'boolean') {
    return (
      <input
        type="checkbox"
        className="size-5 accent-(--accent)"
        checked={value}
        aria-describedby={`${id}-help`}
        onChange={({ target }) => {
          onChange(target.checked)
        }}
      />
    )
  }
  if (setting.form === 'choice') {
    return (
      <select
        className={`${LOOK} border-edge`}
        value={value}
        aria-describedby={`${id}-help`}
        onChange={({ target }) => {
          onChange(target.value)
        }}
      >
        {setting.choices.map((one) => (
          <option key={String(one)} value={String(one)}>
            {String(one)}
          </option>
        ))}
      </select>
    )
  }
  return (
    <input
      className={`${LOOK} w-36 ${isWrong ? 'border-bad' : 'border-edge'}`}
      inputMode={setting.form === 'whole' || setting.form === 'number' ? 'decimal' : undefined}
      value={value}
      aria-invalid={isWrong}
      aria-describedby={`${id}-help`}
      onChange={({ target }) => {
        onChange(target.value)
      }}
    />
  )
}
