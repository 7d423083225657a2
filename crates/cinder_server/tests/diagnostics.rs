//! Diagnostics as editors get them.

use cinder_server::Ending;
use serde_json::{Value, json};

use crate::client::{Client, uri};

const LIBRARY: &str = "import __static__\ndef half(x: int) -> int:\n    return int(x)\n";
const USER: &str = "import __static__\nfrom library import half\ndef use() -> int:\n    return half(1)\n";

fn pulling() -> Value {
    json!({"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": true}}})
}

#[test]
fn an_edit_of_a_signature_shows_errors_in_other_open_files() {
    let mut client = Client::initialized(&[("/src/library.py", LIBRARY), ("/src/user.py", USER)], json!({}), json!({}));
    client.open("/src/library.py", LIBRARY);
    client.open("/src/user.py", USER);
    assert_eq!(client.published("/src/library.py"), [] as [String; 0]);
    assert_eq!(client.published("/src/user.py"), [] as [String; 0]);
    client.edit("/src/library.py", 2, [1, 12, 1, 15], "str");
    assert_eq!(client.published("/src/library.py"), [] as [String; 0]);
    assert_eq!(client.published("/src/user.py").len(), 1);
    client.edit("/src/library.py", 3, [1, 12, 1, 15], "int");
    assert_eq!(client.published("/src/user.py"), [] as [String; 0]);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn every_document_of_a_burst_is_looked_at() {
    let paths: Vec<String> = (0..40).map(|number| format!("/src/m{number}.py")).collect();
    let mut client = Client::initialized(&[], json!({}), json!({}));
    for path in &paths {
        client.open(path, USER);
    }
    for path in paths.iter().rev() {
        client.published(path);
    }
    for path in &paths {
        client.edit(path, 2, [0, 0, 0, 0], "\n");
    }
    for path in &paths {
        client.published(path);
    }
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn a_client_that_pulls_is_told_when_other_documents_change() {
    let mut client = Client::initialized(&[("/src/library.py", LIBRARY), ("/src/user.py", USER)], pulling(), json!({}));
    client.open("/src/library.py", LIBRARY);
    client.open("/src/user.py", USER);
    assert_eq!(client.pulled("/src/user.py"), [] as [String; 0]);
    client.edit("/src/library.py", 2, [1, 12, 1, 15], "str");
    client.wait_for("refresh", |message| message["method"] == "workspace/diagnostic/refresh");
    assert_eq!(client.pulled("/src/user.py").len(), 1);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn an_unchanged_report_is_short() {
    let mut client = Client::initialized(&[], pulling(), json!({}));
    client.open("/src/a.py", "x = (\n");
    let report = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri("/src/a.py")}})).unwrap();
    assert_eq!(report["kind"], "full");
    assert_eq!(report["items"][0]["code"], "invalid-syntax");
    assert_eq!(report["items"][0]["source"], "cinder");
    let params = json!({"textDocument": {"uri": uri("/src/a.py")}, "previousResultId": report["resultId"]});
    assert_eq!(client.request("textDocument/diagnostic", params).unwrap()["kind"], "unchanged");
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn files_that_change_on_disk_are_looked_at_again() {
    let mut client = Client::initialized(&[("/src/library.py", LIBRARY), ("/src/user.py", USER)], json!({}), json!({}));
    client.open("/src/user.py", USER);
    assert_eq!(client.published("/src/user.py"), [] as [String; 0]);
    client.system.write("/src/library.py", LIBRARY.replace("x: int", "x: str"));
    let changes = json!({"changes": [{"uri": uri("/src/library.py"), "type": 2}]});
    client.notify("workspace/didChangeWatchedFiles", changes);
    assert_eq!(client.published("/src/user.py").len(), 1);
    client.system.remove("/src/user.py");
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": uri("/src/user.py"), "type": 3}]}));
    // The editor's text is what counts while it is open.
    assert_eq!(client.pulled("/src/user.py").len(), 1);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri("/src/user.py")}}));
    assert_eq!(client.published("/src/user.py"), [] as [String; 0]);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn a_wrong_configuration_is_reported_where_it_stands() {
    let files = [("/src/pyproject.toml", "[tool.cinder]\nroot = 3\n"), ("/src/a.py", "x = (\n")];
    let mut client = Client::initialized(&files, json!({}), json!({}));
    assert_eq!(client.published("/src/pyproject.toml").len(), 1);
    // The defaults hold meanwhile.
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    client.system.write("/src/pyproject.toml", "[tool.cinder.rules]\ninvalid-syntax = \"ignore\"\n");
    let changes = json!({"changes": [{"uri": uri("/src/pyproject.toml"), "type": 2}]});
    client.notify("workspace/didChangeWatchedFiles", changes);
    assert_eq!(client.published("/src/pyproject.toml"), [] as [String; 0]);
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn settings_of_the_client_hold_and_change() {
    let options = json!({"rules": {"invalid-syntax": "warn"}});
    let mut client = Client::initialized(&[], json!({}), options);
    client.open("/src/a.py", "x = (\n");
    let severity = |client: &mut Client| {
        let report = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri("/src/a.py")}}));
        report.expect("a report")["items"][0]["severity"].clone()
    };
    assert_eq!(severity(&mut client), 2);
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"cinder": {"rules": {}}}}));
    assert_eq!(severity(&mut client), 1);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn the_nearest_environment_and_configuration_count() {
    let package = "import __static__\nclass Thing:\n    size: int = 0\n";
    let user = "import __static__\nfrom thing import Thing\ndef f(t: Thing) -> str:\n    return t.size\n";
    let files = [
        ("/src/one/.venv/pyvenv.cfg", "home = /usr/bin\n"),
        ("/src/one/.venv/lib/python3.14/site-packages/thing.py", package),
        ("/src/one/a.py", user),
        ("/src/two/a.py", user),
    ];
    let mut client = Client::initialized(&files, json!({}), json!({}));
    assert_eq!(client.pulled("/src/one/a.py").len(), 1, "`thing` is found in the environment beside the file");
    assert_eq!(client.pulled("/src/two/a.py"), [] as [String; 0], "`thing` is unknown there");
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn the_whole_workspace_is_checked_when_asked_for() {
    let files = [("/src/a.py", "x = (\n"), ("/src/deep/b.py", "y = )\n"), ("/src/fine.py", "")];
    let mut client = Client::initialized(
        &files,
        json!({"window": {"workDoneProgress": true}}),
        json!({"diagnosticMode": "workspace"}),
    );
    client.open("/src/fine.py", "");
    assert_eq!(client.published("/src/a.py").len(), 1);
    assert_eq!(client.published("/src/deep/b.py").len(), 1);
    client.wait_for("progress", |message| {
        message["method"] == "$/progress" && message["params"]["value"]["kind"] == "end"
    });
    assert_eq!(client.end(), Ending::Orderly);
}
