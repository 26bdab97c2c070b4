/**
 * Builds dist/: each command as one file, with all that it depends on, since a tool that is started for a second would spend a third of it
 * on finding and reading hundreds. What was tested is then what runs, to the last package: npm chooses no version at an operator's.
 *
 * The licences of what is taken in ask for a copy beside it: dist/LICENSES.txt. Types are not looked at here: `npm run check` does that.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMANDS = ['cli', 'reference-plugin'];

/**
 * Of two packages less is taken in than they bring, since all of it would be read at each start: a sixth of the time until `--version` is
 * printed. Another name that somebody imports of them ends the build.
 */
const LESS: ReadonlyMap<string, string> = new Map([
  // Half a megabyte of fetch, caches, mocks and proxies stands around the client.
  ['undici', "export { default as Client } from 'undici/lib/dispatcher/client.js';"],
  // yargs measures with it what it lays out, and the help is laid out by src/cli/help.ts: tables of Unicode are loaded for nothing.
  ['string-width', 'export default (text) => text.length;'],
]);
const lessOfThem: Plugin = {
  name: 'less-of-them',
  resolveId: (id) => (LESS.has(id) ? `\0${id}` : null),
  load: (id) => (id.startsWith('\0') ? LESS.get(id.slice(1)) : null),
};

rmSync(path.join(ROOT, 'dist'), { recursive: true, force: true });
const modules: string[] = [];
for (const command of COMMANDS) {
  const { output } = await build({
    cwd: ROOT,
    input: `src/${command}/main.ts`,
    platform: 'node',
    external: isBuiltin,
    plugins: [lessOfThem],
    transform: { target: 'node22.19' },
    output: {
      // The places of package.json and of the commands in bin/ are told from here. What few runs need is a file of its own beside it.
      dir: `dist/${command}`,
      chunkFileNames: '[name].js',
      format: 'esm',
      // Less to read at each start; names and lines stay, for a stack that somebody sends.
      comments: false,
      charset: 'ascii',
    },
    logLevel: 'warn',
  });
  modules.push(...output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])));
}
const packages = [...new Set(modules.flatMap(packageFolder))].sort();
if (packages.length === 0)
  throw new Error('No package was taken in: their folders are told by another sign than `node_modules`.');
writeFileSync(path.join(ROOT, 'dist/LICENSES.txt'), packages.map(licence).join('\n'));

/** The folder of the package that a module comes from; none for one of our own. */
function packageFolder(moduleId: string): string[] {
  return moduleId.match(/^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/)?.slice(0, 1) ?? [];
}

/** The text that the package brings; its name for it, where that is all. */
function licence(folder: string): string {
  const manifest = readFileSync(path.join(folder, 'package.json'), 'utf8');
  const { name, version, license }: Record<string, unknown> = JSON.parse(manifest);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(path.join(folder, file), 'utf8').trim() : license;
  if (!text) throw new Error(`${name} ${version} names no licence: it may not be taken into dist/.`);
  return `${'-'.repeat(80)}\n${name} ${version}\n\n${text}\n`;
}
