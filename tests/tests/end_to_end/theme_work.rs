//! Working on a theme with `serve --dev`: a saved template shows at once, a mistake shows with its file and line.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;
use tsudoi_tests::server::{command, free_ports};

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { std::fs::copy(entry.path(), target).map(|_| ()).unwrap() }
    }
}

/// The page, as soon as it has `words`.
async fn page_with(url: &str, words: &str) -> String {
    let mut last = String::new();
    for _ in 0..200 {
        if let Ok(answer) = reqwest::get(url).await {
            last = answer.text().await.unwrap_or_default();
            if last.contains(words) {
                return last;
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{words} does not appear in: {last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_read_again_on_save_and_its_mistakes_show_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let themes = folder.path().join("themes");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../themes"), &themes);
    let made = command(&data).args(["organisation", "create", "--slug", "club", "--name", "朗読の会", "--locale", "ja"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = free_ports();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let child = command(&data)
        .env("TSUDOI_THEMES", &themes)
        .args(["serve", "--dev", "--listen", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let _serving = Serving(child);
    // The only organisation there is answers under the machine's own address.
    let url = format!("http://127.0.0.1:{port}/");
    page_with(&url, "朗読の会").await;
    let template = themes.join("commons/templates/page.html");
    let before = std::fs::read_to_string(&template).unwrap();
    std::fs::write(&template, before.replacen("{% block content %}", "{% block content %}<p>書き足しました</p>", 1)).unwrap();
    page_with(&url, "書き足しました").await;
    std::fs::write(&template, format!("{before}\n{{% if %}}\n")).unwrap();
    let fault = page_with(&url, "page.html").await;
    let line = before.lines().count() + 1;
    assert!(fault.contains(&format!("page.html:{line}")) || fault.contains(&format!("page.html:{}", line + 1)), "{fault}");
    std::fs::write(&template, before).unwrap();
    page_with(&url, "<html").await;
}
