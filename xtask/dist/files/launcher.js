#!/usr/bin/env node
// Runs the program that npm has installed for this platform.
"use strict";

const { spawn } = require("node:child_process");

// Before anything is started: whoever sees that may end.
const parent = process.ppid;
const name = `browser-run-local-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/browser-run-local`);
} catch {
  console.error(
    `browser-run-local: npm has not installed ${name}. If there is such a package, install again without --omit=optional; ` +
      "otherwise this platform has none: `cargo install browser-run-local` compiles one.",
  );
  process.exit(1);
}

// What recordings are made with: installed beside this.
const env = { BROWSER_RUN_LOCAL_RRWEB: rrweb(), ...process.env };
const child = spawn(program, process.argv.slice(2), { env, stdio: "inherit" });
// It ends its browsers before itself.
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
// npx dies of its signals and passes none on.
const watch = setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 500);
child.on("error", (error) => {
  console.error(`browser-run-local: ${error.message}`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  clearInterval(watch);
  process.exitCode = code ?? 128 + require("node:os").constants.signals[signal];
});

function rrweb() {
  // Not by require: its package exports no such file.
  const files = require.resolve.paths("rrweb").map((modules) => `${modules}/rrweb/umd/rrweb.min.js`);
  return files.find((file) => require("node:fs").existsSync(file));
}
