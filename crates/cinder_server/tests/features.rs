//! Language features over the protocol: one question of each kind. What the answers say is tested in `testdata/ide`.

use cinder_server::Ending;
use serde_json::{Value, json};

use crate::client::{Client, at, json_range, uri};

const LIBRARY: &str =
    "class Base:\n    def run(self): ...\n\ndef half(x):\n    \"\"\"Half of it.\"\"\"\n    return x / 2\n";
const USER: &str = "from library import Base, half\n\nclass Derived(Base):\n    def run(self):\n        return half(3)\n\nvalue = half(4)\n";
const STATIC: &str = "import __static__\nfrom __static__ import int64\n\ndef fast(n: int64) -> int64:\n    return n + 1\n\ndef slow(x):\n    return x.value\n";

fn client() -> Client {
    let files = [("/src/library.py", LIBRARY), ("/src/user.py", USER), ("/src/fast.py", STATIC)];
    let capabilities = json!({"textDocument": {
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
        "publishDiagnostics": {"relatedInformation": true},
    }});
    let mut client = Client::initialized(&files, capabilities, json!({"inlayHints": {"native": true}}));
    client.open("/src/user.py", USER);
    client
}

fn document(path: &str) -> Value {
    json!({"textDocument": {"uri": uri(path)}})
}

#[test]
fn capabilities_name_what_is_served() {
    let mut client = Client::start(&[]);
    let answer = client.request("initialize", json!({"processId": null, "capabilities": {}})).unwrap();
    let capabilities = &answer["capabilities"];
    for name in
        ["hoverProvider", "typeHierarchyProvider", "renameProvider", "semanticTokensProvider", "codeLensProvider"]
    {
        assert!(!capabilities[name].is_null(), "{name} of {capabilities}");
    }
    let mut client = Client::start(&[]);
    let params = json!({"processId": null, "capabilities": {}, "initializationOptions": {"mode": "companion"}});
    let answer = client.request("initialize", params).unwrap();
    let capabilities = &answer["capabilities"];
    for name in ["hoverProvider", "typeHierarchyProvider", "renameProvider", "completionProvider"] {
        assert!(capabilities[name].is_null(), "{name} of a companion");
    }
    for name in ["diagnosticProvider", "codeLensProvider", "inlayHintProvider", "codeActionProvider"] {
        assert!(!capabilities[name].is_null(), "{name} of a companion");
    }
}

#[test]
fn navigation() {
    let mut client = client();
    let definition = client.request("textDocument/definition", at("/src/user.py", 6, 9)).unwrap();
    assert_eq!(definition, json!([{"uri": uri("/src/library.py"), "range": json_range([3, 4, 3, 8])}]));
    let hover = client.request("textDocument/hover", at("/src/user.py", 6, 9)).unwrap();
    assert!(hover["contents"]["value"].as_str().unwrap().contains("Half of it."), "{hover}");
    let mut params = at("/src/user.py", 6, 9);
    params["context"] = json!({"includeDeclaration": true});
    assert_eq!(client.request("textDocument/references", params).unwrap().as_array().unwrap().len(), 4);
    let highlights = client.request("textDocument/documentHighlight", at("/src/user.py", 6, 9)).unwrap();
    assert_eq!(highlights.as_array().unwrap().len(), 3);
    let implementation = client.request("textDocument/implementation", at("/src/library.py", 0, 7)).unwrap();
    assert_eq!(implementation[0]["uri"], uri("/src/user.py"));
    let declaration = client.request("textDocument/declaration", at("/src/user.py", 6, 9)).unwrap();
    assert_eq!(declaration[0]["uri"], uri("/src/user.py"));
    assert_eq!(
        client.request("textDocument/typeDefinition", at("/src/user.py", 3, 12)).unwrap()[0]["uri"],
        uri("/src/user.py")
    );
    assert_eq!(client.request("textDocument/hover", at("/src/none.py", 0, 0)), Ok(Value::Null));
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn definitions_in_the_standard_library_have_an_address_and_a_text() {
    let mut client = client();
    client.open("/src/other.py", "print(len)\n");
    let definition = client.request("textDocument/definition", at("/src/other.py", 0, 7)).unwrap();
    assert_eq!(definition[0]["uri"], "cinder-stub:///stdlib/builtins.pyi");
    let text = client.request("cinder/stubText", json!({"uri": "cinder-stub:///stdlib/builtins.pyi"})).unwrap();
    assert!(text.as_str().unwrap().contains("class int"));
    assert_eq!(client.request("cinder/stubText", json!({"uri": "cinder-stub:///stdlib/none.pyi"})), Ok(Value::Null));
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn renaming() {
    let mut client = client();
    let mut params = at("/src/user.py", 6, 9);
    assert_eq!(client.request("textDocument/prepareRename", params.clone()).unwrap()["placeholder"], "half");
    params["newName"] = json!("third");
    let edit = client.request("textDocument/rename", params.clone()).unwrap();
    assert_eq!(edit["changes"][uri("/src/library.py")].as_array().unwrap().len(), 1);
    assert_eq!(edit["changes"][uri("/src/user.py")].as_array().unwrap().len(), 3);
    params["newName"] = json!("Base");
    assert_eq!(client.request("textDocument/rename", params).unwrap_err()["code"], -32803);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn writing() {
    let mut client = client();
    client.edit("/src/user.py", 2, [7, 0, 7, 0], "Derived().ru");
    let list = client.request("textDocument/completion", at("/src/user.py", 7, 12)).unwrap();
    let item = list["items"].as_array().unwrap().iter().find(|item| item["label"] == "run").expect("a method").clone();
    assert_eq!(item["textEdit"]["range"], json_range([7, 10, 7, 12]));
    let resolved = client.request("completionItem/resolve", item).unwrap();
    assert!(resolved["detail"].as_str().unwrap().contains("Derived.run"), "{resolved}");
    client.edit("/src/user.py", 3, [7, 0, 7, 12], "half(");
    let help = client.request("textDocument/signatureHelp", at("/src/user.py", 7, 5)).unwrap();
    assert_eq!(help["signatures"][0]["label"], "half(x)");
    client.edit("/src/user.py", 4, [7, 0, 7, 5], "json");
    let mut params = document("/src/user.py");
    params["range"] = json_range([7, 1, 7, 1]);
    params["context"] = json!({"diagnostics": []});
    let actions = client.request("textDocument/codeAction", params.clone()).unwrap();
    assert_eq!(actions[0]["title"], "Import module `json`");
    params["context"] = json!({"diagnostics": [], "only": ["source"]});
    assert_eq!(client.request("textDocument/codeAction", params), Ok(json!([])));
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn fixes_of_findings_are_actions() {
    let mut client = client();
    client.open("/src/other.py", "x = 1  # cinder: ignore[invalid-syntax]\n");
    let mut params = document("/src/other.py");
    params["range"] = json_range([0, 10, 0, 10]);
    params["context"] = json!({"diagnostics": []});
    let actions = client.request("textDocument/codeAction", params).unwrap();
    assert_eq!(actions[0]["title"], "Remove the comment");
    assert_eq!(actions[0]["diagnostics"][0]["code"], "unused-ignore-comment");
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn structure() {
    let mut client = client();
    let symbols = client.request("textDocument/documentSymbol", document("/src/user.py")).unwrap();
    assert_eq!(symbols[0]["children"][0]["name"], "run");
    let symbols = client.request("workspace/symbol", json!({"query": "half"})).unwrap();
    assert_eq!(symbols[0]["location"]["uri"], uri("/src/library.py"));
    let tokens = client.request("textDocument/semanticTokens/full", document("/src/user.py")).unwrap();
    assert_eq!(tokens["data"].as_array().unwrap().len() % 5, 0);
    let mut params = document("/src/user.py");
    params["range"] = json_range([6, 0, 7, 0]);
    let tokens = client.request("textDocument/semanticTokens/range", params.clone()).unwrap();
    assert_eq!(tokens["data"].as_array().unwrap().len(), 10);
    assert!(client.request("textDocument/foldingRange", document("/src/user.py")).unwrap().is_array());
    let mut params = document("/src/user.py");
    params["positions"] = json!([{"line": 6, "character": 9}, {"line": 99, "character": 9}]);
    assert_eq!(client.request("textDocument/selectionRange", params).unwrap().as_array().unwrap().len(), 2);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn hierarchies() {
    let mut client = client();
    let items = client.request("textDocument/prepareCallHierarchy", at("/src/user.py", 6, 9)).unwrap();
    let calls = client.request("callHierarchy/incomingCalls", json!({"item": items[0]})).unwrap();
    let callers: Vec<&str> =
        calls.as_array().unwrap().iter().map(|call| call["from"]["name"].as_str().unwrap()).collect();
    assert_eq!(callers, ["run", "user"]);
    let items = client.request("textDocument/prepareCallHierarchy", at("/src/user.py", 3, 9)).unwrap();
    let calls = client.request("callHierarchy/outgoingCalls", json!({"item": items[0]})).unwrap();
    assert_eq!(calls[0]["to"]["name"], "half");
    let items = client.request("textDocument/prepareTypeHierarchy", at("/src/user.py", 2, 8)).unwrap();
    let above = client.request("typeHierarchy/supertypes", json!({"item": items[0]})).unwrap();
    assert_eq!(above[0]["name"], "Base");
    let below = client.request("typeHierarchy/subtypes", json!({"item": above[0]})).unwrap();
    assert_eq!(below[0]["name"], "Derived");
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn lenses_and_marks_say_what_is_native() {
    let mut client = client();
    let lenses = client.request("textDocument/codeLens", document("/src/fast.py")).unwrap();
    let titles: Vec<&str> =
        lenses.as_array().unwrap().iter().map(|lens| lens["command"]["title"].as_str().unwrap()).collect();
    assert!(titles[0].starts_with("native"), "{titles:?}");
    assert!(titles[1].contains("annotate the parameter `x`"), "{titles:?}");
    let command = &lenses[0]["command"];
    let params = json!({"command": command["command"], "arguments": command["arguments"]});
    assert_eq!(client.request("workspace/executeCommand", params).unwrap()["title"], "bytecode of fast");
    let mut params = document("/src/fast.py");
    params["range"] = json_range([0, 0, 20, 0]);
    let hints = client.request("textDocument/inlayHint", params).unwrap();
    assert_eq!(hints[0]["label"], "dynamic");
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn a_panic_answers_one_question_with_an_error() {
    let mut client = client();
    client.open("/src/other.py", "import antigravity\n");
    assert_eq!(client.request("textDocument/definition", at("/src/other.py", 0, 9)).unwrap_err()["code"], -32603);
    assert!(client.request("textDocument/hover", at("/src/user.py", 6, 9)).is_ok());
    assert_eq!(client.end(), Ending::Orderly);
}

/// The same place in three units of columns.
#[test]
fn columns_are_counted_as_negotiated() {
    let text = "from library import half\nx = '\u{1f600}\u{e9}'; half(1)\n";
    for (encoding, column) in [("utf-8", 14), ("utf-16", 11), ("utf-32", 10)] {
        let capabilities = json!({"general": {"positionEncodings": [encoding]}});
        let mut client = Client::initialized(&[("/src/library.py", LIBRARY)], capabilities, json!({}));
        client.open("/src/user.py", text);
        let hover = client.request("textDocument/hover", at("/src/user.py", 1, column)).unwrap();
        assert_eq!(hover["range"], json_range([1, column, 1, column + 4]), "{encoding}");
        assert_eq!(client.end(), Ending::Orderly);
    }
}
