// Refreshes what static/ vendors from node_modules: fonts, htmx, axe, licences
// and the icon sprite (scripts/icons.txt and icons/*.svg). Run `npm run vendor`.
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const from = (p) => path.join(root, 'node_modules', p);
const into = (p) => { const to = path.join(root, p); fs.mkdirSync(path.dirname(to), { recursive: true }); return to; };
const copy = (a, b) => fs.copyFileSync(from(a), into(b));

for (const face of ['inter-latin', 'inter-latin-ext']) copy(`@fontsource-variable/inter/files/${face}-wght-normal.woff2`, `fonts/${face}-wght-normal.woff2`);
copy('@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2', 'fonts/geist-mono-latin-wght-normal.woff2');
copy('@fontsource-variable/inter/LICENSE', 'fonts/LICENSE-inter.txt');
copy('@fontsource-variable/geist-mono/LICENSE', 'fonts/LICENSE-geist-mono.txt');
// The map is not shipped, so the pointer to it would only be a 404.
fs.writeFileSync(into('third_party/htmx.min.js'), fs.readFileSync(from('htmx.org/dist/htmx.min.js'), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '\n'));
copy('htmx.org/LICENSE', 'third_party/LICENSE-htmx.txt');
copy('lucide-static/LICENSE', 'third_party/LICENSE-lucide.txt');
copy('axe-core/axe.min.js', 'testdata/axe.min.js');
copy('axe-core/LICENSE', 'testdata/LICENSE-axe.txt');

const body = (svg) => svg.replace(/<!--[\s\S]*?-->/g, '').replace(/<svg[\s\S]*?>/, '').replace('</svg>', '').replace(/\s*\n\s*/g, ' ').replaceAll(' />', '/>').trim();
const symbols = new Map();
for (const name of fs.readFileSync(path.join(root, 'scripts/icons.txt'), 'utf8').split('\n').filter(Boolean)) symbols.set(name, body(fs.readFileSync(from(`lucide-static/icons/${name}.svg`), 'utf8')));
for (const file of fs.readdirSync(path.join(root, 'icons'))) symbols.set(path.basename(file, '.svg'), body(fs.readFileSync(path.join(root, 'icons', file), 'utf8')));
const sprite = [...symbols].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`);
fs.writeFileSync(into('icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Lucide, ISC License, see third_party/LICENSE-lucide.txt; org-own and org-via are Locum's. -->\n${sprite.join('\n')}\n</svg>\n`);
