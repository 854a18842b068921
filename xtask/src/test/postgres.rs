//! A PostgreSQL cluster for one test run: in a temporary folder, on a free port of this machine only, gone at the end.

use crate::{process, setup};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Runs until its standard input ends, which happens however the parent ends: then it stops the server and clears up.
/// Speed counts here and durability does not, except where a test kills the host: that is not this server.
const SCRIPT: &str = r#"
set -eu
programs=$1 port=$2
trap '' INT
folder=$(mktemp -d "${TMPDIR:-/tmp}/tsudoi-postgres.XXXXXX")
clear_up() {
    "$programs/pg_ctl" -D "$folder/data" -m immediate stop >"$folder/log" 2>&1 || true
    rm -rf "$folder"
}
trap clear_up EXIT
trap 'exit 1' TERM HUP
"$programs/initdb" -D "$folder/data" -U tsudoi -A trust -E UTF8 --locale=C.UTF-8 -N >"$folder/log" 2>&1 || {
    cat "$folder/log" >&2
    exit 1
}
options="-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories=$folder -c max_connections=300"
options="$options -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c timezone=UTC"
"$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "$options" start >/dev/null || {
    cat "$folder/log" >&2
    exit 1
}
echo ready
cat >/dev/null
"#;

/// The server runs as long as this lives.
pub struct Cluster {
    keeper: Child,
    input: Option<ChildStdin>,
    port: u16,
}

impl Cluster {
    pub fn start() -> Result<Self> {
        let programs = setup::postgres_programs().context("PostgreSQL's initdb and pg_ctl were not found")?;
        let port = free_port().context("no free port")?;
        let mut command = Command::new("sh");
        if setup::is_root() {
            // PostgreSQL refuses to run as root.
            let user = if process::succeeds(Command::new("id").arg("postgres")) { "postgres" } else { "nobody" };
            command = Command::new("runuser");
            command.args(["-u", user, "--", "sh"]);
        }
        command.arg("-c").arg(SCRIPT).arg("sh").arg(&programs).arg(port.to_string()).current_dir("/");
        let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("could not start PostgreSQL")?;
        let mut first_line = String::new();
        BufReader::new(keeper.stdout.take().context("no output")?).read_line(&mut first_line)?;
        let cluster = Self { input: keeper.stdin.take(), keeper, port };
        if first_line.trim() != "ready" {
            bail!("PostgreSQL did not start");
        }
        Ok(cluster)
    }

    /// For a role that may create databases.
    pub fn url(&self) -> String {
        format!("postgres://tsudoi@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends by itself now; where it can't be waited for, it has ended already.
        let _ = self.keeper.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_cluster_answers_while_it_lives_and_is_gone_afterwards() {
        let cluster = Cluster::start().unwrap();
        let address = (Ipv4Addr::LOCALHOST, cluster.port);
        assert!(TcpStream::connect(address).is_ok());
        drop(cluster);
        assert!(TcpStream::connect(address).is_err());
    }
}
