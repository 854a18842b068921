//! A plugin that does what plugins must not: its blocks and routes trap, run for ever, ask for more memory than there
//! is, send people away from the site and show HTML that no page may have. Written as a core module by the canonical ABI
//! and made into a component, as any toolchain does.

use std::borrow::Cow;
use std::path::Path;
use wasm_encoder::{ComponentSection, CustomSection};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

pub const ID: &str = "troublemaker";

const MANIFEST: &str = r#"id = "troublemaker"
version = "0.1.0"
contract = "0.1"
name = { ja = "困りもの", en = "Troublemaker" }
description = { ja = "試験のための困った機能", en = "For tests only" }
"#;

/// Blocks and routes by name; each does what its first letter says: see [`module`].
const NAMES: [&str; 13] = ["trap", "spin", "grow", "fine", "deep", "away", "lies", "json", "wild", "unreadable", "odd", "blank", "huge"];

/// What [`FINE`] shows of its data. None of it may reach a page as it is.
const DATA: &str = r#"{"text":"<script>alert(1)</script>{{ 7 * 191 }}"}"#;

const FINE: &str = r#"<div class="troublemaker" style="position:fixed" onclick="steal()">
<p>{{ t(key="greeting") }}</p>
<p class="quoted">{{ text }}</p>
<p>{{ text | safe }}</p>
<script>steal()</script><style>* { display: none }</style><iframe src="https://evil.example/"></iframe>
<a class="to" href="javascript:steal()">a</a><a hx-get="/admin" data-hx-get="/admin">b</a><base href="https://evil.example/">
<form class="own" method="post" action="/p/troublemaker/trap"><input type="hidden" name="_csrf" value="forged"><input name="x" value="1"><button>own</button></form>
<form class="host" method="post" action="/admin/site/publish"><input type="password" name="password"><button>host</button></form>
</div>"#;

const STEPS: usize = 100_000;

const REQUEST: &str = "(param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)";

/// Memory: 64 the answer, 128 and on what it holds, from 8192 on what the host passes in. The name of the block or route
/// comes first in every call; its first letter chooses.
fn module(pages: u32) -> String {
    let data = DATA.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        r#"(module
  (import "tsudoi:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32 i32)))
  (memory (export "memory") {pages})
  (global $next (mut i32) (i32.const 8192))
  (global $used (mut i32) (i32.const 0))
  (data (i32.const 128) "fine.html")
  (data (i32.const 160) "https://evil.example/")
  (data (i32.const 200) "../../../secret.key")
  (data (i32.const 240) "{{\"open\":")
  (data (i32.const 260) "\ff\fe\c0")
  (data (i32.const 512) "{data}")
  ;; Whoever sends it a large text meets an endless loop already here.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (if (i32.gt_u (local.get 3) (i32.const 3000)) (then (loop $again (br $again))))
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func $is (param $name i32) (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (local.get $name)) (local.get $letter)))
  (func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  ;; What never answers. An instance that anybody has used before would answer nothing at all.
  (func $trouble (param $name i32)
    (if (i32.or (global.get $used) (i32.load (i32.const 4096))) (then (unreachable)))
    (global.set $used (i32.const 1))
    (i32.store (i32.const 4096) (i32.const 1))
    (if (call $is (local.get $name) (i32.const 116)) (then (unreachable))) ;; t
    (if (call $is (local.get $name) (i32.const 115)) (then (loop $again (br $again)))) ;; s
    (if (call $is (local.get $name) (i32.const 98)) ;; b: blanks 40 MiB again and again
      (then
        (drop (memory.grow (i32.const 640)))
        (loop $again (memory.fill (i32.const 65536) (i32.const 7) (i32.const 41943040)) (br $again))))
    (if (call $is (local.get $name) (i32.const 104)) ;; h: a log line of 40 MiB
      (then
        (drop (memory.grow (i32.const 640)))
        (call $log (i32.const 128) (i32.const 4) (i32.const 65536) (i32.const 41943040))
        (unreachable)))
    (if (call $is (local.get $name) (i32.const 103)) ;; g
      (then (loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)))
    (if (call $is (local.get $name) (i32.const 100)) (then (drop (call $deep (i32.const 0)))))) ;; d
  (func $text (param $at i32) (param $text i32) (param $length i32)
    (i32.store (local.get $at) (local.get $text))
    (i32.store offset=4 (local.get $at) (local.get $length)))
  (func (export "tsudoi:plugin/blocks@0.1.0#render") (param $name i32) (param i32 i32 i32) (result i32)
    (call $trouble (local.get $name))
    (call $text (i32.const 68) (i32.const 128) (i32.const 9))
    (call $text (i32.const 76) (i32.const 512) (i32.const {length}))
    (i32.const 64))
  (func $answer (param $name i32) (result i32)
    (call $trouble (local.get $name))
    (if (call $is (local.get $name) (i32.const 97)) ;; a: redirect off the site
      (then
        (i32.store (i32.const 68) (i32.const 1))
        (call $text (i32.const 72) (i32.const 160) (i32.const 21))
        (return (i32.const 64))))
    (if (call $is (local.get $name) (i32.const 106)) ;; j: what is no JSON
      (then
        (i32.store (i32.const 68) (i32.const 2))
        (call $text (i32.const 72) (i32.const 240) (i32.const 8))
        (return (i32.const 64))))
    (call $text (i32.const 72) (i32.const 128) (i32.const 9))
    (call $text (i32.const 80) (i32.const 512) (i32.const {length}))
    (if (call $is (local.get $name) (i32.const 119)) ;; w: a text beyond the memory
      (then (call $text (i32.const 80) (i32.const 65000) (i32.const 100000))))
    (if (call $is (local.get $name) (i32.const 117)) ;; u: a text that is not UTF-8
      (then (call $text (i32.const 80) (i32.const 260) (i32.const 3))))
    (if (call $is (local.get $name) (i32.const 111)) (then (i32.store (i32.const 68) (i32.const 99)))) ;; o: an odd variant
    (if (call $is (local.get $name) (i32.const 108)) ;; l: a template that is somewhere else
      (then (call $text (i32.const 72) (i32.const 200) (i32.const 19))))
    (i32.const 64))
  (func (export "tsudoi:plugin/pages@0.1.0#view") {REQUEST} (call $answer (local.get 0)))
  (func (export "tsudoi:plugin/pages@0.1.0#submit") {REQUEST} (call $answer (local.get 0))))"#,
        length = DATA.len(),
    )
}

fn manifest() -> String {
    let mut text = MANIFEST.to_owned();
    for name in NAMES {
        text.push_str(&format!("[[blocks]]\nname = \"{name}\"\nlabel = {{ ja = \"{name}\", en = \"{name}\" }}\n"));
        for (kind, method) in [("view", "GET"), ("submit", "POST")] {
            text.push_str(&format!("[[routes]]\nname = \"{name}-{kind}\"\nmethod = \"{method}\"\npath = \"/{name}\"\narea = \"site\"\n"));
        }
    }
    text
}

/// The package, ready to be installed. `remark` makes another package of the same version.
pub fn package(remark: &str) -> Vec<u8> {
    package_with(1, remark)
}

/// One that begins with a memory of so many pages of 64 KiB.
pub fn package_with(pages: u32, remark: &str) -> Vec<u8> {
    packed(&module(pages), remark)
}

/// One with functions that are never called, and take long to compile: each of their many steps depends on the last ones.
pub fn package_that_takes_long() -> Vec<u8> {
    let steps: String = (0..STEPS)
        .map(|step| {
            format!(
                "(local.set {} (i32.add (i32.mul (local.get {}) (local.get {})) (i32.load (i32.const {}))))\n",
                step % 97,
                step * 31 % 97,
                step * 57 % 97,
                step % 4_096
            )
        })
        .collect();
    let locals = "i32 ".repeat(97);
    let module = module(1);
    let module = module.trim_end().strip_suffix(')').expect("a module");
    let function = format!("(func (local {locals}) {steps} (i32.store (i32.const 64) (local.get 5)))");
    packed(&format!("{module}{})", function.repeat(4)), "")
}

fn packed(module: &str, remark: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module).expect("the module is well-formed");
    let mut resolve = Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/wit/0.1.0");
    resolve.push_path(contract).expect("the contract parses");
    let world = "package tsudoi:guest; world guest {
        import tsudoi:plugin/log@0.1.0; export tsudoi:plugin/pages@0.1.0; export tsudoi:plugin/blocks@0.1.0; }";
    let guest = resolve.push_str("guest.wit", world).expect("the world parses");
    let world = resolve.select_world(&[guest], Some("guest")).expect("the world of this guest");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("the module takes its type");
    let encoder = ComponentEncoder::default().validate(true).module(&module).expect("the module fits the contract");
    let mut encoder = encoder;
    let mut package = encoder.encode().expect("a component");
    let mut append = |name: &str, text: &str| {
        CustomSection { name: Cow::Borrowed(name), data: Cow::Borrowed(text.as_bytes()) }.append_to_component(&mut package)
    };
    append("tsudoi:manifest", &manifest());
    append("tsudoi:file/templates/fine.html", FINE);
    append("tsudoi:file/locales/ja.ftl", &format!("greeting = 困りものです{remark}\n"));
    append("tsudoi:file/locales/en.ftl", &format!("greeting = Here is trouble{remark}\n"));
    package
}
