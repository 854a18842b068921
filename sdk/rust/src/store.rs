//! The plugin's own documents, in the collections that its manifest declares. Reads see what this call has written;
//! all of it takes effect together when the call succeeds. Needs the permission `store`.

use crate::Timestamp;
use crate::bindings::imports::tsudoi::plugin::store::{self, Bound, Range};
use crate::failure::{Error, Failure};
use crate::id::Id;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// A document as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document<T> {
    pub id: Id,
    /// Changes with every write and is never used again. Give it to [`Collection::replace`].
    pub revision: String,
    pub body: T,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// The documents of one kind.
///
/// ```no_run
/// use serde::{Deserialize, Serialize};
/// use tsudoi_plugin::{Collection, Failure, Id};
///
/// #[derive(Serialize, Deserialize)]
/// struct Account { balance: i64 }
///
/// const ACCOUNTS: Collection<Account> = Collection::new("accounts");
///
/// fn spend(member: &Id, points: i64) -> Result<(), Failure> {
///     let mut account = ACCOUNTS.require(member)?;
///     if account.body.balance < points {
///         return Err(Failure::conflict("not enough points"));
///     }
///     // Nobody else can have spent them in between: then the host runs this call again.
///     account.body.balance -= points;
///     Ok(ACCOUNTS.put(member, &account.body)?)
/// }
/// ```
pub struct Collection<T> {
    name: &'static str,
    body: PhantomData<fn() -> T>,
}

impl<T> Collection<T> {
    pub const fn new(name: &'static str) -> Self {
        Self { name, body: PhantomData }
    }

    pub fn delete(&self, id: &Id) -> Result<(), Error> {
        store::delete(self.name, id.as_str())
    }

    /// A stretch of one of the indexes that the manifest declares.
    pub fn query(&self, index: &'static str) -> Query<T> {
        Query {
            range: Range {
                collection: self.name.to_owned(),
                index: index.to_owned(),
                equal: Vec::new(),
                lower: Bound::Unbounded,
                upper: Bound::Unbounded,
                descending: false,
            },
            limit: 50,
            cursor: None,
            body: PhantomData,
        }
    }
}

impl<T: DeserializeOwned> Collection<T> {
    pub fn get(&self, id: &Id) -> Result<Option<Document<T>>, Error> {
        Ok(self.get_many(std::slice::from_ref(id))?.pop().flatten())
    }

    /// The document, or [`Failure::NotFound`]: for an id that a visitor gave.
    pub fn require(&self, id: &Id) -> Result<Document<T>, Failure> {
        self.get(id)?.ok_or(Failure::NotFound)
    }

    /// In the order of `ids`; `None` where there is no such document.
    pub fn get_many(&self, ids: &[Id]) -> Result<Vec<Option<Document<T>>>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
        store::get(self.name, &ids)?.into_iter().map(|document| document.map(read).transpose()).collect()
    }
}

impl<T: Serialize> Collection<T> {
    /// Answers the new document's id.
    pub fn insert(&self, body: &T) -> Result<Id, Error> {
        store::insert(self.name, &serde_json::to_string(body)?).map(Id::known)
    }

    /// Creates or overwrites the document under a known id: a member's, or one that this call has read.
    pub fn put(&self, id: &Id, body: &T) -> Result<(), Error> {
        store::put(self.name, id.as_str(), &serde_json::to_string(body)?)
    }

    /// Overwrites what a person saw earlier, in a form that was sent to them: [`Error::CHANGED`] where someone else has
    /// written since.
    pub fn replace(&self, id: &Id, body: &T, expected: &str) -> Result<(), Error> {
        store::replace(self.name, id.as_str(), &serde_json::to_string(body)?, expected)
    }
}

/// One of the indexes of a collection. `#[derive(Collection)]` makes a constant for each that the manifest declares, so
/// that a misspelt one does not compile.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tsudoi_plugin::{Collection, Error, Id, Page};
///
/// #[derive(Serialize, Deserialize, Collection)]
/// #[collection("greetings")]
/// struct Greeting {
///     text: String,
///     author: Option<Id>,
///     written_at: u64,
/// }
///
/// fn newest(cursor: Option<&str>) -> Result<Page<Greeting>, Error> {
///     Greeting::LATEST.query().descending().limit(20).cursor(cursor).page()
/// }
///
/// fn greet(text: String) -> Result<Id, Error> {
///     Greeting::COLLECTION.insert(&Greeting { text, author: None, written_at: tsudoi_plugin::context::now() })
/// }
/// ```
///
/// An index that plugin.toml does not declare:
///
/// ```compile_fail
/// # use serde::{Deserialize, Serialize};
/// # use tsudoi_plugin::Collection;
/// # #[derive(Serialize, Deserialize, Collection)]
/// # #[collection("greetings")]
/// # struct Greeting { text: String, author: Option<tsudoi_plugin::Id>, written_at: u64 }
/// let query = Greeting::LATETS.query();
/// ```
///
/// One that stands on a field which the documents don't have:
///
/// ```compile_fail
/// # use serde::{Deserialize, Serialize};
/// # use tsudoi_plugin::Collection;
/// #[derive(Serialize, Deserialize, Collection)]
/// #[collection("greetings")]
/// struct Greeting {
///     text: String,
///     author: Option<tsudoi_plugin::Id>,
///     writen_at: u64,
/// }
/// ```
///
/// One whose field for the member, `author` in plugin.toml, is missing:
///
/// ```compile_fail
/// # use serde::{Deserialize, Serialize};
/// # use tsudoi_plugin::Collection;
/// #[derive(Serialize, Deserialize, Collection)]
/// #[collection("greetings")]
/// struct Greeting {
///     text: String,
///     written_at: u64,
/// }
/// ```
pub struct Index<T> {
    collection: &'static str,
    name: &'static str,
    body: PhantomData<fn() -> T>,
}

impl<T> Clone for Index<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Index<T> {}

impl<T> Index<T> {
    pub const fn new(collection: &'static str, name: &'static str) -> Self {
        Self { collection, name, body: PhantomData }
    }

    /// All of it.
    pub fn query(self) -> Query<T> {
        Collection::new(self.collection).query(self.name)
    }

    /// The stretch where the first field is this value.
    pub fn equal(self, value: impl Serialize) -> Query<T> {
        self.query().equal(value)
    }
}

/// Documents in the order of an index: equal on its leading fields, then between two bounds on the next one.
///
/// ```no_run
/// # use tsudoi_plugin::{Collection, Error, Page};
/// # const REPLIES: Collection<serde_json::Value> = Collection::new("replies");
/// # fn read(thread: &str) -> Result<Page<serde_json::Value>, Error> {
/// REPLIES.query("by-thread").equal(thread).after(20).up_to(40).limit(20).page()
/// # }
/// ```
#[derive(Clone)]
pub struct Query<T> {
    range: Range,
    limit: u32,
    cursor: Option<String>,
    body: PhantomData<fn() -> T>,
}

impl<T> Query<T> {
    /// The next leading field of the index is this value. Call it once for each field, in the index's order.
    pub fn equal(mut self, value: impl Serialize) -> Self {
        self.range.equal.push(key(value));
        self
    }

    /// The next field is at least this.
    pub fn from(mut self, value: impl Serialize) -> Self {
        self.range.lower = Bound::Included(key(value));
        self
    }

    /// The next field is more than this.
    pub fn after(mut self, value: impl Serialize) -> Self {
        self.range.lower = Bound::Excluded(key(value));
        self
    }

    /// The next field is at most this.
    pub fn up_to(mut self, value: impl Serialize) -> Self {
        self.range.upper = Bound::Included(key(value));
        self
    }

    /// The next field is less than this.
    pub fn before(mut self, value: impl Serialize) -> Self {
        self.range.upper = Bound::Excluded(key(value));
        self
    }

    pub fn descending(mut self) -> Self {
        self.range.descending = true;
        self
    }

    /// How many documents a page holds at most; 50 where this is not called.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Goes on where an earlier page of the same query ended: its [`Page::next`].
    pub fn cursor(mut self, cursor: Option<&str>) -> Self {
        self.cursor = cursor.map(str::to_owned);
        self
    }

    /// How many documents there are, counting no further than `at_most`.
    pub fn count(&self, at_most: u32) -> Result<u32, Error> {
        Ok(counts(std::slice::from_ref(self), at_most)?.first().copied().unwrap_or_default())
    }
}

impl<T: DeserializeOwned> Query<T> {
    pub fn page(&self) -> Result<Page<T>, Error> {
        let page = store::scan(&self.range, self.limit, self.cursor.as_deref())?;
        Ok(Page { documents: page.documents.into_iter().map(read).collect::<Result<_, _>>()?, next: page.next })
    }

    pub fn first(self) -> Result<Option<Document<T>>, Error> {
        Ok(self.limit(1).page()?.documents.pop())
    }
}

/// Some documents, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub documents: Vec<Document<T>>,
    /// For [`Query::cursor`]; `None` at the end.
    pub next: Option<String>,
}

/// How many documents each query finds, counting no further than `at_most`, in one call.
pub fn counts<T>(queries: &[Query<T>], at_most: u32) -> Result<Vec<u32>, Error> {
    let ranges: Vec<Range> = queries.iter().map(|query| query.range.clone()).collect();
    store::counts(&ranges, at_most)
}

fn read<T: DeserializeOwned>(document: store::Document) -> Result<Document<T>, Error> {
    let body =
        serde_json::from_str(&document.body).map_err(|error| Error::new(Error::MALFORMED, format!("document {}: {error}", document.id)))?;
    Ok(Document { id: Id::known(document.id), revision: document.revision, body, created: document.created, updated: document.updated })
}

/// A value as an index key. What can't be written as JSON can't be a key: the host refuses `null` bounds by name.
fn key(value: impl Serialize) -> String {
    serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned())
}
