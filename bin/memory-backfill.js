#!/usr/bin/env node
// Starts the built tool, or says which Node it needs. This file must parse on a Node far older than that.
const needed = [22, 19];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`memory-backfill needs Node ${needed.join('.')} or later; this is Node ${process.versions.node}.`);
  process.exitCode = 2;
} else {
  import('../dist/cli/main.js')
    .then(({ main }) => main())
    .catch((error) => {
      console.error(`memory-backfill could not be started: ${error.message}`);
      process.exitCode = 3;
    });
}
