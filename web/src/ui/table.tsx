import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  readonly key: string
  readonly title: string
  /** Numbers stand at the end. */
  readonly align?: 'start' | 'end'
  readonly render: (row: Row) => ComponentChildren
}

interface Props<Row> {
  /** Says to a screen reader what the table is; shown with `isCaptionShown`. */
  readonly caption: string
  readonly isCaptionShown?: boolean
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  /** Opens the row: its first cell becomes a button, and a click anywhere in it counts. */
  readonly onRow?: (row: Row) => void
}

/** On a narrow screen each row becomes a card whose cells name their columns. */
export function Table<Row>({ caption, isCaptionShown = false, columns, rows, rowKey, onRow }: Props<Row>) {
  return (
    <div class="table-place">
      <table class={onRow ? 'table is-open' : 'table'}>
        <caption class={isCaptionShown ? undefined : 'read-out'}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ key, title, align }) => (
              <th key={key} scope="col" class={align === 'end' ? 'is-end' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} onClick={onRow && (() => onRow(row))}>
              {columns.map(({ key, title, align, render }, index) => (
                <td key={key} data-title={title} class={align === 'end' ? 'is-end' : undefined}>
                  {onRow && index === 0 ? <RowButton onClick={() => onRow(row)}>{render(row)}</RowButton> : render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function RowButton({ children, onClick }: { readonly children: ComponentChildren; readonly onClick: () => void }) {
  const click = (event: Event) => {
    // The row would hear it too.
    event.stopPropagation()
    onClick()
  }
  return (
    <button type="button" class="link" onClick={click}>
      {children}
    </button>
  )
}
