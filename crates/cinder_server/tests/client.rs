//! A client for tests: talks to a server in this process through pipes.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, PipeReader, PipeWriter, Read, Write, pipe};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cinder_db::system::MemorySystem;
use cinder_project::OsSystem;
use cinder_server::{Ending, Host, Subject, requests, serve};
use serde_json::{Value, json};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// No stubs on disk, and stages that say their arguments.
struct TestHost;

impl Host for TestHost {
    fn stages(&self) -> Vec<String> {
        vec!["bytecode".to_string()]
    }

    fn dump(&self, stage: &str, path: &Path, function: Option<&str>) -> Result<String, String> {
        Ok(format!("{stage} {} {}", path.display(), function.unwrap_or("-")))
    }

    fn stub_folder(&self) -> Option<PathBuf> {
        None
    }

    fn stub_file(&self, path: &str, _: &str) -> Option<PathBuf> {
        assert_ne!(path, "stdlib/antigravity.pyi", "a panic on purpose, for the test of panics");
        None
    }
}

pub(crate) struct Client {
    pub(crate) system: MemorySystem,
    input: Option<PipeWriter>,
    messages: Receiver<Value>,
    /// Read while waiting for something else.
    pub(crate) pending: VecDeque<Value>,
    next_id: i64,
    server: Option<JoinHandle<Ending>>,
}

impl Client {
    /// A server over these files, not initialized.
    pub(crate) fn start(files: &[(&str, &str)]) -> Client {
        let system = MemorySystem::default();
        for (path, text) in files {
            system.write(path, text);
        }
        let shared = Arc::new(system.clone());
        Client::over(system, shared)
    }

    /// A server over the folders of this machine, initialized with one of them.
    pub(crate) fn on_disk(folder: &Path) -> Client {
        let system = OsSystem::from_process().expect("the current folder exists");
        let mut client = Client::over(MemorySystem::default(), Arc::new(system));
        let folder = uri(folder.to_str().expect("the temporary folder has a plain name"));
        let params = json!({
            "processId": null, "capabilities": {}, "initializationOptions": {"diagnosticMode": "workspace"},
            "workspaceFolders": [{"uri": folder, "name": "disk"}],
        });
        client.request("initialize", params).expect("a server can be initialized");
        client.notify("initialized", json!({}));
        client
    }

    fn over(system: MemorySystem, shared: Arc<dyn cinder_db::System>) -> Client {
        let (from_client, input) = pipe().expect("pipes can be made");
        let (output, to_client) = pipe().expect("pipes can be made");
        let server = thread::Builder::new().name("cinder-reader".to_string());
        let server = server.spawn(move || serve(from_client, to_client, shared, Arc::new(TestHost)));
        let server = server.expect("threads can be started");
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read_message(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Client { system, input: Some(input), messages, pending: VecDeque::new(), next_id: 0, server: Some(server) }
    }

    /// A server over these files below `/src`, initialized with client capabilities and options.
    pub(crate) fn initialized(files: &[(&str, &str)], capabilities: Value, options: Value) -> Client {
        let mut client = Client::start(files);
        let params = json!({
            "processId": null, "capabilities": capabilities, "initializationOptions": options,
            "workspaceFolders": [{"uri": "file:///src", "name": "src"}],
        });
        client.request("initialize", params).expect("a server can be initialized");
        client.notify("initialized", json!({}));
        client
    }

    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("not ended");
        input.write_all(bytes).expect("the server reads");
        input.flush().expect("the server reads");
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and gives its id.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Waits for a message that `is_wanted`; others are kept.
    pub(crate) fn wait_for(&mut self, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.pending.iter().position(&is_wanted) {
            return self.pending.remove(index).expect("just found");
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {what}"));
            if is_wanted(&message) {
                return message;
            }
            self.pending.push_back(message);
        }
    }

    /// The answer to a request: its result or its error.
    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, Value> {
        self.answer_to("a question", id)
    }

    /// The same; `what` was asked.
    pub(crate) fn answer_to(&mut self, what: &str, id: i64) -> Result<Value, Value> {
        let what = format!("answer to {what}");
        let mut message = self.wait_for(&what, |message| message["id"] == id && message.get("method").is_none());
        match message.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(message["result"].take()),
        }
    }

    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    pub(crate) fn open(&mut self, path: &str, text: &str) {
        let document = json!({"uri": uri(path), "languageId": "python", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Replaces a range of an open document.
    pub(crate) fn edit(&mut self, path: &str, version: i32, range: [u32; 4], text: &str) {
        let change = json!({"range": json_range(range), "text": text});
        let document = json!({"uri": uri(path), "version": version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [change]}));
    }

    /// The messages of the diagnostics that are pushed next for a file.
    pub(crate) fn published(&mut self, path: &str) -> Vec<String> {
        let uri = uri(path);
        let message = self.wait_for("diagnostics", |message| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri
        });
        messages_of(&message["params"]["diagnostics"])
    }

    /// The messages of the diagnostics that are pulled for a file.
    pub(crate) fn pulled(&mut self, path: &str) -> Vec<String> {
        let report = self.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri(path)}}));
        messages_of(&report.expect("diagnostics are no error")["items"])
    }

    /// Says goodbye and gives how the server ended.
    pub(crate) fn end(mut self) -> Ending {
        self.request("shutdown", Value::Null).expect("shutdown is answered");
        self.notify("exit", Value::Null);
        self.server.take().expect("ended once").join().expect("the server does not panic")
    }

    /// Closes the pipe and gives how the server ended.
    pub(crate) fn hang_up(mut self) -> Ending {
        self.input = None;
        self.server.take().expect("ended once").join().expect("the server does not panic")
    }
}

fn messages_of(diagnostics: &Value) -> Vec<String> {
    let items = diagnostics.as_array().expect("a list of diagnostics");
    items.iter().map(|item| item["message"].as_str().unwrap_or_default().to_string()).collect()
}

pub(crate) fn uri(path: &str) -> String {
    format!("file://{path}")
}

/// Methods of the server's table that are asked about documents and are about such a subject.
pub(crate) fn methods_about(subject: Subject) -> Vec<&'static str> {
    let about = requests().filter(|(method, of)| *of == subject && method.starts_with("textDocument/"));
    about.map(|(method, _)| method).collect()
}

/// Parameters with which any of [`methods_about`] can be asked about a place; each takes what it knows.
pub(crate) fn params_at(path: &str, line: u32, column: u32) -> Value {
    let mut params = at(path, line, column);
    params["positions"] = json!([params["position"]]);
    params["range"] = json_range([line, column, line + 20, 0]);
    params["context"] = json!({"includeDeclaration": true, "diagnostics": [], "triggerKind": 1, "isRetrigger": false});
    params["newName"] = json!("renamed_by_a_test");
    params
}

/// Start line and column, end line and column.
pub(crate) fn json_range(range: [u32; 4]) -> Value {
    let [line, column, end_line, end_column] = range;
    json!({"start": {"line": line, "character": column}, "end": {"line": end_line, "character": end_column}})
}

pub(crate) fn at(path: &str, line: u32, column: u32) -> Value {
    json!({"textDocument": {"uri": uri(path)}, "position": {"line": line, "character": column}})
}

fn read_message(output: &mut BufReader<PipeReader>) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(digits) = line.strip_prefix("Content-Length: ") {
            length = digits.parse::<usize>().ok();
        }
    }
    let mut body = vec![0; length?];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
