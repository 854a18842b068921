//! Headless Chromium by WebDriver: a driver for each test, a window of its own for each person. A person finds fields by
//! their labels and buttons by their words, as people do, and waits until the page shows what they wait for.

use crate::Server;
use fantoccini::elements::{Element, ElementRef};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use url::Url;

/// How long a person waits for something to appear.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(40);

/// Chromium's driver, as long as this value lives.
pub struct Driver {
    child: Child,
    port: u16,
}

fn tool(variable: &str, usual: &str) -> PathBuf {
    let path = std::env::var_os(variable).map_or_else(|| PathBuf::from(usual), PathBuf::from);
    assert!(path.exists(), "{} is missing: `cargo xtask test` installs it and names it in {variable}", path.display());
    path
}

impl Driver {
    pub async fn start() -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).expect("a free port").port();
        let mut command = Command::new(tool("TSUDOI_TEST_CHROMEDRIVER", "/usr/bin/chromedriver"));
        command.arg(format!("--port={port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the driver starts");
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Self { child, port }
    }

    /// A browser with cookies of its own, `width` CSS pixels wide, for one of the demo's organisations.
    pub async fn window(&self, server: &Server, place: usize, width: u32) -> Window {
        self.window_with(server, place, width, &[]).await
    }

    /// The same with further arguments of Chromium's.
    pub async fn window_with(&self, server: &Server, place: usize, width: u32, arguments: &[&str]) -> Window {
        let usual = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=ja",
        ];
        let arguments = [&usual, arguments].concat();
        let options = json!({
            "binary": tool("TSUDOI_TEST_CHROMIUM", "/usr/bin/chromium"),
            "args": arguments,
        });
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let capabilities = capabilities.as_object().cloned().unwrap_or_default();
        let driver = format!("http://127.0.0.1:{}", self.port);
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver).await.expect("a browser opens");
        let window = Window { client, base: server.url(place, ""), width };
        window.resize(900).await;
        window
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One person's browser.
pub struct Window {
    client: Client,
    base: String,
    width: u32,
}

impl Window {
    /// Calls the site by its name from now on, as links from elsewhere do.
    pub fn by_name(mut self, server: &Server, slug: &str) -> Self {
        self.base = format!("http://{slug}.localhost:{}", server.port);
        self
    }

    /// Opens an address of the site.
    pub async fn open(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// The path of the page that is open.
    pub async fn path(&self) -> String {
        self.client.current_url().await.expect("an address").path().to_owned()
    }

    /// The words that can be read on the page.
    pub async fn words(&self) -> String {
        self.ask("return document.body.innerText", vec![]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page shows these words.
    pub async fn sees(&self, words: &str) {
        self.until(&format!("the words {words:?}"), "return document.body.innerText.includes(arguments[0]) || null", vec![json!(words)])
            .await;
    }

    /// Waits until the page has an element that is shown and in whose text or picture these words are.
    pub async fn sees_within(&self, css: &str, words: &str) {
        let script = "const [css, words] = arguments; const said = (element) => element.innerText + [...element.querySelectorAll('img')].map((img) => img.alt); \
            return [...document.querySelectorAll(css)].some((element) => element.checkVisibility() && said(element).includes(words)) || null";
        self.until(&format!("{words:?} within {css}"), script, vec![json!(css), json!(words)]).await;
    }

    /// Waits until a picture with this alternative text is shown, and drawn.
    pub async fn sees_picture(&self, alternative: &str) {
        let script = "return [...document.images].some((img) => img.alt === arguments[0] && img.complete && img.naturalWidth > 0) || null";
        self.until(&format!("the picture {alternative:?}"), script, vec![json!(alternative)]).await;
    }

    /// Whether these words, or a picture described by them, are on the page now: wait for the page by [`Window::sees`] first.
    pub async fn has(&self, words: &str) -> bool {
        let script =
            "return document.body.innerText.includes(arguments[0]) || [...document.images].some((img) => img.alt.includes(arguments[0]))";
        self.ask(script, vec![json!(words)]).await == json!(true)
    }

    /// Presses the button or link with these words.
    pub async fn press(&self, label: &str) {
        self.press_beside("", label).await;
    }

    /// Presses the button or link with these words in the card, post or form that also says `beside`.
    pub async fn press_beside(&self, beside: &str, label: &str) {
        let script = "const [beside, label] = arguments; const plain = (text) => text.replace(/\\s+/g, ' ').trim(); \
            return [...document.querySelectorAll('a, button, summary')].filter((element) => element.checkVisibility() && plain(element.textContent) === label) \
                .find((element) => beside === '' || element.closest('form, article, li, section, tr')?.innerText.includes(beside) \
                    || element.closest('article')?.innerText.includes(beside) || element.closest('li, tr')?.innerText.includes(beside)) ?? null";
        self.press_found(&format!("the button {label:?} {beside}"), script, vec![json!(beside), json!(label)]).await;
    }

    /// Presses the first button whose words contain these.
    pub async fn press_like(&self, words: &str) {
        let script = "return [...document.querySelectorAll('button')].find((button) => button.checkVisibility() && button.textContent.includes(arguments[0])) ?? null";
        self.press_found(&format!("a button like {words:?}"), script, vec![json!(words)]).await;
    }

    /// Presses the button of the form that `css` finds.
    pub async fn press_within(&self, css: &str) {
        let script = "return document.querySelector(arguments[0])?.querySelector('button:not([type=button])') ?? null";
        self.press_found(&format!("the button of {css}"), script, vec![json!(css)]).await;
    }

    async fn press_found(&self, what: &str, script: &str, arguments: Vec<Value>) {
        let button = self.element(what, script, arguments).await;
        // Not to the edge of the window, where something may lie over it.
        self.ask("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", vec![json!(button)]).await;
        button.click().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }

    /// The words of the first element that `css` finds.
    pub async fn text(&self, css: &str) -> String {
        let words = self.until(css, "return document.querySelector(arguments[0])?.innerText ?? null", vec![json!(css)]).await;
        words.as_str().unwrap_or_default().trim().to_owned()
    }

    /// Opens a page again and again until it says this: what happens in the background takes a moment.
    pub async fn until_page(&self, path: &str, words: &str) {
        self.until_page_is(path, words, true).await;
    }

    /// Until it says it no more.
    pub async fn until_page_lacks(&self, path: &str, words: &str) {
        self.until_page_is(path, words, false).await;
    }

    async fn until_page_is(&self, path: &str, words: &str, there: bool) {
        let asked = tokio::time::timeout(PATIENCE * 2, async {
            loop {
                self.open(path).await;
                if self.has(words).await == there {
                    return;
                }
                tokio::time::sleep(GLANCE * 5).await;
            }
        });
        if asked.await.is_err() {
            panic!("{words:?} on {path} should be there: {there}\n{}", self.words().await);
        }
    }

    /// Opens the first link of the page in whose words these stand, or else the one of the row that says so.
    pub async fn follow(&self, words: &str) {
        let script = "const shown = [...document.querySelectorAll('main a')].filter((link) => link.checkVisibility()); \
            return shown.find((link) => link.innerText.includes(arguments[0])) \
                ?? shown.find((link) => link.closest('tr, li')?.innerText.includes(arguments[0])) ?? null";
        let link = self.element(&format!("a link {words:?}"), script, vec![json!(words)]).await;
        let address = link.prop("href").await.expect("a link").unwrap_or_default();
        self.client.goto(&address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// Brings the heading with these words, or else the first in which they stand, to the top of the window.
    pub async fn scroll_to_heading(&self, words: &str) {
        let script = "const headings = [...document.querySelectorAll('h1, h2, h3')]; \
            return headings.find((heading) => heading.innerText.trim() === arguments[0]) \
                ?? headings.find((heading) => heading.innerText.includes(arguments[0])) ?? null";
        let heading = self.element(&format!("the heading {words:?}"), script, vec![json!(words)]).await;
        self.ask("arguments[0].scrollIntoView({ block: 'start', behavior: 'instant' }); scrollBy(0, -24)", vec![json!(heading)]).await;
    }

    /// What is in the window, `height` pixels of it, as a PNG.
    pub async fn view(&self, height: u32) -> Vec<u8> {
        self.resize(height).await;
        let drawn = "document.activeElement?.blur(); \
            return Promise.allSettled([document.fonts.ready, ...[...document.images].filter((img) => img.checkVisibility()).map((img) => img.decode())])";
        self.ask(drawn, vec![]).await;
        self.client.screenshot().await.expect("a picture")
    }

    pub async fn close(self) {
        self.client.close().await.expect("the browser closes");
    }

    /// Types into the field with this label, in place of what is there.
    pub async fn fill(&self, label: &str, text: &str) {
        self.field(label).await;
        self.replace(label, "", text).await;
    }

    /// Marks `old` in the field with this label (all of it, if empty), as with a mouse, and types over it.
    pub async fn replace(&self, label: &str, old: &str, text: &str) {
        self.mark(label, old).await;
        let typed = self.ask("return document.execCommand('insertText', false, arguments[0])", vec![json!(text)]).await;
        assert_eq!(typed, json!(true), "{text:?} is typed into {label}");
    }

    /// Marks `text` in the field with this label; all of it, if empty.
    pub async fn mark(&self, label: &str, text: &str) {
        self.field(label).await;
        let script = format!(
            "const field = ({FIELD})(arguments[0]); const at = field.value.indexOf(arguments[1]); field.focus(); if (at < 0) return false; \
             if (arguments[1] === '') field.select(); else field.setSelectionRange(at, at + arguments[1].length); return true"
        );
        assert_eq!(self.ask(&script, vec![json!(label), json!(text)]).await, json!(true), "{text:?} stands in {label}");
    }

    /// Ticks the box, or chooses the button, with this label.
    pub async fn tick(&self, label: &str) {
        let field = self.field(label).await;
        self.ask("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", vec![json!(field)]).await;
        field.click().await.unwrap_or_else(|error| panic!("{label}: {error}"));
    }

    /// Chooses what these words stand for in the list with this label.
    pub async fn choose(&self, label: &str, words: &str) {
        let field = self.field(label).await;
        let script = "const [field, words] = arguments; const option = [...field.options].find((option) => option.text.trim() === words); \
            if (!option) return false; option.selected = true; field.dispatchEvent(new Event('change', { bubbles: true })); return true";
        assert_eq!(self.ask(script, vec![json!(field), json!(words)]).await, json!(true), "{words:?} can be chosen in {label}");
    }

    /// What stands in the field with this label.
    pub async fn value(&self, label: &str) -> String {
        self.field(label).await.prop("value").await.expect("a value").unwrap_or_default()
    }

    /// Chooses a file of this machine in the field with this label.
    pub async fn choose_file(&self, label: &str, file: &Path) {
        let path = file.canonicalize().expect("the file");
        self.field(label).await.send_keys(&path.to_string_lossy()).await.expect("the file is chosen");
    }

    /// Answers the browser's question with yes.
    pub async fn agree(&self) {
        let asked = tokio::time::timeout(PATIENCE, async {
            while self.client.accept_alert().await.is_err() {
                tokio::time::sleep(GLANCE).await;
            }
        });
        asked.await.expect("the browser asks");
    }

    /// What an address of the site says, read in a tab of its own, as one looks into one's mail.
    pub async fn read_elsewhere(&self, path: &str) -> String {
        let here = self.client.window().await.expect("a window");
        let tab = self.client.new_window(true).await.expect("a new tab").handle;
        self.client.switch_to_window(tab).await.expect("the new tab");
        self.open(path).await;
        let words = self.words().await;
        self.client.close_window().await.expect("the tab closes");
        self.client.switch_to_window(here).await.expect("the first tab");
        words
    }

    /// The number of the newest mail that has one to sign in with.
    pub async fn mailed_code(&self) -> String {
        let mails = self.read_elsewhere("/inbox").await;
        let (_, rest) = mails
            .split_once("へのログイン用の番号をお送りします。")
            .and_then(|(_, mail)| mail.split_once("番号: "))
            .unwrap_or_else(|| panic!("no mail has a number: {mails}"));
        rest.chars().take_while(char::is_ascii_digit).collect()
    }

    /// A file of the site, as this person gets it.
    pub async fn download(&self, path: &str) -> Vec<u8> {
        let script = "return fetch(arguments[0]).then((answer) => answer.arrayBuffer()).then((bytes) => [...new Uint8Array(bytes)])";
        let bytes = self.ask(script, vec![json!(path)]).await;
        bytes.as_array().into_iter().flatten().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect()
    }

    /// Signs out without leaving the page: as if the session had been ended on another device.
    pub async fn end_session_elsewhere(&self) {
        let script = "const form = document.querySelector(\"form[action='/sign-out']\"); \
            return fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }).then((answer) => answer.status)";
        assert_eq!(self.ask(script, vec![]).await, json!(200), "the session ends");
    }

    /// Waits until nothing on the page is found by `css` any more.
    pub async fn sees_no_more(&self, css: &str) {
        self.until(&format!("no {css}"), "return document.querySelector(arguments[0]) ? null : true", vec![json!(css)]).await;
    }

    /// The address of the first link on the page that `css` finds.
    pub async fn link(&self, css: &str) -> String {
        let link = self.element(&format!("a link {css}"), "return document.querySelector(arguments[0])", vec![json!(css)]).await;
        link.attr("href").await.expect("a link").unwrap_or_default()
    }

    /// How far the page sticks out at its side, in pixels.
    pub async fn sticks_out(&self) -> i64 {
        self.ask("return document.documentElement.scrollWidth", vec![]).await.as_i64().unwrap_or_default() - i64::from(self.width)
    }

    /// What the browser complained of since it was asked last: errors of scripts, and what the content policy refused.
    /// That a page answers 403 or 404 is no complaint.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.client.issue_cmd(Vendor { path: "se/log", body: json!({ "type": "browser" }) }).await.expect("the browser's log");
        let entries = log.as_array().cloned().unwrap_or_default();
        let messages = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["source"] == "security");
        messages
            .map(|entry| entry["message"].to_string())
            .filter(|message| !message.contains("the server responded with a status of 40"))
            .collect()
    }

    /// Shows pages light or dark from now on.
    pub async fn prefer_scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.chromium("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Writes the whole page as a picture into `target/screenshots`.
    pub async fn picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let height = self.ask("return document.documentElement.scrollHeight", vec![]).await.as_u64().unwrap_or(900);
        self.resize(u32::try_from(height.clamp(900, 12_000)).unwrap_or(900)).await;
        let drawn = "const shown = [...document.images].filter((img) => img.checkVisibility({ contentVisibilityAuto: true })); \
            return Promise.allSettled(shown.map((img) => img.decode()))";
        self.ask(drawn, vec![]).await;
        let bytes = self.client.screenshot().await.expect("a picture");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("the picture is written");
        self.resize(900).await;
    }

    async fn resize(&self, height: u32) {
        let mobile = self.width < 600;
        self.chromium(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": self.width, "height": height, "deviceScaleFactor": 1, "mobile": mobile }),
        )
        .await;
    }

    /// The control of the field with this label, once it is shown.
    async fn field(&self, label: &str) -> Element {
        self.element(&format!("the field {label:?}"), &format!("return ({FIELD})(arguments[0])"), vec![json!(label)]).await
    }

    async fn element(&self, what: &str, script: &str, arguments: Vec<Value>) -> Element {
        let found = self.until(what, script, arguments).await;
        let id = found.as_object().and_then(|object| object.values().next()?.as_str().map(str::to_owned));
        Element::from_element_id(self.client.clone(), ElementRef::from(id.unwrap_or_else(|| panic!("{what}: {found}"))))
    }

    /// Asks again and again until the answer is something. A page that is just being left gives none.
    async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) -> Value {
        let asked = tokio::time::timeout(PATIENCE, async {
            loop {
                match self.client.execute(script, arguments.clone()).await {
                    Ok(Value::Null) | Err(_) => tokio::time::sleep(GLANCE).await,
                    Ok(answer) => return answer,
                }
            }
        });
        match asked.await {
            Ok(answer) => answer,
            Err(_) => panic!("{what} never came, on {}:\n{}", self.path().await, self.words().await),
        }
    }

    async fn ask(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    async fn chromium(&self, command: &str, parameters: Value) {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await.unwrap_or_else(|error| panic!("{command}: {error}"));
    }
}

/// A function in the page that finds the control of a label.
const FIELD: &str = "(words) => [...document.querySelectorAll('label')].filter((label) => label.textContent.trim() === words) \
    .map((label) => label.control).find((control) => control?.checkVisibility()) ?? null";

/// A command that only Chromium's driver knows.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, url::ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
