import { z } from "zod";

const versions = z.record(z.string(), z.string()).default({});
const manifest = z.looseObject({
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  scripts: z.record(z.string(), z.string()),
});
const lock = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ resolved: z.string().optional() })),
});

/** Problems of package.json and its lock file: a version that is no exact one, a download address. */
export function packageProblems(packageText: string, lockText: string): readonly string[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest.parse(JSON.parse(packageText));
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const loose = all
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} ${version} is no exact version`);
  const addressed = Object.entries(lock.parse(JSON.parse(lockText)).packages)
    .filter(([, { resolved }]) => resolved !== undefined)
    .map(
      ([name]) =>
        `package-lock.json: ${name} has a download address: npm install --omit-lockfile-registry-resolved`,
    );
  return [...loose, ...addressed];
}

/** Packages that a source imports and package.json does not name. */
export function undeclared(packageText: string, imported: readonly string[]): readonly string[] {
  const { dependencies, devDependencies } = manifest.parse(JSON.parse(packageText));
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
  const names = imported
    .filter((name) => !name.startsWith(".") && !name.startsWith("node:"))
    .map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  return [...new Set(names)]
    .filter((name) => !declared.has(name) && !declared.has(`@types/${name}`))
    .map((name) => `${name} is imported and package.json does not name it`);
}

/** Packages that package.json names and neither a source nor a script uses. */
export function unused(packageText: string, imported: readonly string[], more: string): readonly string[] {
  const { dependencies, devDependencies, scripts } = manifest.parse(JSON.parse(packageText));
  const text = `${Object.values(scripts).join(" ")} ${more}`;
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => !name.startsWith("@types/"))
    .filter(
      (name) => !imported.some((one) => one === name || one.startsWith(`${name}/`)) && !text.includes(name),
    )
    .map((name) => `package.json names ${name}, and nothing uses it`);
}
