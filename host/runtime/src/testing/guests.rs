//! Guests for tests, written as core modules by the canonical ABI and made into components, as any toolchain does.
//!
//! Memory: 16 `{}`; 24 the template's name; 32 a list of one id; 64 the answer; 128 and 176 answers of the host; 220 and
//! on, texts; from 8192 on, what the host passes in.

use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The id of the document that guests read and write.
pub const DOCUMENT: &str = "00000000-0000-0000-0000-000000000001";

const TOP: &str = r#"
  (import "tsudoi:plugin/context@0.1.0" "now" (func $now (result i64)))
  (import "tsudoi:plugin/context@0.1.0" "new-id" (func $new_id (param i32)))
  (import "tsudoi:plugin/context@0.1.0" "visitor-tier" (func $visitor_tier (param i32)))
  (import "tsudoi:plugin/store@0.1.0" "get" (func $get (param i32 i32 i32 i32 i32)))
  (import "tsudoi:plugin/store@0.1.0" "insert" (func $insert (param i32 i32 i32 i32 i32)))
  (import "tsudoi:plugin/store@0.1.0" "put" (func $put (param i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 8192))
  (data (i32.const 16) "{}")
  (data (i32.const 24) "a.html")
  (data (i32.const 32) "\e6\00\00\00\24\00\00\00")
  (data (i32.const 220) "threads")
  (data (i32.const 230) "00000000-0000-0000-0000-000000000001")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  ;; ok(json(text))
  (func $json (param $text i32) (param $length i32) (result i32)
    (i32.store (i32.const 64) (i32.const 0))
    (i32.store (i32.const 68) (i32.const 2))
    (i32.store (i32.const 72) (local.get $text))
    (i32.store (i32.const 76) (local.get $length))
    (i32.const 64))
  ;; err(not-found)
  (func $not_found (result i32)
    (i32.store (i32.const 64) (i32.const 1))
    (i32.store (i32.const 68) (i32.const 1))
    (i32.const 64))
  ;; err(other(the error that the host answered at 128))
  (func $passed_on (result i32)
    (i32.store (i32.const 64) (i32.const 1))
    (i32.store (i32.const 68) (i32.const 5))
    (i64.store (i32.const 72) (i64.load (i32.const 132)))
    (i64.store (i32.const 80) (i64.load (i32.const 140)))
    (i32.const 64))
  ;; the body of the document: its place, and 0 where there is none; its length is at 200
  (func $body (result i32)
    (local $option i32)
    (call $get (i32.const 220) (i32.const 7) (i32.const 32) (i32.const 1) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then (return (i32.const 0))))
    (local.set $option (i32.load (i32.const 132)))
    (if (i32.eqz (i32.load8_u (local.get $option))) (then (return (i32.const 0))))
    (i32.store (i32.const 200) (i32.load offset=28 (local.get $option)))
    (i32.load offset=24 (local.get $option)))
  (func $show (result i32)
    (local $body i32)
    (local.set $body (call $body))
    (if (i32.eqz (local.get $body)) (then (return (call $not_found))))
    (call $json (local.get $body) (i32.load (i32.const 200))))
  ;; ok({ template: "a.html", data: "{}", title: none })
  (func (export "tsudoi:plugin/blocks@0.1.0#render") (param i32 i32 i32 i32) (result i32)
    (i32.store (i32.const 64) (i32.const 0))
    (i32.store (i32.const 68) (i32.const 24))
    (i32.store (i32.const 72) (i32.const 6))
    (i32.store (i32.const 76) (i32.const 16))
    (i32.store (i32.const 80) (i32.const 2))
    (i32.store (i32.const 84) (i32.const 0))
    (i32.const 64))
"#;

/// A request, flattened: five pairs of place and length, and an optional text.
const REQUEST: &str = "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)";

pub const HELLO: &str = "(call $json (i32.const 16) (i32.const 2))";
pub const SHOW: &str = "(call $show)";
/// The visitor's tier as a JSON string; who has none is told that there is nothing.
pub const TIER: &str = r#"
    (local $at i32)
    (call $visitor_tier (i32.const 128))
    (if (i32.eqz (i32.load8_u (i32.const 128))) (then (return (call $not_found))))
    (local.set $at (i32.sub (i32.load (i32.const 132)) (i32.const 1)))
    (i32.store8 (local.get $at) (i32.const 34))
    (i32.store8 offset=1 (i32.add (local.get $at) (i32.load (i32.const 136))) (i32.const 34))
    (call $json (local.get $at) (i32.add (i32.load (i32.const 136)) (i32.const 2)))"#;
/// Asks what time it is.
pub const NOW: &str = "(drop (call $now)) (call $json (i32.const 16) (i32.const 2))";
/// Reads the document twice and shows what it saw the second time.
pub const SHOW_TWICE: &str = "(drop (call $show)) (call $show)";
pub const ENDLESS: &str = "(loop $again (br $again)) (unreachable)";
pub const TRAP: &str = "(unreachable)";
pub const GREEDY: &str = "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)";
pub const CHATTER: &str = "(loop $again (drop (call $now)) (br $again)) (unreachable)";
pub const NEW_ID: &str = "(call $new_id (i32.const 128)) (call $json (i32.const 16) (i32.const 2))";
/// An answer that is not JSON.
pub const NONSENSE: &str = "(call $json (i32.const 16) (i32.const 1))";
/// Inserts `{}`; an error of the host becomes its own.
pub const INSERT: &str = "
    (call $insert (i32.const 220) (i32.const 7) (i32.const 16) (i32.const 2) (i32.const 128))
    (if (result i32) (i32.load8_u (i32.const 128)) (then (call $passed_on)) (else (call $json (i32.const 16) (i32.const 2))))";
/// Inserts `{}` and declines.
pub const INSERT_AND_DECLINE: &str = "
    (call $insert (i32.const 220) (i32.const 7) (i32.const 16) (i32.const 2) (i32.const 128)) (call $not_found)";
/// Adds one to the digit in the document `{\"n\":0}` and shows it.
pub const ADD_ONE: &str = "
    (local $body i32)
    (local.set $body (call $body))
    (if (i32.eqz (local.get $body)) (then (return (call $not_found))))
    (i32.store8 offset=5 (local.get $body) (i32.add (i32.load8_u offset=5 (local.get $body)) (i32.const 1)))
    (call $put (i32.const 220) (i32.const 7) (i32.const 230) (i32.const 36) (local.get $body) (i32.load (i32.const 200)) (i32.const 176))
    (if (i32.load8_u (i32.const 176)) (then (unreachable)))
    (call $json (local.get $body) (i32.load (i32.const 200)))";

/// A step of an upgrade, flattened: the old version's place and length, and an optional cursor.
const STEP: &str = "(param i32 i32 i32 i32 i32) (result i32)";
/// Adds one to the digit in the document `{\"n\":0}` and goes on at `{}`; from there it is done.
pub const STEP_ADDS_ONE: &str = "
    (local $body i32)
    (i32.store (i32.const 64) (i32.const 0))
    (i32.store (i32.const 68) (i32.const 0))
    (if (local.get 2) (then (return (i32.const 64))))
    (local.set $body (call $body))
    (i32.store8 offset=5 (local.get $body) (i32.add (i32.load8_u offset=5 (local.get $body)) (i32.const 1)))
    (call $put (i32.const 220) (i32.const 7) (i32.const 230) (i32.const 36) (local.get $body) (i32.load (i32.const 200)) (i32.const 176))
    (if (i32.load8_u (i32.const 176)) (then (unreachable)))
    (i32.store (i32.const 68) (i32.const 1))
    (i32.store (i32.const 72) (i32.const 16))
    (i32.store (i32.const 76) (i32.const 2))
    (i32.const 64)";

/// A component that answers a GET by `view` and a POST by `submit`, and upgrades by `step`.
pub fn component_with_step(view: &str, submit: &str, step: &str) -> Vec<u8> {
    let step = format!(r#"(func (export "tsudoi:plugin/upgrade@0.1.0#step") {STEP} {step})"#);
    encoded(&paged(view, submit, &step), &["pages", "blocks", "upgrade"])
}

/// A component that answers a GET by `view` and a POST by `submit`.
pub fn component(view: &str, submit: &str) -> Vec<u8> {
    encoded(&paged(view, submit, ""), &["pages", "blocks"])
}

fn paged(view: &str, submit: &str, more: &str) -> String {
    format!(
        r#"(module {TOP}
            (func (export "tsudoi:plugin/pages@0.1.0#view") {REQUEST} {view})
            (func (export "tsudoi:plugin/pages@0.1.0#submit") {REQUEST} {submit})
            {more})"#
    )
}

/// Fetches the address at 320 and answers a webhook with the body that it got.
pub const FETCH: &str = "
    (call $fetch (i32.const 300) (i32.const 3) (i32.const 320) (i32.const 24) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then (return (call $passed_on))))
    (i32.store (i32.const 64) (i32.const 0))
    (i32.store16 (i32.const 68) (i32.const 200))
    (i32.store (i32.const 72) (i32.load (i32.const 144)))
    (i32.store (i32.const 76) (i32.load (i32.const 148)))
    (i32.const 64)";

/// A component that takes webhooks by `receive`.
pub fn hooked(receive: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "tsudoi:plugin/http-client@0.1.0" "fetch" (func $fetch (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
            {TOP}
            (data (i32.const 300) "GET")
            (data (i32.const 320) "https://api.example.com/")
            (func (export "tsudoi:plugin/webhooks@0.1.0#receive") (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) {receive}))"#
    );
    encoded(&text, &["blocks", "webhooks"])
}

/// Inserts `{}`, tells `posted` about it, and is content; an error of the host becomes its own.
pub const INSERT_AND_TELL: &str = "
    (call $insert (i32.const 220) (i32.const 7) (i32.const 16) (i32.const 2) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then (return (call $passed_on))))
    (call $emit (i32.const 300) (i32.const 6) (i32.const 300) (i32.const 6) (i32.const 16) (i32.const 2) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then (return (call $passed_on))))
    (i32.store (i32.const 64) (i32.const 0))
    (i32.const 64)";

/// A component that handles events by `handle` and runs jobs by `run`.
pub fn worker(handle: &str, run: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "tsudoi:plugin/events-emit@0.1.0" "emit" (func $emit (param i32 i32 i32 i32 i32 i32 i32)))
            {TOP}
            (data (i32.const 300) "posted")
            (func (export "tsudoi:plugin/events@0.1.0#handle") (param i32 i32 i32 i32 i64 i32 i32) (result i32) {handle})
            (func (export "tsudoi:plugin/jobs@0.1.0#run") (param i32 i32 i32 i32 i32 i32 i32) (result i32) {run}))"#
    );
    encoded(&text, &["blocks", "events", "jobs"])
}

/// A component of a world that imports what is served and exports these extension points.
fn encoded(text: &str, exports: &[&str]) -> Vec<u8> {
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/wit/0.1.0");
    resolve.push_path(contract).unwrap();
    let imports = ["context", "store", "http-client", "events-emit"].map(|name| format!("import tsudoi:plugin/{name}@0.1.0;"));
    let exports: Vec<String> = exports.iter().map(|name| format!("export tsudoi:plugin/{name}@0.1.0;")).collect();
    let guest = format!("package tsudoi:guest; world guest {{ {} {} }}", imports.concat(), exports.concat());
    let package = resolve.push_str("guest.wit", &guest).unwrap();
    let world = resolve.select_world(&[package], Some("guest")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}
