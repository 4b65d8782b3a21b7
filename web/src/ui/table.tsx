import type { ComponentChildren } from 'preact'

export interface Column<Row> {
  readonly key: string
  readonly title: string
  /** Numbers stand at the end. */
  readonly align?: 'start' | 'end'
  readonly render: (row: Row) => ComponentChildren
}

interface Props<Row> {
  /** Says to a screen reader what the table is. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
}

/** On a narrow screen each row becomes a card whose cells name their columns. */
export function Table<Row>({ caption, columns, rows, rowKey }: Props<Row>) {
  return (
    <div class="table-place">
      <table class="table">
        <caption class="read-out">{caption}</caption>
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
            <tr key={rowKey(row)}>
              {columns.map(({ key, title, align, render }) => (
                <td key={key} data-title={title} class={align === 'end' ? 'is-end' : undefined}>
                  {render(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
