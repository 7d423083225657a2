//! Random violations of the protocol: every request is answered once, with a result or with an error the protocol has, and the session lives on.
//!
//! `CINDER_FUZZ=20000` chooses the number of messages, `CINDER_FUZZ_SEED` what they are.
#![expect(clippy::disallowed_methods, reason = "a test asks the machine how long to run")]

use cinder_server::{Ending, requests};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use crate::client::{Client, at, json_range, uri};
use crate::soak::Random;

const TEXT: &str = "import __static__\nfrom b import g\n\nclass C:\n    def __init__(self) -> None:\n        self.x: int = 1\n\ndef f(é: int) -> str:\n    s = '\u{1f600}\u{1f600}'\n    return g(é)\n";

const URIS: &[&str] = &[
    "file:///src/a.py",
    "file:///src/b.py",
    "file:///src/%61.py",
    "FILE:///src/a.py",
    "file:///src/../src/./a.py",
    "file:////src//a.py",
    "file:///src/a.py?query=1#fragment",
    "file:///src/none.py",
    "file:///src",
    "file:///",
    "file://host/share/a.py",
    "file:a.py",
    "file:///c%3A/x.py",
    "file:///src/%00.py",
    "file:///src/%E0%A4%A.py",
    "file:///src/%FF%FE.py",
    "file:///src/%",
    "file:///src/a b.py",
    "untitled:Untitled-1",
    "git:/src/a.py?%7B%22ref%22%3A%22~%22%7D",
    "vscode-notebook-cell:/src/a.ipynb#W0",
    "cinder-stub:///stdlib/builtins.pyi",
    "cinder-stub:///../../x",
    "http://example.org/a.py",
    "a.py",
    "",
    ":",
];

/// Requests that are not in the server's table.
const OTHERS: &[&str] = &["initialize", "textDocument/formatting", "no/such", "$/no", "", "textDocument/didOpen"];

const NOTIFICATIONS: &[&str] = &[
    "initialized",
    "$/cancelRequest",
    "$/setTrace",
    "$/unknown",
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/didSave",
    "textDocument/willSave",
    "workspace/didChangeConfiguration",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "window/workDoneProgress/cancel",
    "unknown",
];

/// Parse error, invalid request, unknown method, invalid params, not initialized, cancelled, modified, cancelled by the server, failed.
const ALLOWED: [i64; 9] = [-32700, -32600, -32601, -32602, -32002, -32800, -32801, -32802, -32803];

struct Fuzz {
    client: Client,
    random: Random,
    version: i32,
    /// Ids of requests, as they were sent.
    asked: Vec<Value>,
    next_id: i64,
    /// The text of each request, for the one that fails.
    sent: FxHashMap<String, String>,
}

impl Fuzz {
    fn uri(&mut self) -> Value {
        match self.random.below(3) {
            0 => json!(*self.random.pick(URIS)),
            _ => json!(uri("/src/a.py")),
        }
    }

    fn position(&mut self) -> Value {
        let numbers: &[Value] = &[
            json!(0),
            json!(1),
            json!(5),
            json!(7),
            json!(8),
            json!(9),
            json!(11),
            json!(10_000),
            json!(u32::MAX),
            json!(u64::MAX),
            json!(-1),
            json!(1.5),
            json!(null),
        ];
        // Mostly places that exist.
        let limit = if self.random.below(4) == 0 { numbers.len() } else { 7 };
        let (line, character) =
            (self.random.pick(&numbers[..limit]).clone(), self.random.pick(&numbers[..limit]).clone());
        json!({"line": line, "character": character})
    }

    fn range(&mut self) -> Value {
        json!({"start": self.position(), "end": self.position()})
    }

    /// A value of no meaning.
    fn nonsense(&mut self) -> Value {
        match self.random.below(12) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(-1),
            3 => json!(1e300),
            4 => json!(""),
            5 => json!("\u{0}\u{ffff}\u{1f600}"),
            6 => json!([]),
            7 => json!({}),
            8 => json!([[[[[[[[1]]]]]]]]),
            9 => json!({"uri": 3, "line": "x", "range": null}),
            10 => json!("x".repeat(100_000)),
            _ => self.range(),
        }
    }

    fn params(&mut self) -> Value {
        let text = match self.random.below(3) {
            0 => "x = (\n".to_string(),
            1 => "\u{1f600}\r\ré = '\u{2028}'\n".to_string(),
            _ => TEXT.to_string(),
        };
        self.version += 1;
        let uri = self.uri();
        json!({
            "textDocument": {"uri": uri, "version": self.version, "languageId": "python", "text": text},
            "contentChanges": [{"range": self.range(), "text": "é"}, {"text": text}],
            "position": self.position(),
            "positions": [self.position(), self.position()],
            "range": self.range(),
            "context": {"includeDeclaration": true, "diagnostics": [], "triggerKind": 1},
            "newName": *self.random.pick(&["renamed", "", "1x", "class", "a.b", "\u{1f600}", "__init__"]),
            "query": *self.random.pick(&["", "f", "\u{0}"]),
            "previousResultIds": [],
            "previousResultId": "x",
            "command": *self.random.pick(&["cinder.dump", "no.such", ""]),
            "arguments": [{"textDocument": {"uri": self.uri()}, "position": self.position(), "stage": "bytecode"}],
            "label": "x",
            "item": {"name": "f", "kind": 12, "uri": self.uri(), "range": self.range(), "selectionRange": self.range()},
            "uri": self.uri(),
            "settings": {"cinder": {"mode": "full"}},
            "changes": [{"uri": self.uri(), "type": 2}, {"uri": self.uri(), "type": 3}],
            "event": {"added": [], "removed": []},
            "id": self.random.pick(&[json!(0), json!(1), json!("x"), json!(null), json!(99_999_999)]).clone(),
            "token": "t",
            "value": "off",
            "capabilities": {},
        })
    }

    /// Puts nonsense somewhere into `value`, or takes something out.
    fn spoil(&mut self, value: &mut Value) {
        let nested = self.random.below(3) > 0;
        match value {
            Value::Object(fields) if nested && !fields.is_empty() => {
                let at = self.random.below(fields.len());
                let key = fields.keys().nth(at).cloned().expect("below the length");
                if self.random.below(6) == 0 {
                    fields.remove(&key);
                } else if let Some(field) = fields.get_mut(&key) {
                    let mut inner = field.take();
                    self.spoil(&mut inner);
                    fields.insert(key, inner);
                }
            }
            Value::Array(items) if nested && !items.is_empty() => {
                let at = self.random.below(items.len());
                let mut inner = items[at].take();
                self.spoil(&mut inner);
                items[at] = inner;
            }
            _ => *value = self.nonsense(),
        }
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..55 => self.request(),
            55..85 => self.notification(),
            85..89 => self.odd_message(),
            89..95 => self.edit(),
            95..97 => self.disk(),
            _ => self.garbage(),
        }
        while self.asked.len() > 60 {
            let id = self.asked.remove(0);
            self.check(&id);
        }
    }

    fn request(&mut self) {
        let known: Vec<&str> = requests().map(|(method, _)| method).collect();
        let method = match self.random.below(20) {
            0 => *self.random.pick(OTHERS),
            _ => *self.random.pick(&known),
        };
        let mut params = self.params();
        for _ in 0..self.random.below(3) {
            self.spoil(&mut params);
        }
        self.next_id += 1;
        let id = match self.random.below(3) {
            0 => json!(format!("id-{}-\u{1f600}", self.next_id)),
            _ => json!(self.next_id),
        };
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.client.send(&message);
        self.sent.insert(id.to_string(), message.to_string().chars().take(3_000).collect());
        self.asked.push(id);
    }

    fn notification(&mut self) {
        let method = *self.random.pick(NOTIFICATIONS);
        let mut params = self.params();
        if method == "$/cancelRequest" && !self.asked.is_empty() {
            params["id"] = self.random.pick(&self.asked).clone();
        }
        for _ in 0..self.random.below(3) {
            self.spoil(&mut params);
        }
        self.client.notify(method, params);
    }

    /// Messages that are JSON but neither requests nor answers; answered with an error at most.
    fn odd_message(&mut self) {
        let message = match self.random.below(9) {
            0 => json!([]),
            1 => json!([{"jsonrpc": "2.0", "id": 1_000_001, "method": "textDocument/hover", "params": {}}]),
            2 => json!(3),
            3 => json!({}),
            4 => json!({"jsonrpc": "1.0", "method": "initialized"}),
            5 => json!({"jsonrpc": "2.0", "id": null, "method": "initialized"}),
            6 => json!({"jsonrpc": "2.0", "id": "nobody", "result": {}}),
            7 => json!({"jsonrpc": "2.0", "id": [1], "method": 3}),
            _ => json!({"jsonrpc": "2.0", "id": "cinder-1", "error": {"code": 1, "message": "no"}}),
        };
        self.client.send(&message);
    }

    fn edit(&mut self) {
        self.version += 1;
        let numbers = [0, 1, 3, 7, 8, 9, 500];
        let range: [u32; 4] = std::array::from_fn(|_| *self.random.pick(&numbers));
        self.client.edit("/src/a.py", self.version, range, "\u{1f600}x");
    }

    fn disk(&mut self) {
        let path = *self.random.pick(&["/src/a.py", "/src/b.py"]);
        match self.random.below(2) {
            0 => self.client.system.remove(path),
            _ => self.client.system.write(path, TEXT),
        }
        self.client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": uri(path), "type": 2}]}));
    }

    /// Bytes that are no message. What the reader makes of the bytes behind them is its affair, so nothing is under way meanwhile.
    fn garbage(&mut self) {
        for id in std::mem::take(&mut self.asked) {
            self.check(&id);
        }
        let bytes: &[u8] = match self.random.below(10) {
            0 => b"Content-Length: 5\r\n\r\n{\"a\":",
            1 => b"Content-Length: -1\r\n\r\n",
            2 => b"Content-Length: 99999999999999999999\r\n\r\n{}",
            3 => b"Content-Type: x\r\n\r\n{}",
            4 => b"\r\n\r\n\r\n\r\n",
            5 => b"Content-Length: 0\r\n\r\n",
            6 => b"Content-Length: 4\r\n\r\n\xff\xfe\x00\x01",
            7 => b"content-length:2\n\n{}",
            8 => b"Content-Length: 300\r\n\r\n{\"jsonrpc\":\"2.0\"}",
            _ => b"Content-Length: 3\r\nContent-Length: 17\r\n\r\n{\"jsonrpc\":\"2.0\"}",
        };
        self.client.send_raw(bytes);
        // A message that claims to be longer than it is takes the next ones with it.
        for _ in 0..8 {
            self.client.notify("$/unknown", json!({"pad": "x".repeat(60)}));
        }
        self.next_id += 1;
        let id = json!(self.next_id);
        self.client.send(&json!({"jsonrpc": "2.0", "id": id, "method": "cinder/stages"}));
        self.check(&id);
    }

    fn check(&mut self, id: &Value) {
        let sent = self.sent.remove(&id.to_string()).unwrap_or_default();
        let what = format!("answer to {sent}");
        let message = self.client.wait_for(&what, |message| message["id"] == *id && message.get("method").is_none());
        if let Some(error) = message.get("error") {
            let code = error["code"].as_i64().unwrap_or_default();
            assert!(ALLOWED.contains(&code), "{sent}: {error}");
            assert!(message.get("result").is_none(), "{message}");
        } else {
            assert!(message.get("result").is_some(), "{message}");
        }
        let again = self.client.pending.iter().any(|message| message["id"] == *id && message.get("method").is_none());
        assert!(!again, "{id} was answered twice");
        self.client.pending.retain(|message| message.get("method").is_none() && !message["id"].is_null());
    }
}

#[test]
fn random_violations_are_survived() {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let files = [("/src/a.py", TEXT), ("/src/b.py", "import __static__\ndef g(x: int) -> str:\n    return ''\n")];
    let client = Client::initialized(&files, json!({}), json!({}));
    let seed = number("CINDER_FUZZ_SEED").unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut fuzz =
        Fuzz { client, random: Random(seed), version: 1, asked: Vec::new(), next_id: 0, sent: FxHashMap::default() };
    fuzz.client.open("/src/a.py", TEXT);
    for _ in 0..number("CINDER_FUZZ").unwrap_or(400) {
        fuzz.step();
    }
    for id in std::mem::take(&mut fuzz.asked) {
        fuzz.check(&id);
    }
    // Whatever happened, a whole text puts everything in order.
    fuzz.client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri("/src/a.py")}}));
    fuzz.client.system.write("/src/a.py", TEXT);
    fuzz.client.open("/src/a.py", "import __static__\ndef f(x: int) -> str:\n    return x\n");
    assert_eq!(fuzz.client.pulled("/src/a.py").len(), 1);
    assert!(fuzz.client.request("textDocument/hover", at("/src/a.py", 1, 4)).is_ok_and(|hover| !hover.is_null()));
    assert_eq!(fuzz.client.end(), Ending::Orderly);
}

/// Every request that is waiting when the client shuts down or says the same thing twice.
#[test]
fn requests_out_of_season_are_refused() {
    let mut client = Client::start(&[("/src/a.py", TEXT)]);
    for method in ["textDocument/hover", "textDocument/diagnostic", "shutdown", "no/such"] {
        assert_eq!(client.request(method, at("/src/a.py", 0, 0)).unwrap_err()["code"], -32002, "{method}");
    }
    // Notifications before `initialize` are dropped, `exit` ends the session.
    client.open("/src/a.py", "x = (");
    client.request("initialize", json!({"processId": null, "capabilities": {}})).expect("initialized");
    assert_eq!(client.request("initialize", json!({"capabilities": {}})).unwrap_err()["code"], -32600);
    client.notify("initialized", json!({}));
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    client.request("shutdown", Value::Null).expect("shut down");
    for method in ["textDocument/hover", "shutdown", "initialize", "no/such"] {
        assert_eq!(client.request(method, at("/src/a.py", 0, 0)).unwrap_err()["code"], -32600, "{method}");
    }
    client.open("/src/a.py", "x = (");
    client.notify("exit", Value::Null);
    assert_eq!(client.hang_up(), Ending::Orderly);
}

#[test]
fn an_exit_without_shutdown_is_abrupt() {
    let mut client = Client::start(&[]);
    client.notify("exit", Value::Null);
    assert_eq!(client.hang_up(), Ending::Abrupt);
}

#[test]
fn documents_opened_twice_and_closed_unopened() {
    let mut client = Client::initialized(&[("/src/a.py", TEXT)], json!({}), json!({}));
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri("/src/a.py")}}));
    client.edit("/src/a.py", 2, [0, 0, 0, 0], "(");
    client.open("/src/a.py", "x = (");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    // The later one counts.
    client.open("/src/a.py", "x = 1");
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    client.edit("/src/a.py", 2, [0, 4, 0, 5], "(");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    client.system.remove("/src/a.py");
    client.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": uri("/src/a.py"), "type": 3}]}));
    // Deleted on disk, alive in the editor.
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": uri("/src/a.py")}}));
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    assert!(client.request("textDocument/hover", at("/src/a.py", 0, 0)).is_ok_and(|hover| hover.is_null()));
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn positions_inside_characters_are_moved_to_their_beginning() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    client.open("/src/a.py", "\u{1f600}\u{1f600}");
    // Column 1 is inside of the first, column 3 inside of the second: the edit replaces the first.
    client.edit("/src/a.py", 2, [0, 1, 0, 3], "x = (");
    client.edit("/src/a.py", 3, [0, 5, 0, 99], "");
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    client.edit("/src/a.py", 4, [0, 4, 0, 5], "1");
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    assert_eq!(client.end(), Ending::Orderly);
}

#[test]
fn documents_of_ten_megabytes() {
    let mut client = Client::initialized(&[], json!({}), json!({}));
    let mut text = format!("import __static__\ns = '''{}'''\n", "lorem ipsum\n".repeat(14 << 16));
    let lines = text.matches('\n').count() as u32;
    text.push_str("def f(x: int) -> str:\n    return x\n");
    assert!(text.len() > 10 << 20);
    client.open("/src/a.py", &text);
    assert_eq!(client.pulled("/src/a.py").len(), 1);
    client.edit("/src/a.py", 2, [lines + 1, 11, lines + 1, 12], "str(x)");
    assert_eq!(client.pulled("/src/a.py"), [] as [String; 0]);
    let hover = client.request("textDocument/hover", at("/src/a.py", lines, 4)).expect("an answer");
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("f")), "{hover}");
    let whole = json!({"textDocument": {"uri": uri("/src/a.py")}, "range": json_range([0, 0, u32::MAX, 0])});
    client.request("textDocument/inlayHint", whole).expect("an answer");
    assert_eq!(client.end(), Ending::Orderly);
}
