export const STYLE = `:root {
  color-scheme: light dark;
  --text: #1b1f24; --faint: #57606a; --ground: #fff; --raised: #f5f7f9; --line: #d5dae0; --link: #0a58b5;
  --get: #0b6b35; --post: #0a58b5; --put: #8a4b00; --patch: #8a4b00; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e9ed; --faint: #a3adb8; --ground: #14171b; --raised: #1d2127; --line: #363d46; --link: #7db4ff;
    --get: #6fd596; --post: #7db4ff; --put: #f0b35f; --patch: #f0b35f; --delete: #ff9c94;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1rem; max-width: 76rem; color: var(--text); background: var(--ground);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
a { color: var(--link); }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.3rem; }
h3 { display: inline; margin: 0; font-size: 1rem; font-weight: 600; }
h4 { margin: 1rem 0 .25rem; font-size: 1rem; }
p, ul { margin: 0 0 .5rem; max-width: 46rem; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0; list-style: none; max-width: none; }
nav a { display: inline-block; padding: .25rem 0; }
details { border-top: 1px solid var(--line); }
details > div { padding: 0 0 1rem; scroll-margin-top: 5rem; }
summary { padding: .5rem 0; cursor: pointer; color: var(--faint); }
summary h3 { color: var(--text); }
summary:hover { background: var(--raised); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
b.get { color: var(--get); } b.post { color: var(--post); } b.put { color: var(--put); }
b.patch { color: var(--patch); } b.delete { color: var(--delete); }
dl { margin: 0; }
dt { margin-top: .5rem; }
dd { margin: 0 0 0 1rem; max-width: 46rem; }
dd dl { padding-left: .75rem; border-left: 2px solid var(--line); }
.t, i { color: var(--faint); font-size: .875rem; }
i, em { font-style: normal; }
em { font-weight: 600; }
pre { margin: .5rem 0; padding: .75rem; background: var(--raised); white-space: pre-wrap; }
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 12rem 1fr; gap: 0 2.5rem; padding: 2rem; }
  header { grid-column: 1 / -1; }
  nav ul { position: sticky; top: 1rem; margin-top: 2rem; flex-direction: column; max-height: 95vh; overflow-y: auto; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a58b5"/><path d="M4 5h8M4 8h8M4 11h5" stroke="#fff" stroke-width="1.6"/></svg>
`
