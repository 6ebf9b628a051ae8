import { useMutation, useQueryClient } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { api } from '../api/client'
import { Button } from './Button'

/** Stops a job, or takes one that has ended off the list: `words` say which. */
export function EndJob({ id, words }: { id: string; words: string }) {
  const queries = useQueryClient()
  const end = useMutation({
    mutationFn: () => api.endJob(id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['jobs'] }),
  })
  return (
    <Button
      look="quiet"
      aria-label={words}
      title={words}
      disabled={end.isPending}
      icon={<X size={16} aria-hidden />}
      onClick={() => {
        end.mutate()
      }}
    />
  )
}
