import { benchCalls } from "./calls.ts";

try {
  const { text, good } = await benchCalls((line) => void process.stderr.write(`${line}\n`));
  process.stdout.write(`${text}\n`);
  process.exitCode = good ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
// Whatever a library still holds open must not keep the terminal waiting.
process.exit();
