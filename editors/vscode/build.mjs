// Bundles the extension into one file; with --tests the tests, too.
import { readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const production = process.argv.includes("--production");
const common = { bundle: true, platform: "node", target: "node20", format: "cjs", sourcemap: !production, minify: production, logLevel: "warning" };

rmSync("dist", { recursive: true, force: true });
await build({ ...common, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", external: ["vscode"] });
if (process.argv.includes("--tests")) {
    const entryPoints = readdirSync("test").filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
    await build({ ...common, entryPoints, outdir: "dist/test", external: ["vscode"] });
}
