use serde_json::json;

use super::{Frame, FrameReader};

fn framed(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The frames of a stream; malformed ones as `None`.
fn frames(stream: &str) -> Vec<Option<serde_json::Value>> {
    let mut reader = FrameReader::new(stream.as_bytes());
    let mut frames = Vec::new();
    while let Some(frame) = reader.read().expect("memory can be read") {
        frames.push(match frame {
            Frame::Message(value) => Some(value),
            Frame::Malformed(_) => None,
        });
    }
    frames
}

#[test]
fn messages_follow_each_other() {
    let stream = format!("{}{}", framed("{\"a\":1}"), framed("[2]"));
    assert_eq!(frames(&stream), [Some(json!({"a": 1})), Some(json!([2]))]);
}

#[test]
fn further_headers_and_their_case_do_not_matter() {
    let stream = "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:  4\r\n\r\nnull";
    assert_eq!(frames(stream), [Some(json!(null))]);
}

#[test]
fn a_body_that_is_no_json_costs_only_itself() {
    assert_eq!(frames(&format!("{}{}", framed("{\"a\":"), framed("1"))), [None, Some(json!(1))]);
}

#[test]
fn a_length_that_is_too_large_costs_one_message() {
    let stream = format!("Content-Length: 60\r\n\r\n{{\"a\":1}}{}", framed("{\"method\":\"something that is long\"}"));
    assert_eq!(frames(&stream), [None, Some(json!({"method": "something that is long"}))]);
}

#[test]
fn a_length_that_is_too_small_costs_one_message() {
    let stream = format!("Content-Length: 3\r\n\r\n{{\"a\":1}}{}", framed("7"));
    assert_eq!(frames(&stream), [None, Some(json!(7))]);
}

#[test]
fn garbage_and_wrong_headers_are_stepped_over() {
    let stream = format!("garbage\r\n\r\nContent-Length: many\r\n\r\n{}", framed("7"));
    assert_eq!(frames(&stream), [None, None, Some(json!(7))]);
    let endless = format!("Content-Length: 99999999999999\r\n\r\n{}", framed("7"));
    assert_eq!(frames(&endless), [None, Some(json!(7))]);
}

#[test]
fn lone_surrogates_become_the_replacement_character() {
    let stream = framed(r#"["\ud83d\ude00 \ud83d \ude00 \\ud800 \ud800\u0041 \u00e9"]"#);
    assert_eq!(frames(&stream), [Some(json!(["\u{1f600} \u{fffd} \u{fffd} \\ud800 \u{fffd}A \u{e9}"]))]);
}

#[test]
fn an_end_within_a_message_is_an_end() {
    assert_eq!(frames("Content-Length: 10\r\n\r\n{"), []);
    assert_eq!(frames("Content-Le"), []);
}

#[test]
fn what_is_written_can_be_read() {
    let mut bytes = Vec::new();
    let body = json!({"text": "\u{e9}\u{1f600}"}).to_string();
    crate::outbox::write_body(&mut bytes, body.as_bytes()).expect("memory can be written");
    assert_eq!(frames(&String::from_utf8(bytes).expect("JSON is UTF-8")), [Some(json!({"text": "\u{e9}\u{1f600}"}))]);
}
