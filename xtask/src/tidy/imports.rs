//! The table of imports: which crate of ours may depend on which, and who alone may use a library.

use super::files::Tree;
use toml::{Table, Value};

/// Folder, package, and the packages of ours that it may depend on.
const CRATES: [(&str, &str, &[&str]); 11] = [
    ("host/kernel", "tsudoi-kernel", &[]),
    ("host/store", "tsudoi-store", &["tsudoi-kernel", "tsudoi-migrations"]),
    ("host/runtime", "tsudoi-runtime", &["tsudoi-kernel"]),
    ("host/render", "tsudoi-render", &["tsudoi-kernel"]),
    ("host/services", "tsudoi-services", &["tsudoi-kernel", "tsudoi-store", "tsudoi-render"]),
    ("host/web", "tsudoi-web", &["tsudoi-kernel", "tsudoi-services", "tsudoi-render"]),
    (
        "host/app",
        "tsudoi",
        &[
            "tsudoi-kernel",
            "tsudoi-store",
            "tsudoi-runtime",
            "tsudoi-render",
            "tsudoi-services",
            "tsudoi-web",
            "tsudoi-migrations",
            "tsudoi-pack",
        ],
    ),
    ("migrations", "tsudoi-migrations", &[]),
    ("sdk/pack", "tsudoi-pack", &[]),
    ("tests", "tsudoi-tests", &[]),
    ("xtask", "xtask", &["tsudoi-pack"]),
];

/// Libraries by the beginning of their names, and the folders that alone may use them. `app` names axum to serve,
/// `tests` to compare with.
const RESERVED: [(&str, &[&str]); 5] = [
    ("sea-orm", &["host/store", "migrations"]),
    ("sea-query", &["host/store", "migrations"]),
    ("sqlx", &["host/store", "migrations"]),
    ("wasmtime", &["host/runtime"]),
    ("axum", &["host/web", "host/app", "tests"]),
];

/// Packages of ours that what is outside the host may depend on: what plugins are written with.
const FOR_PLUGINS: [&str; 3] = ["tsudoi-plugin", "tsudoi-plugin-macros", "tsudoi-testkit"];

/// What only their tests may use, and those of the whole: servers that stand in for others.
const FOR_TESTS: [&str; 1] = ["tsudoi-stripe-stand-in"];

/// All that the kernel may use: it does no IO.
const KERNEL: [&str; 8] = ["serde", "serde_json", "thiserror", "uuid", "chrono", "chrono-tz", "croner", "unicode-normalization"];

pub fn crates(tree: &Tree) -> Vec<String> {
    let mut violations = vec![];
    for (path, text) in tree.ending("Cargo.toml") {
        let Some(folder) = path.strip_suffix("/Cargo.toml") else { continue };
        match toml::from_str::<Table>(text) {
            Err(error) => violations.push(format!("{path}: {}", error.message())),
            Ok(manifest) => check(folder, &manifest, &mut |what| violations.push(format!("{path}: {what}"))),
        }
    }
    violations
}

fn check(folder: &str, manifest: &Table, report: &mut impl FnMut(String)) {
    let row = CRATES.iter().find(|(place, ..)| *place == folder);
    if row.is_none() && folder.starts_with("host/") {
        return report("this crate is not in the table of imports (xtask/src/tidy/imports.rs and ARCHITECTURE.md)".into());
    }
    for (table, name) in dependencies(manifest) {
        // A crate's tests may use what the crate itself may not, as long as they stay below the layers above it.
        let for_tests = table == "dev-dependencies";
        if let Some((_, package, allowed)) = row {
            let ours = CRATES.iter().any(|(_, other, _)| *other == name);
            if ours && !allowed.contains(&name.as_str()) {
                report(format!("{package} may not depend on {name}"));
            }
            if *package == "tsudoi-kernel" && !ours && !for_tests && !KERNEL.contains(&name.as_str()) {
                report(format!("the kernel may not depend on {name}"));
            }
        } else if (for_tests || folder == "tests") && FOR_TESTS.contains(&name.as_str()) {
            continue;
        } else if name.starts_with("tsudoi-") && !FOR_PLUGINS.contains(&name.as_str()) {
            report(format!("what is outside the host may not depend on {name}"));
        }
        if let Some((library, places)) = RESERVED.iter().find(|(library, _)| name.starts_with(library))
            && !places.contains(&folder)
            && !for_tests
        {
            report(format!("only {} may depend on {library}", places.join(" and ")));
        }
    }
}

/// `(table, package)` of every dependency, also those for one target only.
fn dependencies(manifest: &Table) -> Vec<(&'static str, String)> {
    let mut found = vec![];
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values).filter_map(Value::as_table);
    for place in std::iter::once(manifest).chain(targets) {
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (key, value) in place.get(table).and_then(Value::as_table).into_iter().flatten() {
                let renamed = value.get("package").and_then(Value::as_str);
                found.push((table, renamed.unwrap_or(key).to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(path: &str, text: &str) -> Vec<String> {
        crates(&Tree::of(&[(path, text)]))
    }

    #[test]
    fn what_the_table_allows_passes() {
        let text = "[dependencies]\ntsudoi-kernel.workspace = true\nsea-orm.workspace = true\n[dev-dependencies]\ntempfile = \"3\"";
        assert_eq!(violations("host/store/Cargo.toml", text), Vec::<String>::new());
    }

    #[test]
    fn a_service_that_reaches_for_the_runtime_is_found() {
        let found = violations("host/services/Cargo.toml", "[dependencies]\ntsudoi-runtime.workspace = true");
        assert_eq!(found, ["host/services/Cargo.toml: tsudoi-services may not depend on tsudoi-runtime"]);
    }

    #[test]
    fn a_database_library_outside_the_store_is_found_also_under_another_name() {
        let text = "[target.'cfg(unix)'.dependencies]\ndatabase = { package = \"sea-orm\", version = \"2\" }";
        let found = violations("host/web/Cargo.toml", text);
        assert_eq!(found, ["host/web/Cargo.toml: only host/store and migrations may depend on sea-orm"]);
    }

    #[test]
    fn a_kernel_that_does_io_is_found() {
        let found = violations("host/kernel/Cargo.toml", "[dependencies]\ntokio = \"1\"");
        assert_eq!(found, ["host/kernel/Cargo.toml: the kernel may not depend on tokio"]);
    }

    #[test]
    fn a_plugin_that_uses_the_host_and_an_unknown_crate_are_found() {
        let found = violations("plugins/fan-board/Cargo.toml", "[dependencies]\ntsudoi-kernel = { path = \"../../host/kernel\" }");
        assert_eq!(found, ["plugins/fan-board/Cargo.toml: what is outside the host may not depend on tsudoi-kernel"]);
        let stand_in = |table: &str| format!("[{table}]\ntsudoi-stripe-stand-in = {{ path = \"../../tests/stripe\" }}");
        assert_eq!(violations("plugins/stripe/Cargo.toml", &stand_in("dev-dependencies")), Vec::<String>::new());
        assert_eq!(violations("plugins/stripe/Cargo.toml", &stand_in("dependencies")).len(), 1);
        assert!(violations("host/more/Cargo.toml", "")[0].contains("not in the table"));
    }
}
