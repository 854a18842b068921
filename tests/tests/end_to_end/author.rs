//! What docs/plugins.md says to somebody who writes their first plugin, done as it stands there: a new plugin, its tests, and the
//! plugin in a site that is served, with each change of it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tsudoi_tests::{CLUB, Database, Server, Visitor};

/// The plugin's folder, with the build folder of the run before: the guest library is not compiled each time.
fn new_plugin(server: &Server) -> PathBuf {
    let made = server.command().args(["plugin", "new", "tea-round"]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let folder = server.data().join("demo/tea-round");
    let builds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/guide");
    std::fs::create_dir_all(&builds).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(std::fs::canonicalize(builds).unwrap(), folder.join("target")).unwrap();
    folder
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has {from}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

/// `tsudoi plugin dev`, with what it says line by line.
struct Dev {
    child: Child,
    said: Receiver<String>,
}

impl Dev {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (say, said) = channel();
        let (output, errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        for lines in [Box::new(output) as Box<dyn std::io::Read + Send>, Box::new(errors)] {
            let say = say.clone();
            std::thread::spawn(move || BufReader::new(lines).lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        }
        Self { child, said }
    }

    /// Everything up to the next line that has these words.
    fn until(&self, words: &str) -> String {
        let mut all = String::new();
        loop {
            let line = self.said.recv_timeout(Duration::from_secs(300)).unwrap_or_else(|_| panic!("no word of {words}:\n{all}"));
            all.push_str(&line);
            all.push('\n');
            if line.contains(words) {
                return all;
            }
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_leads_from_nothing_to_a_plugin_that_changes_as_it_is_saved() {
    let server = Server::start(Database::Sqlite).await;
    let folder = new_plugin(&server);
    let tested = server.command().args(["plugin", "test", "--yes", "tea-round"]).output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&tested.stdout), String::from_utf8_lossy(&tested.stderr));
    assert!(tested.status.success() && told.contains("submit greet"), "the tests pass, and what calls cost is shown: {told}");

    let mut command = server.command();
    command.args(["plugin", "dev", "tea-round", "--organisation", "hoshizora"]);
    let dev = Dev::start(command);
    dev.until("is on for hoshizora");
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let page = member.get("/p/tea-round/").await;
    let sent = member.submit(&page, "main form", &[("text", "はじめてのひとこと")]).await;
    assert!(member.follow(&sent).await.has("はじめてのひとこと"));

    replace(&folder.join("templates/greetings.html"), "{% endfor %}", "{% endfr %}");
    // The mistake is said with its place.
    dev.until("templates/greetings.html:");
    assert!(member.get("/p/tea-round/").await.has("はじめてのひとこと"), "the site goes on with the build before");

    replace(&folder.join("templates/greetings.html"), "{% endfr %}", "{% endfor %}");
    replace(&folder.join("locales/ja.ftl"), "greet = 残す", "greet = 書き残す");
    dev.until("is on for hoshizora");
    let changed = member.get("/p/tea-round/").await;
    assert!(changed.has("書き残す") && changed.has("はじめてのひとこと"), "{}", changed.readable());
    let told = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let listed = told(server.command().args(["plugin", "list"]));
    assert_eq!(listed.matches("tea-round").count(), 1, "of builds only the present one is kept: {listed}");
    let elsewhere = told(server.command().args(["plugin", "list", "--organisation", "lumen"]));
    assert!(!elsewhere.contains("tea-round"), "a build is for where its author works: {elsewhere}");

    // What fails while it runs is said as well.
    replace(&folder.join("templates/greetings.html"), "{% endfor %}", "{{ nobody.knows }}{% endfor %}");
    dev.until("is on for hoshizora");
    assert_eq!(member.get("/p/tea-round/").await.status.as_u16(), 500);
    dev.until("nobody");
    replace(&folder.join("templates/greetings.html"), "{{ nobody.knows }}", "");
    dev.until("is on for hoshizora");
    drop(dev);

    // The package, into the demo's data, which `--demo` finds from above them: the release comes after its builds.
    let mut build = server.command();
    told(build.args(["plugin", "build", "--yes", "tea-round"]));
    let mut install = server.command();
    install.env("TSUDOI_DATA", server.data()).args(["plugin", "install", "tea-round/target/tea-round.wasm", "--demo"]);
    assert!(told(&mut install).contains("installed tea-round 0.1.0 into the data in"));
    for organisation in ["hoshizora", "lumen"] {
        let mut enable = server.command();
        told(enable.args(["plugin", "enable", "tea-round", "--organisation", organisation, "--yes"]));
        let listed = told(server.command().args(["plugin", "list", "--organisation", organisation]));
        assert!(listed.contains("tea-round 0.1.0  on\n"), "{listed}");
    }
    assert!(member.get("/p/tea-round/").await.has("はじめてのひとこと"));
}
