// The real server, over standard input and output.

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from "vscode-jsonrpc/node";

const binary = process.env.CINDER_BINARY ?? path.resolve("../../target/debug/cinder");
const LIBRARY = "import __static__\n\ndef half(x: int) -> int:\n    \"\"\"Half of it.\"\"\"\n    return int(x)\n";
const USER = "import __static__\nfrom library import half\n\ndef use(n: int) -> str:\n    return half(n)\n";

let folder: string;
let server: ChildProcess;
let connection: MessageConnection;
const published = new Map<string, unknown[]>();

const uri = (name: string) => pathToFileURL(path.join(folder, name)).toString();
const at = (name: string, line: number, character: number) => ({ textDocument: { uri: uri(name) }, position: { line, character } });

before(async () => {
    assert.ok(fs.existsSync(binary), `${binary}: build it with cargo build -p cinder, or set CINDER_BINARY`);
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "cinder-vscode-")));
    fs.writeFileSync(path.join(folder, "library.py"), LIBRARY);
    fs.writeFileSync(path.join(folder, "user.py"), USER);
    server = spawn(binary, ["server"], { cwd: folder, env: { ...process.env, XDG_CACHE_HOME: path.join(folder, "cache") } });
    connection = createMessageConnection(new StreamMessageReader(server.stdout!), new StreamMessageWriter(server.stdin!));
    connection.onNotification("textDocument/publishDiagnostics", (params) => published.set(params.uri, params.diagnostics));
    connection.onRequest("client/registerCapability", () => null);
    connection.onRequest("workspace/configuration", (params) => params.items.map(() => null));
    connection.listen();
    const result: any = await connection.sendRequest("initialize", {
        processId: process.pid,
        workspaceFolders: [{ uri: pathToFileURL(folder).toString(), name: "test" }],
        capabilities: { textDocument: { hover: { contentFormat: ["markdown"] } }, workspace: { configuration: true } },
        initializationOptions: { mode: "full" },
    });
    assert.ok(result.capabilities.typeHierarchyProvider);
    await connection.sendNotification("initialized", {});
    for (const [name, text] of [["library.py", LIBRARY], ["user.py", USER]] as const) {
        await connection.sendNotification("textDocument/didOpen", { textDocument: { uri: uri(name), languageId: "python", version: 1, text } });
    }
});

after(async () => {
    await connection.sendRequest("shutdown");
    await connection.sendNotification("exit");
    const code = await new Promise((resolve) => server.on("exit", resolve));
    assert.equal(code, 0);
    fs.rmSync(folder, { recursive: true });
});

async function until(what: string, holds: () => boolean): Promise<void> {
    for (let round = 0; round < 400; round++) {
        if (holds()) {
            return;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`never: ${what}`);
}

test("a static error is shown", async () => {
    await until("one diagnostic", () => published.get(uri("user.py"))?.length === 1);
    const [diagnostic] = published.get(uri("user.py")) as any[];
    assert.equal(diagnostic.source, "cinder");
});

test("hover and definition lead into the other file", async () => {
    const hover: any = await connection.sendRequest("textDocument/hover", at("user.py", 4, 13));
    assert.match(hover.contents.value, /Half of it\./);
    const definition: any = await connection.sendRequest("textDocument/definition", at("user.py", 4, 13));
    assert.equal(definition[0].uri, uri("library.py"));
});

test("the standard library can be opened", async () => {
    const definition: any = await connection.sendRequest("textDocument/definition", at("user.py", 3, 11));
    assert.ok(fs.readFileSync(new URL(definition[0].uri), "utf8").includes("class int"));
});

test("an edit of a signature reaches the other file unsaved", async () => {
    const range = { start: { line: 2, character: 20 }, end: { line: 2, character: 23 } };
    const change = (version: number, text: string) => ({ textDocument: { uri: uri("library.py"), version }, contentChanges: [{ range, text }] });
    await connection.sendNotification("textDocument/didChange", change(2, "str"));
    await until("no diagnostic", () => published.get(uri("user.py"))?.length === 0);
    await connection.sendNotification("textDocument/didChange", change(3, "int"));
    await until("one diagnostic again", () => published.get(uri("user.py"))?.length === 1);
});

test("lenses and stages", async () => {
    const lenses: any = await connection.sendRequest("textDocument/codeLens", { textDocument: { uri: uri("library.py") } });
    const { command, arguments: args } = lenses[0].command;
    const dump: any = await connection.sendRequest("workspace/executeCommand", { command, arguments: args });
    assert.equal(dump.title, "bytecode of half");
    assert.match(dump.text, /half/);
});

test("an unknown request is refused and the session goes on", async () => {
    await assert.rejects(connection.sendRequest("cinder/none", {}), { code: -32601 });
    assert.ok(await connection.sendRequest("textDocument/documentSymbol", { textDocument: { uri: uri("user.py") } }));
});
