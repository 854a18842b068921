//! What every gateway has to do, of bank transfers: money comes with a statement, and staff send it back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use tsudoi_testkit::gateway::{Begun, Provider, Returns};
use tsudoi_testkit::{Opening, Page, Person, Site, json};

const ACCOUNT: &str = "1234567";

/// A bank, and staff who bring its statements in.
struct Bank {
    site: Site,
    /// By the order in which they came.
    transfers: RefCell<Vec<Transfer>>,
    /// How many of them were told.
    told: Cell<usize>,
    /// What payers wrote down when they saw the page of an invoice.
    codes: RefCell<BTreeMap<String, String>>,
}

#[derive(Clone)]
struct Transfer {
    invoice: String,
    amount: i64,
    payer: String,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Came,
    Booked,
    /// By staff, at the bank: it was for nothing that is to be paid.
    SentBack,
}

/// The number beside the amount, of seven digits as the account's is.
fn code(page: &Page<'_>) -> String {
    let words = page.text();
    let code = words.split(|letter: char| !letter.is_ascii_digit()).find(|run| run.len() == 7 && *run != ACCOUNT);
    code.unwrap_or_else(|| panic!("{words}")).to_owned()
}

impl Bank {
    fn office(&self) -> Person<'_> {
        self.site.staff("Office")
    }

    /// The page of the line that a transfer is.
    fn line(&self, office: &Person<'_>, state: &str, payer: &str) -> Option<String> {
        let list = office.get_admin(&format!("/?state={state}"));
        let rows = list.body().split("<li").filter(|row| row.contains(payer));
        let paths = rows.filter_map(|row| row.split("/admin/p/bank-transfer").find(|part| part.starts_with("/lines/")));
        paths.filter_map(|path| path.split('"').next()).next().map(str::to_owned)
    }
}

impl Provider for Bank {
    /// The place of a transfer among those that came.
    type Notice = (usize, Transfer);

    fn open(opening: Opening) -> Self {
        let site = opening.open();
        for (key, value) in [("bank", "Hoshizora Bank"), ("branch", "Main"), ("number", ACCOUNT), ("holder", "HOSHIZORA CLUB")] {
            site.set(key, &json!(value));
        }
        Self { site, transfers: RefCell::default(), told: Cell::default(), codes: RefCell::default() }
    }

    fn site(&self) -> &Site {
        &self.site
    }

    fn asks(&self, begun: &Begun<'_>) -> i64 {
        let page = begun.shown();
        self.codes.borrow_mut().insert(begun.invoice().to_owned(), code(&page));
        let words = page.text();
        let before = words.split_once("円").or(words.split_once(" yen")).map_or("", |(before, _)| before);
        let digits = before.rsplit(|letter: char| !letter.is_ascii_digit() && letter != ',').next().unwrap_or_default();
        digits.replace(',', "").parse().unwrap_or_else(|_| panic!("{words}"))
    }

    fn pay(&self, begun: &Begun<'_>, amount: i64) -> bool {
        let number = self.transfers.borrow().len();
        // Somebody else's account: only the number says what it is for.
        let payer = format!("{} ｽｽﾞｷ{number}", self.codes.borrow()[begun.invoice()]);
        self.transfers.borrow_mut().push(Transfer { invoice: begun.invoice().to_owned(), amount, payer, state: State::Came });
        true
    }

    fn news(&self) -> Vec<(usize, Transfer)> {
        let transfers = self.transfers.borrow();
        transfers.iter().cloned().enumerate().skip(self.told.replace(transfers.len())).collect()
    }

    fn tell(&self, (number, transfer): &(usize, Transfer)) {
        let office = self.office();
        let statement =
            format!("年月日,お引出し,お預入れ,お取り扱い内容,残高\n2026/11/22,,\"{}\",{},9999\n", transfer.amount, transfer.payer);
        office.get_admin("/imports").submit("/imports", &[("statement", &statement)]).is(303);
        let mut state = State::Booked;
        if let Some(path) = self.line(&office, "waiting", &transfer.payer) {
            // Staff look into what is in doubt.
            let booked = office.post_admin(&format!("{path}/book"), &[("invoice", &transfer.invoice)]);
            state = if booked.status() == 303 { State::Booked } else { State::SentBack };
        }
        if let Some(own) = self.transfers.borrow_mut().get_mut(*number).filter(|own| own.payer == transfer.payer) {
            own.state = state;
        }
    }

    fn holds(&self) -> i64 {
        self.transfers.borrow().iter().filter(|transfer| transfer.state == State::Booked).map(|transfer| transfer.amount).sum()
    }
}

impl Returns for Bank {
    /// Staff send a transfer back and take it out of the books.
    fn send_back(&self, begun: &Begun<'_>, amount: i64) {
        let office = self.office();
        for transfer in self.transfers.borrow_mut().iter_mut().filter(|transfer| transfer.invoice == begun.invoice()) {
            assert_eq!(transfer.amount, amount, "a transfer is sent back as a whole");
            let path = self.line(&office, "booked", &transfer.payer).unwrap_or_else(|| panic!("{} is not booked", transfer.payer));
            office.post_admin(&format!("{path}/back"), &[]).is(303);
            office.post_admin(&format!("{path}/aside"), &[("reason", "Sent back")]).is(303);
            transfer.state = State::SentBack;
        }
    }
}

tsudoi_testkit::gateway_suite!(Bank: one_currency, parts, more, returns);
