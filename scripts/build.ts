/**
 * Builds dist/: each command's own files as one, since a tool that is started for a second spends a fifth of it on finding and reading
 * two hundred. What it depends on stays where npm puts it. Types are not looked at here: `npm run check` does that.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMANDS = ['cli', 'reference-plugin'];

rmSync(path.join(ROOT, 'dist'), { recursive: true, force: true });
for (const command of COMMANDS) {
  await build({
    cwd: ROOT,
    input: `src/${command}/main.ts`,
    platform: 'node',
    // Packages, and Node's own modules, are named; all else is a path.
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
    transform: { target: 'node22.19' },
    // The places of package.json and of the commands in bin/ are told from here.
    output: { file: `dist/${command}/main.js`, format: 'esm' },
    logLevel: 'warn',
  });
}
