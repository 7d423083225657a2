//! What a hostile or hasty client may do.

use cinder_server::Ending;
use serde_json::{Value, json};

use crate::client::{Client, at, uri};

const STATIC: &str = "import __static__\ndef f(x: int) -> str:\n    return x\n";

#[test]
fn a_session_begins_and_ends() {
    let mut client = Client::start(&[]);
    assert_eq!(client.request("textDocument/hover", at("/src/a.py", 0, 0)).unwrap_err()["code"], -32002);
    let encodings = json!({"general": {"positionEncodings": ["utf-16", "utf-8"]}});
    let answer = client.request("initialize", json!({"processId": null, "capabilities": encodings})).unwrap();
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-8");
    assert_eq!(answer["serverInfo"]["name"], "cinder");
    client.notify("initialized", json!({}));
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn a_client_that_goes_away_ends_the_session() {
    assert_eq!(Client::initialized(&[], json!({}), json!({})).hang_up(), Ending::Abrupt);
}

#[test]
fn broken_messages_are_answered_and_the_session_lives_on() {
    let mut client = Client::initialized(&[("/src/a.py", STATIC)], json!({}), json!({}));
    client.send_raw(b"Content-Length: 9\r\n\r\n{\"jsonrpc");
    assert_eq!(
        client.wait_for("error", |message| message["id"].is_null() && message["error"]["code"] == -32700)["jsonrpc"],
        "2.0"
    );
    client.send_raw(b"nonsense\r\n\r\n");
    client.wait_for("error", |message| message["error"]["code"] == -32700);
    client.send(&json!([1, 2]));
    client.wait_for("error", |message| message["error"]["code"] == -32600);
    client.send(&json!({"jsonrpc": "2.0", "id": "x"}));
    client.wait_for("error", |message| message["id"] == "x" && message["error"]["code"] == -32600);
    assert_eq!(client.request("no/such/method", json!({})).unwrap_err()["code"], -32601);
    assert_eq!(client.request("textDocument/diagnostic", json!({"textDocument": 3})).unwrap_err()["code"], -32602);
    // Unknown notifications and answers nobody asked for are ignored.
    client.notify("$/unknown", json!({}));
    client.notify("unknown", json!({}));
    client.send(&json!({"jsonrpc": "2.0", "id": "cinder-99", "result": null}));
    client.notify(
        "textDocument/didChange",
        json!({"textDocument": {"uri": "file:///src/none.py", "version": 3}, "contentChanges": []}),
    );
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": "file:///src/none.py"}}));
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    assert_eq!(client.pulled("/src/none.py"), [] as [String; 0]);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn lone_surrogates_become_replacement_characters() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    let body = r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///src/a.py","languageId":"python","version":1,"text":"x = '\ud800' +\n"}}}"#;
    client.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    assert_eq!(client.published("/src/a.py"), ["invalid syntax"]);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn edits_out_of_range_are_clamped_and_impossible_ones_wait_for_the_whole_text() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    client.open("/src/a.py", "x = 1");
    client.edit("/src/a.py", 2, [0, 99, 77, 5], "\ny = (");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    client.edit("/src/a.py", 3, [0, 4, 0, 1], "?");
    client.wait_for("a warning", |message| message["method"] == "window/logMessage");
    let document = json!({"uri": uri("/src/a.py"), "version": 4});
    client
        .notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [{"text": "ok = 1\n"}]}));
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    assert_eq!(client.end(), Ending::Orderly);
}

/// Handlers that ran out of order would leave another text than the edits do.
#[test]
fn thousands_of_edits_stay_in_order() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    client.open("/src/a.py", "n = [\n]\n");
    let mut asked = Vec::new();
    for number in 0..4_000 {
        // Each edit stands at the place the one before it made.
        let text = if number % 2 == 0 { "1" } else { "," };
        client.edit("/src/a.py", number + 2, [1, number as u32, 1, number as u32], text);
        if number % 500 == 0 {
            asked.push(client.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri("/src/a.py")}})));
        }
    }
    for id in asked {
        client.answer(id).expect("edits are no errors");
    }
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    client.edit("/src/a.py", 30_000, [1, 3_999, 1, 4_000], " 2");
    assert_eq!(client.pulled("/src/a.py").len(), 1, "`1 2` stands there only if all edits came in order");
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn many_questions_do_not_hide_a_cancellation() {
    let files: Vec<(String, String)> =
        (0..50).map(|number| (format!("/src/m{number}.py"), STATIC.to_string())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let mut client = Client::initialized(&files, json!({}), json!({"diagnosticMode": "workspace"}));
    let params = json!({"previousResultIds": []});
    let mut asked: Vec<i64> = (0..40).map(|_| client.ask("workspace/diagnostic", params.clone())).collect();
    // With nothing new since, this one waits for a change.
    let first = client.answer(asked.remove(0)).expect("a report");
    let ids: Vec<Value> = first["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| json!({"uri": item["uri"], "value": item["resultId"]}))
        .collect();
    assert_eq!(ids.len(), 50);
    let parked = client.ask("workspace/diagnostic", json!({"previousResultIds": ids}));
    let cancelled = client.ask("workspace/diagnostic", json!({"previousResultIds": ids}));
    client.notify("$/cancelRequest", json!({"id": cancelled}));
    assert_eq!(client.answer(cancelled).unwrap_err()["code"], -32800);
    client.open("/src/m7.py", "import __static__\n");
    let news = client.answer(parked).expect("a report");
    let full = news["items"].as_array().expect("a list").iter().filter(|item| item["kind"] == "full").count();
    assert_eq!(full, 1, "{news}");
    for id in asked {
        client.answer(id).expect("a report");
    }
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn stages_are_shown_for_the_function_under_the_cursor() {
    let mut client = Client::initialized(&[("/src/a.py", STATIC)], json!({}), json!({}));
    let mut params = at("/src/a.py", 2, 4);
    params["stage"] = json!("bytecode");
    let dump = client.request("cinder/dump", params.clone()).unwrap();
    assert_eq!(dump, json!({"title": "bytecode of f", "text": "bytecode /src/a.py f"}));
    let by_command =
        client.request("workspace/executeCommand", json!({"command": "cinder.dump", "arguments": [params]}));
    assert_eq!(by_command, Ok(dump));
    assert_eq!(client.request("cinder/stages", Value::Null), Ok(json!(["bytecode"])));
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn searches_tell_how_far_they_are() {
    let texts: Vec<(String, String)> =
        (0..200).map(|number| (format!("/src/m{number}.py"), STATIC.to_string())).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (&**path, &**text)).collect();
    let mut client = Client::initialized(&files, json!({}), json!({}));
    for method in ["references", "rename", "implementation"] {
        let mut params = at("/src/m0.py", 1, 4);
        params["context"] = json!({"includeDeclaration": true});
        params["newName"] = json!("renamed");
        params["workDoneToken"] = json!(method);
        client.request(&format!("textDocument/{method}"), params).expect("an answer");
        let told = client.pending.iter().filter(|message| message["params"]["token"] == method);
        let kinds: Vec<&str> = told.filter_map(|message| message["params"]["value"]["kind"].as_str()).collect();
        assert_eq!((kinds.first(), kinds.last()), (Some(&"begin"), Some(&"end")), "{method}");
        // A function has no classes below it to be searched for.
        assert!(kinds.len() > 3 || method == "implementation", "{method}: {kinds:?}");
        client.pending.clear();
    }
    assert_eq!(client.end(), Ending::Orderly);
}
