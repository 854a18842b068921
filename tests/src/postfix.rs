//! Debian's postfix with a configuration of its own: it takes mail on a port of this machine, and hands all of it on to another port of
//! this machine. It sends nothing anywhere else.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use tempfile::TempDir;

/// Runs until its standard input ends, which happens however the parent ends: then it stops the server and clears up what the parent
/// may have no right to.
const SCRIPT: &str = r#"
set -eu
PATH="$PATH:/usr/sbin"
folder=$1
trap '' INT
clear_up() {
    postfix -c "$folder/conf" stop >/dev/null 2>&1 || true
    rm -rf "$folder/queue" "$folder/data"
}
trap clear_up EXIT
trap 'exit 1' TERM HUP
mkdir "$folder/queue" "$folder/data"
chown postfix "$folder/data"
postfix -c "$folder/conf" start >&2
echo ready
cat >/dev/null
"#;

/// The services that mail passes through, none of them in a changed root.
const SERVICES: &str = "\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// Runs as long as this lives.
pub struct Postfix {
    keeper: Child,
    input: Option<ChildStdin>,
    folder: TempDir,
    pub port: u16,
}

impl Postfix {
    /// Whatever it takes goes to this port.
    pub fn start(next: u16) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).expect("a free port").port();
        let place = folder.path().display().to_string();
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {place}/queue\ndata_directory = {place}/data\nmeta_directory = /etc/postfix\n\
             maillog_file = {place}/log\nmaillog_file_prefixes = {place}\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
             myhostname = mx.sink.example\nmydestination =\nmynetworks = 127.0.0.1/32\nsmtpd_relay_restrictions = permit_mynetworks, reject\n\
             relayhost = [127.0.0.1]:{next}\nsmtp_dns_support_level = disabled\nalias_maps =\nalias_database =\nlocal_recipient_maps =\n"
        );
        let conf = folder.path().join("conf");
        std::fs::create_dir(&conf).expect("a folder for its configuration");
        std::fs::write(conf.join("main.cf"), main).expect("its configuration");
        std::fs::write(conf.join("master.cf"), format!("127.0.0.1:{port} inet n - n - - smtpd\n{SERVICES}")).expect("its services");
        // Its daemons run as another user, who has to get there.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("a folder that others can enter");
        let mut command = as_root();
        command.args(["sh", "-c", SCRIPT, "sh", &place]).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().expect("sh starts");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("its output")).read_line(&mut line).expect("it can be read");
        let postfix = Self { input: keeper.stdin.take(), keeper, folder, port };
        assert_eq!(line.trim(), "ready", "postfix, which `cargo xtask test` installs, starts: {}", postfix.log());
        postfix
    }

    /// For `mail.smtp`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends by itself now; where it can't be waited for, it has ended already.
        let _ = self.keeper.wait();
    }
}

/// postfix wants root's rights, to give them up in its daemons. Who does not have them is root in a namespace of their own, in which
/// the daemons' users are from the range that `/etc/subuid` gives them.
fn as_root() -> Command {
    let id = Command::new("id").arg("-u").output().expect("id runs").stdout;
    if id.trim_ascii() == b"0" {
        return Command::new("env");
    }
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--map-auto", "--"]);
    command
}
