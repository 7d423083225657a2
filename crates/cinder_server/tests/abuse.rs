//! Clients that break the protocol, and disks that change under a session's feet.

use std::path::{Path, PathBuf};

use cinder_server::Ending;
use serde_json::{Value, json};

use crate::client::{Client, at, uri};

const STATIC: &str = "import __static__\ndef f(x: int) -> str:\n    return x\n";

fn is_answer_to(message: &Value, id: &Value) -> bool {
    message["id"] == *id && message.get("method").is_none()
}

/// The client does nothing wrong after this and is served.
fn lives_on(mut client: Client, path: &str) {
    client.open(path, STATIC);
    assert_eq!(client.pulled(path).len(), 1);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn requests_with_the_same_id_have_an_answer_each() {
    let mut client = Client::initialized(&[("/src/a.py", STATIC)], json!({}), json!({}));
    for id in [json!(7), json!("seven"), json!(-1), json!(u64::MAX)] {
        // The second one comes while the first is under way, or after it.
        for _ in 0..2 {
            let params = json!({"textDocument": {"uri": uri("/src/a.py")}});
            client.send(&json!({"jsonrpc": "2.0", "id": id, "method": "textDocument/diagnostic", "params": params}));
        }
        for _ in 0..2 {
            let message = client.wait_for("answer", |message| is_answer_to(message, &id));
            let is_refused = message["error"]["code"] == -32600;
            assert!(is_refused || message["result"]["items"].is_array(), "{message}");
        }
    }
    lives_on(client, "/src/b.py");
}

#[test]
fn ids_that_are_none_are_refused() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    for id in [json!(null), json!(1.5), json!([1]), json!({}), json!(true)] {
        client.send(&json!({"jsonrpc": "2.0", "id": id, "method": "cinder/stages"}));
        client.wait_for("error", |message| message["id"].is_null() && message["error"]["code"] == -32600);
    }
    lives_on(client, "/src/b.py");
}

#[test]
fn what_is_answered_cannot_be_cancelled() {
    let mut client = Client::initialized(&[("/src/a.py", STATIC)], json!({}), json!({}));
    let id = client.ask("textDocument/hover", at("/src/a.py", 1, 4));
    client.answer(id).expect("a hover");
    for id in [json!(id), json!(99), json!("x"), json!(null), json!([]), json!(1.5)] {
        client.notify("$/cancelRequest", json!({"id": id}));
    }
    client.notify("$/cancelRequest", json!({}));
    client.notify("$/cancelRequest", json!(3));
    // Twice the same.
    let id = client.ask("workspace/symbol", json!({"query": "f"}));
    client.notify("$/cancelRequest", json!({"id": id}));
    client.notify("$/cancelRequest", json!({"id": id}));
    match client.answer(id) {
        Ok(symbols) => assert!(symbols.is_array()),
        Err(error) => assert_eq!(error["code"], -32800),
    }
    client.request("cinder/stages", Value::Null).expect("stages");
    assert!(!client.pending.iter().any(|message| is_answer_to(message, &json!(id))));
    lives_on(client, "/src/b.py");
}

#[test]
fn a_shutdown_amid_questions_leaves_none_unanswered() {
    let texts: Vec<(String, String)> =
        (0..60).map(|number| (format!("/src/m{number}.py"), STATIC.to_string())).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (&**path, &**text)).collect();
    let mut client = Client::initialized(&files, json!({}), json!({}));
    let mut before = Vec::new();
    for (path, _) in &files {
        before.push(client.ask("textDocument/hover", at(path, 1, 4)));
        let mut params = at(path, 1, 4);
        params["context"] = json!({"includeDeclaration": true});
        before.push(client.ask("textDocument/references", params));
    }
    let shutdown = client.ask("shutdown", Value::Null);
    let after: Vec<i64> = files.iter().map(|(path, _)| client.ask("textDocument/hover", at(path, 1, 4))).collect();
    let second = client.ask("shutdown", Value::Null);
    client.answer(shutdown).expect("shut down");
    for id in before {
        client.answer(id).expect("asked in time");
    }
    for id in after.into_iter().chain([second]) {
        assert_eq!(client.answer(id).unwrap_err()["code"], -32600);
    }
    client.notify("exit", Value::Null);
    assert_eq!(client.hang_up(), Ending::Orderly);
}

#[test]
fn messages_of_many_megabytes() {
    let mut client = Client::initialized(&[("/src/a.py", STATIC)], json!({}), json!({}));
    let padding = "\u{e9}".repeat(12 << 20);
    client.notify("$/unknown", json!({"padding": padding}));
    let mut params = at("/src/a.py", 1, 4);
    params["padding"] = json!(padding);
    assert!(client.request("textDocument/hover", params).is_ok_and(|hover| !hover.is_null()));
    assert_eq!(client.request(&padding, json!({})).unwrap_err()["code"], -32601);
    lives_on(client, "/src/b.py");
}

#[test]
fn invalid_utf_8_costs_only_its_characters() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    let mut body = br#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///src/a.py","languageId":"python","version":1,"text":"x = '@' +\n"}}}"#.to_vec();
    let at = body.iter().position(|byte| *byte == b'@').expect("written there");
    body[at] = 0xff;
    client.send_raw(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    client.send_raw(&body);
    assert_eq!(client.published("/src/a.py"), ["invalid syntax"]);
    lives_on(client, "/src/b.py");
}

#[test]
fn versions_that_run_backwards_wait_for_the_whole_text() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    client.open("/src/a.py", "x = 1\n");
    client.edit("/src/a.py", 5, [0, 4, 0, 5], "(");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    // Late, the same again, and from before the document was opened.
    for version in [4, 5, -3, i32::MIN] {
        client.edit("/src/a.py", version, [0, 4, 0, 5], "1");
    }
    client.wait_for("a warning", |message| message["method"] == "window/logMessage");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    let document = json!({"uri": uri("/src/a.py"), "version": 2});
    client.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [{"text": "x = 2\n"}]}));
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    client.edit("/src/a.py", 3, [0, 4, 0, 5], "(");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    lives_on(client, "/src/b.py");
}

/// Where the first error of a document is: line, column, end column.
fn first_error(client: &mut Client, path: &str) -> [u64; 3] {
    let report = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri(path)}}));
    let range = report.expect("a report")["items"][0]["range"].clone();
    let number = |pointer: &str| range.pointer(pointer).and_then(Value::as_u64).expect("an error");
    [number("/start/line"), number("/start/character"), number("/end/character")]
}

#[test]
fn every_kind_of_line_end_and_a_byte_order_mark() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    for (number, end) in ["\n", "\r\n", "\r"].iter().enumerate() {
        for mark in ["", "\u{feff}"] {
            let path = format!("/src/a{number}{}.py", mark.len());
            let lines = [
                mark,
                "import __static__",
                end,
                "s = '\u{1f600}\u{e9}'",
                end,
                "def f(x: int) -> str: return x",
                end,
                end,
            ];
            client.open(&path, &lines.concat());
            assert_eq!(first_error(&mut client, &path), [2, 22, 30], "{end:?} {mark:?}");
            // Behind the surrogate pair, then at the end of a line, then beyond it.
            client.edit(&path, 2, [1, 7, 1, 8], "\u{1f600}");
            client.edit(&path, 3, [1, 10, 1, 10], "; t = 1");
            client.edit(&path, 4, [1, 99, 1, 99], "; u = 1");
            client.edit(&path, 5, [2, 0, 2, 0], "u = t;");
            assert_eq!(first_error(&mut client, &path)[0], 2, "{end:?} {mark:?}");
            client.edit(&path, 6, [2, 0, 2, 6], "");
            assert_eq!(first_error(&mut client, &path), [2, 22, 30], "{end:?} {mark:?}");
            let hover = client.request("textDocument/hover", at(&path, 1, 12)).expect("an answer");
            assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("t: int")), "{hover}");
        }
    }
    lives_on(client, "/src/b.py");
}

/// Columns of a line of ten megabytes are not counted from its beginning each time.
#[test]
fn a_single_line_of_ten_megabytes() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    let mut text = format!("s = '{}'", "\u{e9}\u{1f600}".repeat((10 << 20) / 6));
    let before = text.encode_utf16().count() as u32;
    for number in 0..2_000 {
        text.push_str(&format!("; n{number} = s"));
    }
    client.open("/src/a.py", &text);
    let document = json!({"textDocument": {"uri": uri("/src/a.py")}});
    let tokens = client.request("textDocument/semanticTokens/full", document.clone()).expect("tokens");
    assert!(tokens["data"].as_array().is_some_and(|data| data.len() >= 5 * 4_000));
    let symbols = client.request("textDocument/documentSymbol", document).expect("symbols");
    assert!(symbols.as_array().is_some_and(|symbols| symbols.len() == 2_001));
    let highlights = client.request("textDocument/documentHighlight", at("/src/a.py", 0, 0)).expect("highlights");
    assert_eq!(highlights.as_array().map(Vec::len), Some(2_001));
    client.edit("/src/a.py", 2, [0, before, 0, before + 1], " +;");
    assert_eq!(first_error(&mut client, "/src/a.py")[0], 0);
    lives_on(client, "/src/b.py");
}

#[test]
fn edits_of_documents_nobody_opened() {
    let mut client = Client::initialized(&[("/src/a.py", STATIC)], json!({}), json!({}));
    client.edit("/src/a.py", 2, [0, 0, 0, 0], "(((");
    client.edit("/none/a.py", 2, [0, 0, 0, 0], "(((");
    client.wait_for("a warning", |message| message["method"] == "window/logMessage");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    lives_on(client, "/src/b.py");
}

/// A folder of this machine that is deleted at the end.
struct Scratch(PathBuf);

#[expect(clippy::disallowed_methods, reason = "a test of what disks do")]
impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("cinder-abuse-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Scratch(std::fs::canonicalize(path).expect("just made"))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("can be made");
        std::fs::write(path, text).expect("can be written");
    }

    fn path(&self, path: &str) -> String {
        self.0.join(path).to_str().expect("a plain name").to_string()
    }

    fn remove(&self, path: &str) {
        let path = self.0.join(path);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.expect("was there");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whether it is gone is nobody's concern.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn watched(client: &mut Client, path: &str, typ: u8) {
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": uri(path), "type": typ}]}));
}

fn symbols(client: &mut Client, query: &str) -> usize {
    let found = client.request("workspace/symbol", json!({"query": query})).expect("symbols");
    found.as_array().map_or(0, Vec::len)
}

#[cfg(unix)]
#[test]
fn links_that_go_in_circles() {
    let scratch = Scratch::new("links");
    scratch.write("package/module.py", "def only_here(): ...\n");
    let link = |from: &str, to: &Path| std::os::unix::fs::symlink(to, scratch.0.join(from)).expect("links can be made");
    link("package/again", &scratch.0);
    link("package/itself.py", &scratch.0.join("package/itself.py"));
    link("one.py", &scratch.0.join("other.py"));
    link("other.py", &scratch.0.join("one.py"));
    let mut client = Client::on_disk(&scratch.0);
    assert_eq!(symbols(&mut client, "only_here"), 1);
    for path in ["package/itself.py", "one.py", "package/again/package/again/package/module.py"] {
        let path = scratch.path(path);
        client.request("textDocument/hover", at(&path, 0, 5)).expect("an answer");
        client.pulled(&path);
        client.open(&path, STATIC);
        assert_eq!(client.pulled(&path).len(), 1, "{path}");
    }
    let path = scratch.path("b.py");
    lives_on(client, &path);
}

#[test]
fn files_that_become_folders_and_back() {
    let scratch = Scratch::new("swaps");
    scratch.write("user.py", "import thing\nthing.value\n");
    let mut client = Client::on_disk(&scratch.0);
    let user = scratch.path("user.py");
    client.open(&user, "import thing\nthing.value\n");
    for round in 0..3 {
        scratch.write("thing.py", "value = 1\n");
        watched(&mut client, &scratch.path("thing.py"), 1);
        let hover = client.request("textDocument/hover", at(&user, 1, 8)).expect("an answer");
        assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("int")), "{round}: {hover}");
        scratch.remove("thing.py");
        scratch.write("thing.py/inner.py", "");
        watched(&mut client, &scratch.path("thing.py"), 2);
        let hover = client.request("textDocument/hover", at(&user, 1, 8)).expect("an answer");
        assert!(!hover["contents"]["value"].as_str().is_some_and(|text| text.contains("int")), "{round}: {hover}");
        assert_eq!(client.pulled(&scratch.path("thing.py")), [] as [String; 0]);
        scratch.remove("thing.py");
        scratch.write("thing/__init__.py", "value = 'x'\n");
        watched(&mut client, &scratch.path("thing/__init__.py"), 1);
        let hover = client.request("textDocument/hover", at(&user, 1, 8)).expect("an answer");
        assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("str")), "{round}: {hover}");
        scratch.remove("thing");
        watched(&mut client, &scratch.path("thing"), 3);
    }
    let path = scratch.path("b.py");
    lives_on(client, &path);
}

#[test]
fn a_workspace_folder_that_is_deleted() {
    let scratch = Scratch::new("gone");
    scratch.write("work/a.py", "def gone_soon(): ...\n");
    scratch.write("other/b.py", "def stays(): ...\n");
    let work = scratch.path("work");
    let mut client = Client::on_disk(Path::new(&work));
    client.open(&scratch.path("work/a.py"), STATIC);
    assert_eq!(symbols(&mut client, "f"), 1);
    scratch.remove("work");
    watched(&mut client, &scratch.path("work/a.py"), 3);
    watched(&mut client, &work, 3);
    // The open document is all that is left.
    assert_eq!(client.pulled(&scratch.path("work/a.py")).len(), 1);
    assert_eq!(symbols(&mut client, "gone_soon"), 0);
    let folder = |path: &str| json!({"uri": uri(path), "name": "x"});
    let event = json!({"added": [folder(&scratch.path("other"))], "removed": [folder(&work), folder("/never/was")]});
    client.notify("workspace/didChangeWorkspaceFolders", json!({"event": event}));
    assert_eq!(symbols(&mut client, "stays"), 1);
    assert_eq!(client.pulled(&scratch.path("work/a.py")).len(), 1);
    let path = scratch.path("other/c.py");
    lives_on(client, &path);
}
