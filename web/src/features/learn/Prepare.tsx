import { useMutation, useQueryClient } from '@tanstack/react-query'
import { GraduationCap } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CollectionInfo, FamilyInfo } from '../../api/types'
import type { Processing } from '../../audio/capture'
import { Button } from '../../ui/Button'
import { useFormat } from '../../ui/format'
import { Problem } from '../../ui/Problem'
import { Select } from '../../ui/Select'
import { Checks } from './Checks'
import { Classes, type Choice } from './Classes'
import { begin, beginAnew, plan, struckBy } from './plan'
import { beginning, recipeOf, type Values } from './recipe'
import { recording as recorder, useRecording } from './recording'
import { forgetSending } from './sending'
import { Tiles } from './Tiles'
import { Way } from './Way'

const BUDGETS = ['0.14', '1', '5', '24'] as const

/** What there is to learn from, what was found in it, and what may be chosen; nothing has to be. */
export function Prepare({ info, processing }: { info: CollectionInfo; processing: Processing | null }) {
  const { t } = useTranslation()
  const format = useFormat()
  const queries = useQueryClient()
  const [name, setName] = useState(plan.getState().name || t('learn.name_default'))
  const [budget, setBudget] = useState<(typeof BUDGETS)[number]>('1')
  const [struck, setStruck] = useState(() => new Set(struckBy(info)))
  const [changed, setChanged] = useState<Choice[]>([])
  const [family, setFamily] = useState<FamilyInfo | null>(null)
  const [values, setValues] = useState<Values>({})
  const recording = info.items.find(({ is_recording }) => is_recording)
  const choices = info.classes.map(
    ({ label, use }) => changed.find((one) => one.label === label) ?? { label, name: label, use },
  )
  const { recipe, wrong } = family ? recipeOf(family, values) : { recipe: null, wrong: [] }
  const blocked = whyNot(choices, family, wrong)
  const learn = useMutation({
    mutationFn: () =>
      begin(info.id, name.trim() || t('learn.name_default'), {
        budget_per_day: Number(budget),
        classes: choices,
        struck_out: recording ? [...struck] : [],
        recipe,
      }),
    // What was refused right after the recording is asked for again now.
    onMutate: () => {
      recorder.cancel()
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['jobs'] }),
  })
  const recorded = useRecording()
  const unbegun = recorded.step === 'idle' ? recorded.unbegun : null
  const refused = unbegun?.collection === info.id ? unbegun.error : learn.error
  return (
    <form
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        learn.mutate()
      }}
    >
      <section className="flex flex-col gap-2">
        <h2 className="text-lg font-semibold">{t('learn.found')}</h2>
        <p className="text-sm text-mute tabular-nums" data-testid="amount">
          {recording
            ? t('learn.found_recording', { duration: format.duration(info.seconds) })
            : t('learn.found_files', { n: info.files, duration: format.duration(info.seconds) })}
        </p>
        <Checks checks={info.checks} processing={processing} />
      </section>
      {recording && (
        <Tiles
          count={Math.floor(recording.seconds)}
          marks={recording.marks}
          struck={struck}
          onStrike={(second) => {
            const next = new Set(struck)
            if (!next.delete(second)) next.add(second)
            setStruck(next)
          }}
        />
      )}
      {info.classes.some(({ label }) => label !== '' && label !== 'normal') && (
        <Classes shares={info.classes} choices={choices} onChange={setChanged} />
      )}
      <div className="flex flex-wrap items-end gap-4">
        <label className="flex flex-col gap-1 text-sm">
          {t('learn.name')}
          <input
            className="min-h-10 w-72 max-w-full rounded-[10px] border border-edge bg-surface px-3"
            maxLength={80}
            value={name}
            onChange={({ target }) => {
              setName(target.value)
            }}
          />
        </label>
        <Select
          isLabelShown
          label={t('learn.budget')}
          value={budget}
          options={BUDGETS.map((one) => [one, budgetWords(one)] as const)}
          onChange={setBudget}
        />
      </div>
      <details>
        <summary className="cursor-pointer text-sm text-accent">{t('learn.other_ways')}</summary>
        <div className="mt-3">
          <Way
            family={family}
            values={values}
            onFamily={(chosen) => {
              setFamily(chosen)
              setValues(chosen ? beginning(chosen) : {})
            }}
            onValue={(section, key, value) => {
              setValues({ ...values, [section]: { ...values[section], [key]: value } })
            }}
          />
        </div>
      </details>
      {blocked && (
        <p role="status" className="text-sm text-watch">
          {t(`learn.blocked_${blocked}`)}
        </p>
      )}
      {refused && <Problem error={refused} />}
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          look="primary"
          className="min-h-12 px-5 text-base"
          icon={<GraduationCap size={20} aria-hidden />}
          disabled={blocked !== null || learn.isPending}
        >
          {family ? t('learn.train', { family: family.name }) : t('learn.learn')}
        </Button>
        <Button
          onClick={() => {
            forgetSending()
            beginAnew()
          }}
        >
          {t('learn.anew')}
        </Button>
      </div>
    </form>
  )

  function budgetWords(value: (typeof BUDGETS)[number]): string {
    if (value === '0.14') return t('learn.budget_week')
    return value === '24' ? t('learn.budget_hour') : format.rate(Number(value))
  }
}

/** Why learning can't begin yet. */
function whyNot(
  choices: Choice[],
  family: FamilyInfo | null,
  wrong: string[],
): 'normal' | 'classes' | 'groups' | 'fields' | null {
  const used = choices.filter(({ use }) => use !== 'out')
  const normal = used.filter(({ use }) => use === 'normal')
  const names = (some: Choice[]) => new Set(some.map(({ name, label }) => name.trim() || label)).size
  if (wrong.length > 0) return 'fields'
  if (family?.learns_from === 'classes') return names(used) < 2 ? 'classes' : null
  if (family?.learns_from === 'groups') return names(normal) < 2 ? 'groups' : null
  return normal.length === 0 ? 'normal' : null
}
