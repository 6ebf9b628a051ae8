import { useTranslation } from 'react-i18next'
import type { ClassShare, TrainRequest } from '../../api/types'
import { Select } from '../../ui/Select'
import { useFormat } from '../../ui/format'

export type Choice = NonNullable<TrainRequest['classes']>[number]

const USES = ['normal', 'other', 'out'] as const

/** What was brought as which class; each can be called otherwise, and said to be normal or not. */
export function Classes({
  shares,
  choices,
  onChange,
}: {
  shares: ClassShare[]
  choices: Choice[]
  onChange: (choices: Choice[]) => void
}) {
  const { t } = useTranslation()
  const format = useFormat()
  const change = (label: string, more: Partial<Choice>) => {
    onChange(choices.map((one) => (one.label === label ? { ...one, ...more } : one)))
  }
  return (
    <table className="w-full text-left text-sm" data-testid="classes">
      <caption className="mb-1 text-left font-semibold">{t('learn.classes')}</caption>
      <thead className="sr-only">
        <tr>
          <th>{t('learn.class_name')}</th>
          <th>{t('learn.class_amount')}</th>
          <th>{t('learn.class_use')}</th>
        </tr>
      </thead>
      <tbody>
        {shares.map(({ label, recordings, seconds }) => {
          const choice = choices.find((one) => one.label === label)
          return (
            <tr key={label} className="border-t border-line max-md:flex max-md:flex-wrap max-md:gap-x-3">
              <td className="py-1 pr-3">
                <input
                  aria-label={t('learn.class_name_of', { name: label || t('learn.class_none') })}
                  className="min-h-10 w-44 max-w-full rounded-[10px] border border-edge bg-surface px-2"
                  maxLength={60}
                  placeholder={t('learn.class_none')}
                  value={choice?.name ?? ''}
                  onChange={({ target }) => {
                    change(label, { name: target.value })
                  }}
                />
              </td>
              <td className="py-2 pr-3 whitespace-nowrap text-mute tabular-nums">
                {t('learn.class_share', { n: recordings, duration: format.duration(seconds) })}
              </td>
              <td className="py-1">
                <Select
                  label={t('learn.class_use_of', { name: label || t('learn.class_none') })}
                  value={choice?.use ?? 'other'}
                  options={USES.map((use) => [use, t(`learn.use_${use}`)] as const)}
                  onChange={(use) => {
                    change(label, { use })
                  }}
                />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
