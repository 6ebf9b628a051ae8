import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Cpu } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { api, type BundleInfo } from '../../api/client'
import type { SmallForm } from '../../api/types'
import { Button } from '../../ui/Button'
import { Menu, MenuItem } from '../../ui/Menu'
import { Problem } from '../../ui/Problem'
import { Download } from './Download'

const FORMS: readonly SmallForm[] = ['int8', 'tflite', 'tflite-int8']

/** A bundle's file as it is, and what it can be made into for a small device, which takes its time. */
export function Fetch({ bundle }: { bundle: BundleInfo }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: (form: SmallForm) => api.makeSmall(bundle.id, form),
    onSettled: () => queries.invalidateQueries({ queryKey: ['jobs'] }),
  })
  return (
    <>
      <Download id={bundle.id} />
      {bundle.form === null && (
        <Menu
          trigger={
            <Button icon={<Cpu size={16} aria-hidden />} disabled={make.isPending}>
              {t('bundles.small')}
            </Button>
          }
        >
          {FORMS.map((form) => (
            <MenuItem
              key={form}
              onSelect={() => {
                make.mutate(form)
              }}
            >
              {t(`bundles.small_${form}`)}
            </MenuItem>
          ))}
        </Menu>
      )}
      {make.error && <Problem error={make.error} />}
    </>
  )
}
