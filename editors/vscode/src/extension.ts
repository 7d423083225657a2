// Starts the server, passes settings on, registers commands.

import * as fs from "node:fs";
import * as os from "node:os";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { chooseBinary, chooseMode, serverSettings, type Choice, type Mode } from "./server";
import { Stages, stubProvider, type Dump } from "./stages";

let client: LanguageClient | undefined;
let choice: Choice | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const output = vscode.window.createOutputChannel("Cinder", { log: true });
    const stages = new Stages();
    const withClient = (work: (client: LanguageClient) => Promise<void>) => async () => {
        if (client !== undefined) {
            await work(client);
        }
    };
    const start = () => startServer(context, output, stages);
    context.subscriptions.push(
        output,
        stages,
        vscode.workspace.registerTextDocumentContentProvider(Stages.scheme, stages),
        vscode.workspace.registerTextDocumentContentProvider("cinder-stub", stubProvider(() => client)),
        vscode.commands.registerCommand("cinder.restart", start),
        vscode.commands.registerCommand("cinder.showLogs", () => output.show()),
        vscode.commands.registerCommand("cinder.showStage", withClient((client) => stages.ask(client))),
        vscode.commands.registerCommand("cinder.showBytecode", withClient((client) => stages.ask(client, "bytecode"))),
        vscode.commands.registerCommand("cinder.showMachineCode", withClient((client) => stages.ask(client, "asm"))),
        vscode.commands.registerCommand("cinder.debugInformation", () => {
            output.info(`server: ${choice?.command} (${choice?.origin})`);
            output.info(`running: ${client?.isRunning() ?? false}; ${JSON.stringify(client?.initializeResult?.serverInfo)}`);
            output.show();
        }),
        vscode.workspace.onDidChangeConfiguration(async (event) => {
            // Others are read by the server when it is told.
            const decidesStart = ["mode", "path", "importStrategy", "arguments", "diagnosticMode"];
            if (decidesStart.some((key) => event.affectsConfiguration(`cinder.${key}`))) {
                await start();
            }
        }),
        vscode.extensions.onDidChange(async () => {
            if (setting<Mode>("mode") === "auto" && client?.clientOptions.initializationOptions?.mode !== currentMode()) {
                await start();
            }
        }),
        vscode.workspace.onDidGrantWorkspaceTrust(start),
    );
    await start();
}

export async function deactivate(): Promise<void> {
    await client?.stop();
}

function setting<T>(name: string): T {
    return vscode.workspace.getConfiguration("cinder").get<T>(name) as T;
}

function currentMode(): "full" | "companion" {
    return chooseMode(setting<Mode>("mode"), (id) => vscode.extensions.getExtension(id) !== undefined);
}

async function startServer(context: vscode.ExtensionContext, output: vscode.LogOutputChannel, stages: Stages): Promise<void> {
    await client?.stop();
    const mode = currentMode();
    choice = chooseBinary({
        configured: setting<string[]>("path"),
        strategy: setting<"fromEnvironment" | "useBundled">("importStrategy"),
        environment: setting<string>("environment"),
        workspaceFolders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
        extensionFolder: context.extensionPath,
        home: os.homedir(),
        isTrusted: vscode.workspace.isTrusted,
        isWindows: process.platform === "win32",
        exists: (file) => fs.existsSync(file),
    });
    output.info(`starting ${choice.command} (${choice.origin}) as ${mode}`);
    const serverOptions: ServerOptions = { command: choice.command, args: ["server", ...setting<string[]>("arguments")] };
    const configuration = (scope?: vscode.Uri) =>
        serverSettings({ ...vscode.workspace.getConfiguration("cinder", scope) }, mode);
    const clientOptions: LanguageClientOptions = {
        documentSelector: [
            { scheme: "file", language: "python" },
            { scheme: "untitled", language: "python" },
        ],
        outputChannel: output,
        initializationOptions: configuration(),
        synchronize: { configurationSection: "cinder" },
        middleware: {
            // A lens asks for a stage; the answer is shown beside the source.
            executeCommand: async (command, args, next) => {
                const result = await next(command, args);
                if (command === "cinder.dump" && result) {
                    await stages.show(result as Dump);
                }
                return result;
            },
            workspace: {
                configuration: (params) =>
                    params.items.map((item) => configuration(item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined)),
            },
        },
    };
    client = new LanguageClient("cinder", "Cinder", serverOptions, clientOptions);
    try {
        await client.start();
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        output.error(reason);
        await vscode.window.showErrorMessage(`Cinder: cannot start ${choice.command}: ${reason}. Set cinder.path.`);
    }
}
