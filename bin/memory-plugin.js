#!/usr/bin/env node
// Starts the built memory plugin, or says which Node it needs. This file must parse on a Node far older than that.
const needed = [22, 19];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(`memory-plugin: It needs Node ${needed.join('.')} or later, and this is ${process.versions.node}.`);
  process.exitCode = 2;
} else {
  import('../dist/reference-plugin/main.js');
}
