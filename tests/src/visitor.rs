//! A visitor over HTTP: keeps cookies, reads forms as a browser does, and follows no redirect unless told to.

use crate::{PASSWORD, Server};
use reqwest::header::LOCATION;
use reqwest::{Client, Method, StatusCode, redirect};
use scraper::{ElementRef, Html, Selector};

pub struct Visitor {
    pub client: Client,
    base: String,
}

/// An answer that was read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub text: String,
    pub headers: reqwest::header::HeaderMap,
    pub path: String,
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"))
}

impl Visitor {
    /// Somebody who has not been here before.
    pub fn new(server: &Server, place: usize) -> Self {
        Self::at(server.port + place as u16)
    }

    /// The same, of whatever is served on this port.
    pub fn at(port: u16) -> Self {
        let client = Client::builder().cookie_store(true).redirect(redirect::Policy::none()).build().expect("a client");
        Self { client, base: format!("http://127.0.0.1:{port}") }
    }

    /// The same, of an organisation that is found by its name.
    pub fn of(slug: &str, port: u16) -> Self {
        let host = format!("{slug}.localhost");
        let client = Client::builder().cookie_store(true).redirect(redirect::Policy::none());
        // Not every system knows where such names lead.
        let client = client.resolve(&host, ([127, 0, 0, 1], port).into()).build().expect("a client");
        Self { client, base: format!("http://{host}:{port}") }
    }

    /// Signed in by address or number and the demo's password.
    pub async fn signed_in(server: &Server, place: usize, identifier: &str) -> Self {
        let visitor = Self::new(server, place);
        visitor.sign_in(identifier).await;
        visitor
    }

    /// Signs in by address or number and the tests' password.
    pub async fn sign_in(&self, identifier: &str) {
        let page = self.get("/sign-in").await;
        let answer = self.submit(&page, "form[action='/sign-in']", &[("identifier", identifier), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{identifier} signs in: {}", answer.readable());
    }

    /// As whom the demo's bar signs in: `member` or `staff`.
    pub async fn in_role(server: &Server, place: usize, role: &str) -> Self {
        let visitor = Self::new(server, place);
        let page = visitor.get("/").await;
        let answer = visitor.submit(&page, "form[action='/demo/role']", &[("role", role)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "the bar signs in {role}: {}", answer.readable());
        visitor
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// An answer that is still being sent.
    pub async fn open(&self, path: &str, query: &[(&str, String)]) -> reqwest::Response {
        let mut address = reqwest::Url::parse(&format!("{}{path}", self.base)).expect("an address");
        address.query_pairs_mut().extend_pairs(query);
        self.client.get(address).send().await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub async fn post(&self, path: &str, fields: &[(String, String)]) -> Answer {
        self.send(Method::POST, path, Some(fields)).await
    }

    /// The status, or that the connection was lost.
    pub async fn try_post(&self, path: &str, fields: &[(String, String)]) -> Result<StatusCode, reqwest::Error> {
        Ok(self.client.post(format!("{}{path}", self.base)).form(fields).send().await?.status())
    }

    async fn send(&self, method: Method, path: &str, fields: Option<&[(String, String)]>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).header("accept", "text/html");
        if let Some(fields) = fields {
            request = request.form(fields);
        }
        self.answer(path, request).await
    }

    async fn answer(&self, path: &str, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap_or_default(), path: path.to_owned() }
    }

    /// Sends fields as a form with files does.
    pub async fn upload(&self, path: &str, fields: &[(String, String)]) -> Answer {
        let form = fields.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(name.clone(), value.clone()));
        let request = self.client.post(format!("{}{path}", self.base)).header("accept", "text/html").multipart(form);
        self.answer(path, request).await
    }

    /// Sends a form with a file in its field `file`.
    pub async fn send_file(&self, page: &Answer, css: &str, name: &str, bytes: &[u8]) -> Answer {
        let (path, fields) = page.form(css, &[]);
        let form = fields.into_iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(name, value));
        let form = form.part("file", reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned()));
        let request = self.client.post(format!("{}{path}", self.base)).header("accept", "text/html").multipart(form);
        self.answer(&path, request).await
    }

    /// Asks for a page until it says this: what happens in the background takes a moment, a minute at most.
    pub async fn until_it_says(&self, path: &str, words: &str) -> Answer {
        let mut last = None;
        let said = tokio::time::timeout(std::time::Duration::from_secs(60), async {
            loop {
                let page = self.get(path).await;
                if page.has(words) {
                    return page;
                }
                last = Some(page.readable());
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        });
        said.await.unwrap_or_else(|_| panic!("{words} never came on {path}: {last:?}"))
    }

    /// Sends the form that `css` finds on a page, with its hidden fields and whatever is filled in; `fields` replace
    /// or add.
    pub async fn submit(&self, page: &Answer, css: &str, fields: &[(&str, &str)]) -> Answer {
        let (action, fields) = page.form(css, fields);
        self.post(&action, &fields).await
    }

    /// Goes where a redirect leads, once.
    pub async fn follow(&self, answer: &Answer) -> Answer {
        assert!(answer.status.is_redirection(), "{} is no redirect: {}", answer.status, answer.readable());
        self.get(&answer.location()).await
    }
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> String {
        self.headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Action and fields of the form that `css` finds.
    pub fn form(&self, css: &str, fields: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let document = Html::parse_document(&self.text);
        let form =
            document.select(&selector(css)).next().unwrap_or_else(|| panic!("{} has no form {css}:\n{}", self.path, self.readable()));
        let action = form.attr("action").unwrap_or(&self.path).to_owned();
        let mut filled: Vec<(String, String)> = Vec::new();
        for control in form.select(&selector("input[name], textarea[name], select[name]")) {
            let name = control.attr("name").unwrap_or_default();
            if !fields.iter().any(|(given, _)| *given == name) {
                filled.extend(value_of(control).map(|value| (name.to_owned(), value)));
            }
        }
        filled.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        (action, filled)
    }

    /// Texts of the elements that `css` finds.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let document = Html::parse_document(&self.text);
        document
            .select(&selector(css))
            .map(|element| element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    /// Values of an attribute of the elements that `css` finds.
    pub fn attributes(&self, css: &str, attribute: &str) -> Vec<String> {
        let document = Html::parse_document(&self.text);
        document.select(&selector(css)).filter_map(|element| element.attr(attribute)).map(str::to_owned).collect()
    }

    /// The page's words, for messages of failed tests.
    pub fn readable(&self) -> String {
        let words = self.texts("main").join(" ");
        if words.is_empty() { self.text.chars().take(600).collect() } else { words }
    }

    pub fn has(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}

/// What a browser would send of a control that nobody touched.
fn value_of(control: ElementRef<'_>) -> Option<String> {
    match control.value().name() {
        "textarea" => Some(control.text().collect::<String>().trim_start_matches('\n').to_owned()),
        "select" => {
            let options = || control.select(&OPTION);
            let chosen = options().find(|option| option.attr("selected").is_some()).or_else(|| options().next())?;
            Some(chosen.attr("value").map_or_else(|| chosen.text().collect(), str::to_owned))
        }
        _ => match control.attr("type").unwrap_or("text") {
            "submit" | "button" | "image" | "file" | "reset" => None,
            "checkbox" | "radio" if control.attr("checked").is_none() => None,
            _ => Some(control.attr("value").unwrap_or_default().to_owned()),
        },
    }
}

static OPTION: std::sync::LazyLock<Selector> = std::sync::LazyLock::new(|| selector("option"));
