interface Props {
  readonly lines?: number
  /** CSS, such as `12rem`: of one block instead of lines. */
  readonly height?: string
}

/** The place of what is not there yet. */
export function Skeleton({ lines = 3, height }: Props) {
  if (height !== undefined) return <div class="skeleton is-block" style={{ height }} aria-hidden="true" />
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  )
}

export function ScreenSkeleton() {
  return (
    <div class="screen" aria-busy="true">
      <Skeleton height="2.25rem" />
      <Skeleton height="14rem" />
    </div>
  )
}
