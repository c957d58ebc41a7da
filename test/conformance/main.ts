import { runTests } from "./run.ts";
import { allTests } from "./tests.ts";

const only = process.argv.slice(2);
const tests = allTests.filter((one) => only.length === 0 || only.some((name) => one.name.includes(name)));
await runTests(tests, ({ name, why }, seconds) => {
  console.error(`${seconds.toFixed(1).padStart(6)} s  ${why === undefined ? "pass" : "FAIL"}  ${name}${why === undefined ? "" : `: ${why}`}`);
});
