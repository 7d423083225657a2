// Which server to start and with which settings. No editor in here, so that it can be tested without one.

import * as path from "node:path";

/** What the choice of a binary depends on. */
export interface Surroundings {
    /** `cinder.path`. */
    configured: string[];
    strategy: "fromEnvironment" | "useBundled";
    /** `cinder.environment`; may be empty. */
    environment: string;
    workspaceFolders: string[];
    extensionFolder: string;
    home: string;
    isTrusted: boolean;
    isWindows: boolean;
    exists(file: string): boolean;
}

/** The binary to start, and why that one. */
export interface Choice {
    command: string;
    origin: "setting" | "environment" | "bundled" | "search path";
}

export function chooseBinary(around: Surroundings): Choice {
    const name = around.isWindows ? "cinder.exe" : "cinder";
    // What a workspace brings along runs only where the user trusts it.
    if (around.isTrusted) {
        for (const written of around.configured) {
            const file = expand(written, around);
            if (around.exists(file)) {
                return { command: file, origin: "setting" };
            }
        }
        if (around.strategy === "fromEnvironment") {
            for (const folder of environments(around)) {
                const file = path.join(folder, around.isWindows ? "Scripts" : "bin", name);
                if (around.exists(file)) {
                    return { command: file, origin: "environment" };
                }
            }
        }
    }
    const bundled = path.join(around.extensionFolder, "bundled", "bin", name);
    if (around.exists(bundled)) {
        return { command: bundled, origin: "bundled" };
    }
    return { command: name, origin: "search path" };
}

function environments(around: Surroundings): string[] {
    const folders = around.workspaceFolders.map((folder) => path.join(folder, ".venv"));
    if (around.environment !== "") {
        const first = around.workspaceFolders[0] ?? "";
        folders.unshift(path.resolve(first, expand(around.environment, around)));
    }
    return folders;
}

function expand(written: string, around: Surroundings): string {
    return written
        .replaceAll("${workspaceFolder}", around.workspaceFolders[0] ?? "")
        .replaceAll("${userHome}", around.home)
        .replace(/^~(?=\/|\\|$)/, around.home);
}

/** Extensions that are Python language servers themselves. */
export const OTHER_SERVERS = [
    "ms-python.vscode-pylance",
    "ms-pyright.pyright",
    "detachhead.basedpyright",
    "astral-sh.ty",
    "meta.pyrefly",
    "matangover.mypy",
    "zubanls.zuban",
];

export type Mode = "auto" | "full" | "companion";

/** What the server is told. */
export function chooseMode(setting: Mode, installed: (id: string) => boolean): "full" | "companion" {
    if (setting !== "auto") {
        return setting;
    }
    return OTHER_SERVERS.some(installed) ? "companion" : "full";
}

/** The server's settings out of a section of the editor's: modes are resolved, what only the extension knows is left out. */
export function serverSettings(section: Record<string, unknown>, mode: "full" | "companion"): Record<string, unknown> {
    const { path: _path, importStrategy: _strategy, arguments: _arguments, trace: _trace, ...settings } = section;
    return { ...settings, mode };
}
