import { useEffect, useRef } from 'react'
import { actOf, mayRepeat, type Act } from './keys'

/** Calls this for every key that means something, except while a dialog or a menu is open. */
export function useKeys(onAct: (act: Act) => void): void {
  const latest = useRef(onAct)
  useEffect(() => {
    latest.current = onAct
  })
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (document.querySelector('[role=dialog], [role=menu]')) return
      const on = event.target instanceof Element ? event.target.tagName : ''
      const { key, ctrlKey, metaKey, altKey, isComposing } = event
      const act = actOf({ key, ctrlKey, metaKey, altKey, isComposing, on })
      if (!act) return
      event.preventDefault()
      if (!event.repeat || mayRepeat(act)) latest.current(act)
    }
    document.addEventListener('keydown', press)
    return () => {
      document.removeEventListener('keydown', press)
    }
  }, [])
}
