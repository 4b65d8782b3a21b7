import { useId } from 'preact/hooks'

interface Props {
  readonly label: string
  readonly value: number
  /** Null: nobody knows how much there is. */
  readonly max: number | null
  /** Such as “120 of 400”, beside the label. Left out: what stands around the bar says both. */
  readonly detail?: string
}

export function Progress({ label, value, max, detail }: Props) {
  const id = useId()
  return (
    <div class="progress">
      <div class={detail === undefined ? 'read-out' : 'progress-text'}>
        <label for={id}>{label}</label>
        <span class="muted">{detail}</span>
      </div>
      <progress id={id} {...(max !== null && { value: Math.min(value, max), max: Math.max(max, 1) })} />
    </div>
  )
}
