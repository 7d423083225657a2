// The choices that need no editor.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { chooseBinary, chooseMode, serverSettings, type Surroundings } from "../src/server";

function around(existing: string[], change: Partial<Surroundings> = {}): Surroundings {
    return {
        configured: [],
        strategy: "fromEnvironment",
        environment: "",
        workspaceFolders: ["/w"],
        extensionFolder: "/x",
        home: "/h",
        isTrusted: true,
        isWindows: false,
        exists: (file) => existing.includes(file),
        ...change,
    };
}

test("the setting comes first, with its variables replaced", () => {
    const configured = ["/missing", "${workspaceFolder}/tools/cinder", "~/cinder"];
    const choice = chooseBinary(around(["/w/tools/cinder", "/w/.venv/bin/cinder"], { configured }));
    assert.deepEqual(choice, { command: "/w/tools/cinder", origin: "setting" });
    assert.equal(chooseBinary(around(["/h/cinder"], { configured })).command, "/h/cinder");
});

test("then the environment, the bundle, the search path", () => {
    const all = ["/w/.venv/bin/cinder", "/w/env/bin/cinder", "/x/bundled/bin/cinder"];
    assert.equal(chooseBinary(around(all)).origin, "environment");
    assert.equal(chooseBinary(around(all, { environment: "env" })).command, "/w/env/bin/cinder");
    assert.equal(chooseBinary(around(all, { strategy: "useBundled" })).origin, "bundled");
    assert.deepEqual(chooseBinary(around([])), { command: "cinder", origin: "search path" });
});

test("an untrusted workspace chooses nothing", () => {
    const all = ["/w/.venv/bin/cinder", "/w/cinder", "/x/bundled/bin/cinder"];
    const choice = chooseBinary(around(all, { configured: ["/w/cinder"], isTrusted: false }));
    assert.equal(choice.origin, "bundled");
});

test("Windows has other folders", () => {
    const choice = chooseBinary(around([], { isWindows: true }));
    assert.equal(choice.command, "cinder.exe");
});

test("beside another server the mode is companion", () => {
    assert.equal(chooseMode("auto", (id) => id === "astral-sh.ty"), "companion");
    assert.equal(chooseMode("auto", () => false), "full");
    assert.equal(chooseMode("full", () => true), "full");
    assert.equal(chooseMode("companion", () => false), "companion");
});

test("the server is told what concerns it", () => {
    const section = { path: ["a"], importStrategy: "useBundled", arguments: [], trace: {}, mode: "auto", diagnosticMode: "off" };
    assert.deepEqual(serverSettings(section, "full"), { mode: "full", diagnosticMode: "off" });
});

test("every command of the manifest is registered", () => {
    const manifest = JSON.parse(fs.readFileSync("package.json", "utf8"));
    const source = fs.readFileSync("src/extension.ts", "utf8");
    for (const { command } of manifest.contributes.commands) {
        assert.ok(source.includes(`registerCommand("${command}"`), command);
    }
});
