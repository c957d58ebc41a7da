import { benchGaps } from "./gaps.ts";

process.exitCode = await benchGaps(process.argv.slice(2), process.stdout, process.stderr);
