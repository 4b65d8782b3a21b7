/** Says nothing by itself: beside it stands what is waited for. */
export function Spinner() {
  return <span class="spinner" aria-hidden="true" />
}
