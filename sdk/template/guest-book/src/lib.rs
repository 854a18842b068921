//! A page where members leave a line, and a block with the newest ones. `plugin.toml` says which routes, collections
//! and permissions the plugin has; the derives hold this code against it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tsudoi_plugin::{
    Blocks, Collection, Document, Failure, Form, Id, Pages, Parameters, Reply, Request, Routes, Timestamp, View, context, export, members,
};

const PER_PAGE: u32 = 20;

#[derive(Serialize, Deserialize, Collection)]
#[collection("greetings")]
struct Greeting {
    text: String,
    author: Option<Id>,
    written_at: Timestamp,
}

#[derive(Routes)]
#[routes(GET)]
enum Show {
    Greetings,
}

#[derive(Routes)]
#[routes(POST)]
enum Change {
    Greet,
    Remove { greeting: Id },
}

#[derive(Form)]
struct NewGreeting {
    #[form(read = line)]
    text: String,
}

/// What a member may leave: one line. The error is the key of a message in `locales/`.
fn line(text: &str) -> Result<String, &'static str> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0 => Err("text-missing"),
        1..=200 => Ok(text),
        _ => Err("text-too-long"),
    }
}

struct Plugin;

impl Pages for Plugin {
    fn view(request: &Request) -> Result<Reply, Failure> {
        let Show::Greetings = request.matched()?;
        let page = Greeting::LATEST.query().descending().limit(PER_PAGE).cursor(request.query("cursor")).page()?;
        let visitor = context::visitor().member();
        let data = json!({
            "greetings": lines(&page.documents, visitor.as_ref())?,
            "next": page.next,
            "may_write": visitor.is_some(),
        });
        Ok(View::new("greetings.html", &data)?.into())
    }

    fn submit(request: &Request) -> Result<Reply, Failure> {
        // Staff pass the gate of the routes without being members.
        let member = context::visitor().member().ok_or(Failure::Forbidden)?;
        match request.matched()? {
            Change::Greet => {
                let NewGreeting { text } = request.form()?;
                Greeting::COLLECTION.insert(&Greeting { text, author: Some(member), written_at: context::now() })?;
            }
            Change::Remove { greeting } => {
                if Greeting::COLLECTION.require(&greeting)?.body.author != Some(member) {
                    return Err(Failure::Forbidden);
                }
                Greeting::COLLECTION.delete(&greeting)?;
            }
        }
        Ok(Reply::redirect(Show::Greetings.path()))
    }
}

impl Blocks for Plugin {
    fn render(_name: &str, parameters: &Parameters) -> Result<View, Failure> {
        let limit = parameters.integer("limit").and_then(|limit| u32::try_from(limit).ok()).unwrap_or(3);
        let page = Greeting::LATEST.query().descending().limit(limit).page()?;
        View::new("latest.html", &json!({ "greetings": lines(&page.documents, None)? }))
    }
}

/// The greetings as the templates show them, with the members' names of today, fetched at once.
fn lines(greetings: &[Document<Greeting>], visitor: Option<&Id>) -> Result<Vec<Value>, Failure> {
    let authors: Vec<Id> = greetings.iter().filter_map(|greeting| greeting.body.author.clone()).collect();
    let known: Vec<_> = members::get(&authors)?.into_iter().flatten().collect();
    let name = |author: &Option<Id>| known.iter().find(|member| Some(&member.id) == author.as_ref())?.display_name.clone();
    let line = |Document { id, body, .. }: &Document<Greeting>| {
        json!({
            "id": id,
            "text": body.text,
            "name": name(&body.author),
            "written_at": body.written_at,
            "own": body.author.is_some() && body.author.as_ref() == visitor,
        })
    };
    Ok(greetings.iter().map(line).collect())
}

export!(Plugin: pages, blocks);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_one_line_of_at_most_two_hundred_characters() {
        assert_eq!(line(" はじめ\nまして "), Ok("はじめ まして".to_owned()));
        assert_eq!(line("　"), Err("text-missing"));
        assert_eq!(line(&"あ".repeat(201)), Err("text-too-long"));
    }

    #[test]
    fn a_form_without_text_says_so_beside_the_field() {
        let empty = Request::post("greet", &[], &[("text", " ")]);
        let Err(Failure::Invalid(errors)) = empty.form::<NewGreeting>() else { panic!("an empty form is invalid") };
        assert_eq!((errors[0].field.as_str(), errors[0].message.as_str()), ("text", "text-missing"));
    }
}
