//! Every route of the router and of the manifests, tried with ids of the other organisation and as each kind of
//! visitor. Routes are read from the sources: one that this test has no row for fails it.

use reqwest::{Method, StatusCode};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tsudoi_tests::{CLUB, Database, SOCIETY, Server, Visitor};

/// Who may use a host route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum For {
    /// Anybody: what it shows depends on the gate, which other tests ask.
    Everyone,
    /// Whoever is signed in.
    SignedIn,
    Staff,
    /// It has a test of its own, or its answer depends on a secret in the request.
    Token,
    /// Makes every organisation of the demo anew: not tried here.
    Demo,
    /// The plugin's route table decides: see the manifests' part.
    Plugin,
}

const HOST_ROUTES: &[(&str, For)] = &[
    ("/host/{version}/{*path}", For::Everyone),
    ("/theme/{theme}/{version}/{*path}", For::Everyone),
    ("/site.css", For::Everyone),
    ("/files/{id}/{name}", For::Everyone),
    ("/admin", For::Staff),
    ("/admin/", For::Staff),
    ("/admin/see-as", For::Staff),
    ("/admin/see-as/end", For::Token),
    ("/admin/files", For::Staff),
    ("/admin/files/{id}", For::Staff),
    ("/admin/files/{id}/delete", For::Staff),
    ("/admin/staff", For::Staff),
    ("/admin/staff/invite", For::Staff),
    ("/admin/staff/invitations/withdraw", For::Staff),
    ("/admin/staff/{account}/remove", For::Staff),
    ("/admin/members", For::Staff),
    ("/admin/members/new", For::Staff),
    ("/admin/members/kinds", For::Staff),
    ("/admin/members/kinds/{list}", For::Staff),
    ("/admin/members/imports", For::Staff),
    ("/admin/members/imports/{id}", For::Staff),
    ("/admin/members/imports/{id}/plan", For::Staff),
    ("/admin/members/imports/{id}/wrong.csv", For::Staff),
    ("/admin/members/{id}", For::Staff),
    ("/admin/members/{id}/edit", For::Staff),
    ("/admin/members/{id}/periods", For::Staff),
    ("/admin/members/{id}/periods/{period}", For::Staff),
    ("/admin/members/{id}/erase", For::Staff),
    ("/admin/members/{id}/values", For::Staff),
    ("/admin/members/{id}/export", For::Staff),
    ("/account/details", For::SignedIn),
    ("/admin/segments", For::Staff),
    ("/admin/segments/new", For::Staff),
    ("/admin/segments/{key}", For::Staff),
    ("/admin/segments/{key}/delete", For::Staff),
    ("/forms/{address}", For::Everyone),
    ("/forms/{address}/sent", For::Everyone),
    ("/admin/forms", For::Staff),
    ("/admin/forms/new", For::Staff),
    ("/admin/forms/{id}", For::Staff),
    ("/admin/forms/{id}/delete", For::Staff),
    ("/admin/forms/{id}/answers", For::Staff),
    ("/admin/forms/{id}/answers.csv", For::Staff),
    ("/admin/forms/{id}/answers/{answer}", For::Staff),
    ("/admin/mailings", For::Staff),
    ("/admin/mailings/new", For::Staff),
    ("/admin/mailings/topics", For::Staff),
    ("/admin/mailings/topics/{id}", For::Staff),
    ("/admin/mailings/addresses", For::Staff),
    ("/admin/mailings/addresses/lift", For::Staff),
    ("/admin/mailings/{id}", For::Staff),
    ("/admin/mailings/{id}/copy", For::Staff),
    ("/admin/mailings/{id}/delete", For::Staff),
    ("/admin/mailings/{id}/preview", For::Staff),
    ("/admin/mailings/{id}/send", For::Staff),
    ("/admin/mailings/{id}/test", For::Staff),
    ("/admin/mailings/{id}/cancel", For::Staff),
    ("/admin/mailings/{id}/stop", For::Staff),
    // Signed for one member: `a_mail_program_ends_mails_of_a_kind_by_one_post`.
    ("/mail/stop", For::Token),
    ("/admin/invoices", For::Staff),
    ("/admin/invoices/new", For::Staff),
    ("/admin/invoices/unpaid", For::Staff),
    ("/admin/invoices/settings", For::Staff),
    ("/admin/invoices/{id}", For::Staff),
    ("/admin/invoices/{id}/edit", For::Staff),
    ("/admin/invoices/{id}/pdf", For::Staff),
    ("/admin/invoices/{id}/payments", For::Staff),
    ("/admin/invoices/{id}/credit", For::Staff),
    ("/admin/credit-notes/{id}/pdf", For::Staff),
    ("/admin/payments", For::Staff),
    ("/admin/payments/{id}", For::Staff),
    ("/admin/payments/refund", For::Staff),
    ("/admin/payments/{id}/refund", For::Staff),
    ("/admin/payments/{id}/refunds/{refund}/give-up", For::Staff),
    ("/admin/payments/{id}/pdf", For::Staff),
    ("/admin/ledger", For::Staff),
    ("/admin/ledger/journal", For::Staff),
    ("/admin/dues", For::Staff),
    ("/admin/dues/new", For::Staff),
    ("/admin/dues/{id}", For::Staff),
    ("/admin/dues/{id}/edit", For::Staff),
    ("/account/payments", For::SignedIn),
    ("/account/payments/{id}/pdf", For::SignedIn),
    ("/account/invoices/{id}/pdf", For::SignedIn),
    ("/account/invoices/{id}/pay", For::SignedIn),
    ("/account/payment-methods", For::SignedIn),
    ("/admin/site", For::Staff),
    ("/admin/site/publish", For::Staff),
    ("/admin/site/undo", For::Staff),
    ("/admin/site/discard", For::Staff),
    ("/admin/site/restore", For::Staff),
    ("/admin/site/history", For::Staff),
    ("/admin/menu", For::Staff),
    ("/admin/pages", For::Staff),
    ("/admin/pages/new", For::Staff),
    ("/admin/pages/new/preview", For::Staff),
    ("/admin/pages/{id}", For::Staff),
    ("/admin/pages/{id}/preview", For::Staff),
    ("/admin/pages/{id}/publish", For::Staff),
    ("/admin/pages/{id}/undo", For::Staff),
    ("/admin/pages/{id}/discard", For::Staff),
    ("/admin/pages/{id}/delete", For::Staff),
    ("/admin/pages/{id}/bring-back", For::Staff),
    ("/admin/pages/{id}/restore", For::Staff),
    ("/admin/pages/{id}/history", For::Staff),
    ("/admin/pages/{id}/history/{revision}", For::Staff),
    ("/admin/plugins", For::Staff),
    ("/admin/undelivered", For::Staff),
    ("/admin/undelivered/{action}", For::Staff),
    ("/admin/plugins/{plugin}", For::Staff),
    ("/admin/plugins/{plugin}/enable", For::Staff),
    ("/admin/plugins/{plugin}/disable", For::Staff),
    ("/admin/plugins/{plugin}/resume", For::Staff),
    ("/admin/plugin-history", For::Staff),
    ("/admin/plugins/{plugin}/grant", For::Staff),
    ("/admin/plugins/{plugin}/stop", For::Staff),
    ("/admin/plugins/{plugin}/rollback", For::Staff),
    ("/admin/plugins/{plugin}/export", For::Staff),
    ("/admin/plugins/{plugin}/uninstall", For::Staff),
    ("/admin/plugins/{plugin}/settings", For::Staff),
    ("/admin/plugins/{plugin}/secrets", For::Staff),
    ("/admin/plugins/{plugin}/secrets/{name}", For::Staff),
    ("/admin/plugins/{plugin}/secrets/{name}/remove", For::Staff),
    // What it opens is signed for one visitor: `a_region_is_open_to_the_visitor_whom_it_was_shown_at_the_address_where_it_was`.
    ("/live", For::Token),
    ("/demo/role", For::Token),
    ("/demo/reset", For::Demo),
    ("/inbox", For::Token),
    ("/sign-in", For::Token),
    ("/sign-in/choose", For::Token),
    ("/sign-in/code", For::Token),
    ("/sign-in/code/sent", For::Token),
    ("/sign-in/code/confirm", For::Token),
    ("/sign-in/code/verify", For::Token),
    ("/sign-out", For::Token),
    ("/sign-out/everywhere", For::Token),
    ("/password/forgotten", For::Token),
    ("/password/reset", For::Token),
    ("/account", For::SignedIn),
    ("/account/mails", For::SignedIn),
    ("/account/password", For::SignedIn),
    ("/account/sessions/end", For::SignedIn),
    ("/language", For::Token),
    ("/p/{plugin}", For::Plugin),
    ("/p/{plugin}/", For::Plugin),
    ("/p/{plugin}/{*path}", For::Plugin),
    ("/admin/p/{plugin}", For::Plugin),
    ("/admin/p/{plugin}/", For::Plugin),
    ("/admin/p/{plugin}/{*path}", For::Plugin),
    ("/hooks/{plugin}/{route}", For::Plugin),
    ("/p-assets/{plugin}/{hash}/{*path}", For::Plugin),
];

/// Path and methods of every `.route("…", …)` in the web crate's sources.
fn routes_in_sources() -> BTreeMap<String, BTreeSet<&'static str>> {
    fn collect(folder: &Path, found: &mut BTreeMap<String, BTreeSet<&'static str>>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split(".route(").skip(1) {
                let Some(rest) = rest.trim_start().strip_prefix('"') else { continue };
                let (route, rest) = rest.split_once('"').unwrap();
                let end = rest.find(".route(").unwrap_or(rest.len()).min(rest.find('\n').unwrap_or(rest.len()));
                let methods = found.entry(route.to_owned()).or_default();
                methods.extend(["get", "post"].into_iter().filter(|method| rest[..end].contains(&format!("{method}("))));
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/web/src"), &mut found);
    found
}

#[test]
fn every_route_of_the_router_is_known_here() {
    let found: BTreeSet<String> = routes_in_sources().into_keys().collect();
    let known: BTreeSet<String> = HOST_ROUTES.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert!(found.len() > 40, "the sources are read: {found:?}");
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(unknown.is_empty(), "add rows for {unknown:?}");
}

/// Ids of one organisation's things.
#[derive(Debug, Default)]
struct Ids {
    page: String,
    revision: String,
    file: String,
    account: String,
    board: String,
    board_slug: String,
    thread: String,
    post: String,
    form: String,
    answer: String,
    member: String,
    period: String,
    invoice: String,
    payment: String,
    dues: String,
}

fn last_segment(path: &str) -> String {
    path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// The first link on a page whose part after `prefix` begins with an id.
async fn linked(visitor: &Visitor, page: &str, prefix: &str) -> String {
    let answer = visitor.get(page).await;
    let hrefs = [answer.attributes("a", "href"), answer.attributes("form", "action")].concat();
    let ids = hrefs
        .iter()
        .filter_map(|href| href.strip_prefix(prefix))
        .map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned());
    ids.into_iter().find(|id| is_id(id)).unwrap_or_else(|| panic!("{page} links to {prefix}…: {hrefs:?}"))
}

async fn ids_of(server: &Server, place: usize) -> Ids {
    let staff = Visitor::in_role(server, place, "staff").await;
    let page = linked(&staff, "/admin/pages", "/admin/pages/").await;
    let revision = linked(&staff, &format!("/admin/pages/{page}/history"), &format!("/admin/pages/{page}/history/")).await;
    let boards = staff.get("/p/fan-board/").await;
    let form = linked(&staff, "/admin/forms", "/admin/forms/").await;
    let member = linked(&staff, "/admin/members", "/admin/members/").await;
    let mut ids = Ids {
        file: linked(&staff, "/admin/files", "/admin/files/").await,
        account: linked(&staff, "/admin/staff", "/admin/staff/").await,
        board: linked(&staff, "/admin/p/fan-board/boards", "/admin/p/fan-board/boards/").await,
        answer: linked(&staff, &format!("/admin/forms/{form}/answers"), &format!("/admin/forms/{form}/answers/")).await,
        period: linked(&staff, &format!("/admin/members/{member}"), &format!("/admin/members/{member}/periods/")).await,
        invoice: linked(&staff, "/admin/invoices?state=", "/admin/invoices/").await,
        payment: linked(&staff, "/admin/payments", "/admin/payments/").await,
        dues: linked(&staff, "/admin/dues", "/admin/dues/").await,
        form,
        member,
        page,
        revision,
        ..Ids::default()
    };
    for board in boards.attributes("main a[href*='/p/fan-board/boards/']", "href") {
        let threads = staff.get(&board).await.attributes("main a[href*='/p/fan-board/threads/']", "href");
        if let Some(thread) = threads.first() {
            (ids.board_slug, ids.thread) = (last_segment(&board), last_segment(thread));
            ids.post = linked(&staff, &format!("/p/fan-board/threads/{}", ids.thread), "/p/fan-board/posts/").await;
            return ids;
        }
    }
    panic!("a board has threads");
}

fn filled(route: &str, ids: &Ids) -> String {
    let id = match route {
        _ if route.starts_with("/admin/pages") => &ids.page,
        _ if route.starts_with("/admin/forms") => &ids.form,
        _ if route.starts_with("/admin/members") => &ids.member,
        _ if route.starts_with("/admin/invoices") || route.starts_with("/account/invoices") => &ids.invoice,
        _ if route.starts_with("/admin/dues") => &ids.dues,
        _ if route.starts_with("/admin/payments") || route.starts_with("/account/payments") => &ids.payment,
        _ => &ids.file,
    };
    route
        .replace("{id}", id)
        .replace("{revision}", &ids.revision)
        .replace("{account}", &ids.account)
        .replace("{answer}", &ids.answer)
        .replace("{period}", &ids.period)
        .replace("{list}", "types")
        .replace("{address}", "contact")
        .replace("{plugin}", "fan-board")
        .replace("{name}", "x.png")
        .replace("{theme}", "commons")
        .replace("{version}", "0")
        .replace("{hash}", "00000000")
        .replace("{refund}", &ids.payment)
        .replace("{*path}", "x.css")
}

/// A token of the host's for this visitor.
async fn host_token(visitor: &Visitor) -> String {
    visitor.get("/").await.form("form[action='/demo/role']", &[]).1.into_iter().find(|(name, _)| name == "_csrf").expect("a token").1
}

async fn send(visitor: &Visitor, (method, route): (&str, &str), path: &str, token: &str, ids: &Ids) -> (StatusCode, String) {
    if method == "get" {
        let answer = visitor.get(path).await;
        return (answer.status, answer.location());
    }
    let revision = ids.revision.as_str();
    let fields = [
        ("_csrf", token),
        ("revision", revision),
        ("restore", revision),
        ("published", revision),
        ("id", &ids.account),
        ("title", "侵入"),
        ("path", "/intrusion"),
        ("text", "侵入"),
        ("gate", "everyone"),
        ("alt_ja", "侵入"),
        ("alt_en", "Intrusion"),
    ];
    let fields: Vec<(String, String)> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = if UPLOADS.contains(&route) { visitor.upload(path, &fields).await } else { visitor.post(path, &fields).await };
    (answer.status, answer.location())
}

/// Forms that carry a file.
const UPLOADS: [&str; 3] = ["/admin/files", "/admin/files/{id}", "/admin/members/imports"];

/// What the other organisation's people see: must be the same before and after.
async fn what_they_see(server: &Server) -> Vec<Vec<String>> {
    let staff = Visitor::in_role(server, SOCIETY, "staff").await;
    let mut seen = Vec::new();
    for path in [
        "/",
        "/admin/pages",
        "/admin/files",
        "/admin/staff",
        "/admin/members",
        "/admin/members/kinds",
        "/admin/plugins",
        "/p/fan-board/",
        "/admin/invoices?state=",
        "/admin/ledger",
        "/admin/p/fan-board/boards",
        "/admin/p/fan-board/",
    ] {
        let answer = staff.get(path).await;
        let request_id = answer.headers["x-request-id"].to_str().unwrap_or_default().to_owned();
        seen.push(answer.texts("main").into_iter().map(|text| text.replace(&request_id, "")).collect());
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_of_the_host_gives_or_changes_what_belongs_to_another_organisation() {
    let server = Server::start(Database::Sqlite).await;
    let theirs = ids_of(&server, SOCIETY).await;
    let before = what_they_see(&server).await;
    let anonymous = Visitor::new(&server, CLUB);
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let staff = Visitor::in_role(&server, CLUB, "staff").await;
    let tokens = [host_token(&anonymous).await, host_token(&member).await, host_token(&staff).await];
    let mut tried = 0;
    for (route, methods) in routes_in_sources() {
        let Some((_, who)) = HOST_ROUTES.iter().find(|(known, _)| *known == route) else { panic!("add a row for {route}") };
        let path = filled(&route, &theirs);
        let names_theirs = route.contains("{id}") || route.contains("{account}");
        for method in methods.into_iter().filter(|_| *who != For::Demo) {
            // These switch plugins of one's own organisation, and leave previews: right for staff, and tested elsewhere.
            let own_switch = route.ends_with("/disable") || route.ends_with("/enable");
            let (by_anonymous, to) = send(&anonymous, (method, &route), &path, &tokens[0], &theirs).await;
            let by_member = send(&member, (method, &route), &path, &tokens[1], &theirs).await.0;
            tried += 2;
            match who {
                For::Staff => {
                    assert!(
                        by_anonymous == StatusCode::SEE_OTHER && to.starts_with("/sign-in"),
                        "{method} {route} anonymous: {by_anonymous} {to}"
                    );
                    assert_eq!(by_member, StatusCode::FORBIDDEN, "{method} {route} as a member");
                    if !own_switch {
                        let by_staff = send(&staff, (method, &route), &path, &tokens[2], &theirs).await.0;
                        tried += 1;
                        assert!(!by_staff.is_server_error(), "{method} {route}: {by_staff}");
                        if names_theirs {
                            assert_eq!(by_staff, StatusCode::NOT_FOUND, "{method} {route} as staff with another organisation's id");
                        }
                    }
                }
                For::SignedIn => {
                    assert!(
                        by_anonymous == StatusCode::SEE_OTHER && to.starts_with("/sign-in"),
                        "{method} {route} anonymous: {by_anonymous} {to}"
                    );
                    assert!(!by_member.is_server_error(), "{method} {route}: {by_member}");
                }
                For::Everyone | For::Token | For::Plugin | For::Demo => {
                    assert!(
                        !by_anonymous.is_server_error() && !by_member.is_server_error(),
                        "{method} {route}: {by_anonymous} {by_member}"
                    );
                    if names_theirs {
                        let by_staff = send(&staff, (method, &route), &path, &tokens[2], &theirs).await.0;
                        assert_eq!(
                            [by_anonymous, by_member, by_staff],
                            [StatusCode::NOT_FOUND; 3],
                            "{method} {route} with another organisation's id"
                        );
                    }
                }
            }
        }
    }
    assert!(tried > 100, "{tried} requests were tried");
    assert_eq!(before, what_they_see(&server).await, "the other organisation is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_of_a_manifest_gives_or_changes_what_belongs_to_another_organisation() {
    let server = Server::start(Database::Sqlite).await;
    let (ours, theirs) = (ids_of(&server, CLUB).await, ids_of(&server, SOCIETY).await);
    let before = what_they_see(&server).await;
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/fan-board/plugin.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&manifest).unwrap();
    let anonymous = Visitor::new(&server, CLUB);
    let member = Visitor::in_role(&server, CLUB, "member").await;
    let staff = Visitor::in_role(&server, CLUB, "staff").await;
    let thread = format!("/p/fan-board/threads/{}", ours.thread);
    let token_of = |answer: tsudoi_tests::Answer| {
        answer.attributes("main form[method=post] input[name=_csrf]", "value").into_iter().next().unwrap_or_default()
    };
    let tokens = [token_of(anonymous.get(&thread).await), token_of(member.get(&thread).await), token_of(staff.get(&thread).await)];
    let mut tried = 0;
    for route in manifest["routes"].as_array().unwrap() {
        let text = |key: &str| route.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let (name, path, area) = (text("name"), text("path"), text("area"));
        let method = text("method").parse::<Method>().unwrap();
        let gate = route.get("gate").and_then(|gate| gate.get("kind")).and_then(toml::Value::as_str).unwrap_or("everyone").to_owned();
        let prefix = if area == "admin" { "/admin/p/fan-board" } else { "/p/fan-board" };
        // On the site a board is named by its URL name, which organisations may share; in the admin by its id.
        let board = if area == "admin" { theirs.board.clone() } else { format!("{}-theirs", theirs.board_slug) };
        let known = ["{board}", "{thread}", "{post}"].iter().any(|parameter| path.contains(parameter));
        assert!(known || !path.contains('{'), "add an id for {path}");
        let path =
            format!("{prefix}{}", path.replace("{board}", &board).replace("{thread}", &theirs.thread).replace("{post}", &theirs.post));
        for (n, visitor) in [&anonymous, &member, &staff].into_iter().enumerate() {
            let fields: Vec<(String, String)> = [
                ("_csrf", tokens[n].as_str()),
                ("action", "hide"),
                ("body", "侵入"),
                ("title", "侵入"),
                ("reason", "侵入"),
                ("direction", "up"),
            ]
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
            let answer = if method == Method::GET { visitor.get(&path).await } else { visitor.post(&path, &fields).await };
            tried += 1;
            let shown = format!("{method} {name} {path} as {}: {}", ["anonymous", "member", "staff"][n], answer.status);
            assert!(!answer.status.is_server_error(), "{shown}");
            let admitted = n == 2 || (area == "site" && (gate == "everyone" || (gate == "members" && n == 1)));
            if !admitted {
                let refused = answer.status == StatusCode::FORBIDDEN
                    || (answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/sign-in"));
                assert!(refused, "{shown}");
            } else if known {
                // A token that a visitor has none of is refused before the plugin is asked.
                let no_token = method == Method::POST && tokens[n].is_empty() && answer.status == StatusCode::FORBIDDEN;
                assert!(answer.status == StatusCode::NOT_FOUND || no_token, "{shown}");
            }
        }
    }
    assert!(tried > 60, "{tried} requests were tried");
    assert_eq!(before, what_they_see(&server).await, "the other organisation is as it was");
}
