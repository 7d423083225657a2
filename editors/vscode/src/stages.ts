// Shows stages of the compiler beside the source.

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

/** The answer to `cinder/dump`. */
export interface Dump {
    title: string;
    text: string;
}

/** Documents whose text is what the server said last. */
export class Stages implements vscode.TextDocumentContentProvider, vscode.Disposable {
    static readonly scheme = "cinder-stage";
    private readonly texts = new Map<string, string>();
    private readonly changed = new vscode.EventEmitter<vscode.Uri>();
    readonly onDidChange = this.changed.event;

    provideTextDocumentContent(uri: vscode.Uri): string {
        return this.texts.get(uri.toString()) ?? "";
    }

    async show(dump: Dump): Promise<void> {
        const uri = vscode.Uri.from({ scheme: Stages.scheme, path: `/${dump.title}` });
        this.texts.set(uri.toString(), dump.text);
        this.changed.fire(uri);
        const document = await vscode.workspace.openTextDocument(uri);
        await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
    }

    /** Asks for a stage of the function under the cursor; without a name the user chooses. */
    async ask(client: LanguageClient, name?: string): Promise<void> {
        const editor = vscode.window.activeTextEditor;
        if (editor === undefined || editor.document.languageId !== "python") {
            return;
        }
        const stage = name ?? (await vscode.window.showQuickPick(client.sendRequest<string[]>("cinder/stages"), { placeHolder: "Stage" }));
        if (stage === undefined) {
            return;
        }
        const position = client.code2ProtocolConverter.asPosition(editor.selection.active);
        const textDocument = client.code2ProtocolConverter.asTextDocumentIdentifier(editor.document);
        await this.show(await client.sendRequest<Dump>("cinder/dump", { textDocument, position, stage }));
    }

    dispose(): void {
        this.changed.dispose();
    }
}

/** Bundled stubs that the server could not put on disk. */
export function stubProvider(client: () => LanguageClient | undefined): vscode.TextDocumentContentProvider {
    return {
        async provideTextDocumentContent(uri) {
            return (await client()?.sendRequest<string | null>("cinder/stubText", { uri: uri.toString() })) ?? "";
        },
    };
}
