//! What the board keeps: the documents of each collection that `plugin.toml` declares.

use serde::{Deserialize, Deserializer, Serialize};
use tsudoi_plugin::{Collection, Gate, Id, Timestamp};

pub const BOARDS: Collection<Board> = Board::COLLECTION;
pub const TALLIES: Collection<Tally> = Tally::COLLECTION;
pub const THREADS: Collection<Thread> = Thread::COLLECTION;
pub const POSTS: Collection<Post> = Post::COLLECTION;
pub const REPORTS: Collection<Report> = Report::COLLECTION;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("boards")]
pub struct Board {
    pub slug: String,
    pub title: String,
    pub description: String,
    pub gate: Gate,
    /// Boards are listed in this order.
    pub position: u32,
    /// Only moderators write here.
    pub closed: bool,
}

/// Kept under the board's id and apart from it, so that a post changes no page that only shows the board's title.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Collection)]
#[collection("tallies")]
pub struct Tally {
    /// Threads that staff do not hide.
    pub threads: u32,
    pub last: Option<LastPost>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastPost {
    pub thread: Id,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("threads")]
pub struct Thread {
    pub board: Id,
    pub title: String,
    #[serde(flatten)]
    pub by: Author,
    pub pinned: bool,
    pub closed: bool,
    /// Replies that can be read.
    pub replies: u32,
    /// The number that the newest post got; numbers are never given twice.
    pub last_number: u32,
    pub started_at: Timestamp,
    /// When the newest post that can be read was written.
    pub last_at: Timestamp,
    /// `last_at`, absent while staff hide the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_at: Option<Timestamp>,
}

impl Thread {
    pub fn is_hidden(&self) -> bool {
        self.listed_at.is_none()
    }

    /// The newest post is this old now; what is listed stays listed.
    pub fn set_last_at(&mut self, at: Timestamp) {
        self.last_at = at;
        if self.listed_at.is_some() {
            self.listed_at = Some(at);
        }
    }

    pub fn set_hidden(&mut self, hidden: bool) {
        self.listed_at = (!hidden).then_some(self.last_at);
    }
}

/// Number 1 of a thread is what it began with; the others are replies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("posts")]
pub struct Post {
    pub thread: Id,
    pub number: u32,
    #[serde(flatten)]
    pub by: Author,
    /// Markdown; empty once it was deleted.
    pub body: String,
    /// Files.
    #[serde(default, deserialize_with = "pictures", skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Id>,
    pub state: PostState,
    pub posted_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
}

impl Post {
    pub fn opens_thread(&self) -> bool {
        self.number == 1
    }

    /// Its author may change it, and moderators what the office wrote; not while staff hide it.
    pub fn may_be_changed_by(&self, member: Option<&Id>, moderates: bool) -> bool {
        let own = match &self.by.author {
            Some(author) => member == Some(author),
            None => self.by.office && moderates,
        };
        own && self.state == PostState::Shown
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PostState {
    Shown,
    /// By staff, who can restore it.
    Hidden,
    /// By its author, where replies keep its place. Its text is gone.
    Deleted,
}

impl PostState {
    /// A hidden text is for moderators, and a deleted one for nobody.
    pub fn is_readable(self, moderates: bool) -> bool {
        match self {
            Self::Shown => true,
            Self::Hidden => moderates,
            Self::Deleted => false,
        }
    }
}

/// Who wrote something. A member who was erased leaves neither id nor name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    #[serde(default, deserialize_with = "member", skip_serializing_if = "Option::is_none")]
    pub author: Option<Id>,
    /// The member's name at the time of writing, for when it can't be read any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    /// In the name of the organisation's staff.
    #[serde(default)]
    pub office: bool,
}

/// An emptied field names none.
fn pictures<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Id>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An emptied field names nobody.
fn member<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Id>, D::Error> {
    let id = Option::<Id>::deserialize(deserializer)?;
    Ok(id.filter(|id| !id.as_str().is_empty()))
}

/// A member's word to the moderators about a post: one for each member and post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Collection)]
#[collection("reports")]
pub struct Report {
    pub post: Id,
    pub thread: Id,
    pub reporter: Id,
    pub reporter_name: Option<String>,
    pub reason: String,
    pub reported_at: Timestamp,
    pub state: ReportState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReportState {
    Open,
    Settled,
}

/// What became of the post that was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Hidden,
    /// Nothing was wrong with it.
    Dismissed,
    /// Its author deleted it.
    Deleted,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Id {
        Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a80{n:02x}")).unwrap_or_else(|_| panic!("an id"))
    }

    fn post(by: Author, state: PostState) -> Post {
        Post { thread: id(1), number: 2, by, body: "やあ".into(), pictures: vec![], state, posted_at: 0, edited_at: None }
    }

    fn written_by(member: u8) -> Author {
        Author { author: Some(id(member)), author_name: Some("花子".into()), office: false }
    }

    #[test]
    fn a_hidden_text_is_for_moderators_and_a_deleted_one_for_nobody() {
        let sees = |moderates| [PostState::Shown, PostState::Hidden, PostState::Deleted].map(|state| state.is_readable(moderates));
        assert_eq!(sees(false), [true, false, false]);
        assert_eq!(sees(true), [true, true, false]);
    }

    #[test]
    fn members_change_what_they_wrote_and_nothing_else() {
        let post = post(written_by(7), PostState::Shown);
        assert!(post.may_be_changed_by(Some(&id(7)), false));
        assert!(!post.may_be_changed_by(Some(&id(8)), false));
        assert!(!post.may_be_changed_by(None, true), "moderators hide what members wrote, they do not rewrite it");
    }

    #[test]
    fn moderators_change_what_the_office_wrote() {
        let post = post(Author { office: true, ..Author::default() }, PostState::Shown);
        assert!(post.may_be_changed_by(None, true));
        assert!(!post.may_be_changed_by(Some(&id(7)), false));
    }

    #[test]
    fn a_hidden_post_can_not_be_changed_by_its_author() {
        assert!(!post(written_by(7), PostState::Hidden).may_be_changed_by(Some(&id(7)), false));
    }

    #[test]
    fn nobody_owns_what_an_erased_member_wrote() {
        for emptied in [r#""author":null,"author_name":null,"pictures":null"#, r#""author":"","author_name":"""#, r#""office":false"#] {
            let text = format!(r#"{{"thread":"{}","number":2,{emptied},"body":"","state":"shown","posted_at":0}}"#, id(1));
            let post: Post = serde_json::from_str(&text).unwrap();
            assert_eq!(post.by.author, None);
            assert!(!post.may_be_changed_by(None, true));
        }
    }

    #[test]
    fn a_hidden_thread_is_in_no_list_until_it_is_restored() {
        let mut thread = Thread {
            board: id(1),
            title: "初詣".into(),
            by: written_by(7),
            pinned: false,
            closed: false,
            replies: 0,
            last_number: 1,
            started_at: 10,
            last_at: 10,
            listed_at: Some(10),
        };
        thread.set_hidden(true);
        assert!(!serde_json::to_string(&thread).unwrap().contains("listed_at"));
        thread.set_last_at(20);
        assert!(thread.is_hidden());
        thread.set_hidden(false);
        assert_eq!(thread.listed_at, Some(20));
    }
}
