import { useId } from 'preact/hooks'

interface Props {
  readonly label: string
  readonly value: number
  /** Null: nobody knows how much there is. */
  readonly max: number | null
  /** Such as “120 of 400”. */
  readonly detail?: string
}

export function Progress({ label, value, max, detail }: Props) {
  const id = useId()
  return (
    <div class="progress">
      <div class="progress-text">
        <label for={id}>{label}</label>
        {detail !== undefined && <span class="muted">{detail}</span>}
      </div>
      <progress id={id} {...(max !== null && { value: Math.min(value, max), max: Math.max(max, 1) })} />
    </div>
  )
}
