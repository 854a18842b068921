//! The walk through the demo that docs/tour.md tells of: which pages, by whom, and in which order. `cargo xtask tour` takes its
//! pictures anew (`tests/examples/tour.rs`).

use crate::browser::Window;
use crate::{CLUB, SOCIETY};

/// When the demo of the pictures begins, so that the same days stand on them each time. A Friday, in the morning in Japan.
pub const BEGINS: &str = "2026-11-27T01:00:00Z";

/// Who looks: a word of the demo's bar, in the language of the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Visitor,
    Member,
    Staff,
}

/// What a person does on the way to a page.
#[derive(Debug, Clone, Copy)]
pub enum Move {
    Open(&'static str),
    /// The first link of the page in whose words these stand.
    Follow(&'static str),
    Fill(&'static str, &'static str),
    Tick(&'static str),
    /// A button, or a link, with these words.
    Press(&'static str),
    /// The button in the part of the page that also says something.
    PressBeside(&'static str, &'static str),
    /// What the page has to say before it goes on.
    See(&'static str),
    /// Brings the heading with these words to the top of the picture.
    Down(&'static str),
}

pub struct Step {
    /// Without `.png`.
    pub picture: &'static str,
    pub place: usize,
    pub who: Who,
    /// Of the window, in CSS pixels.
    pub size: (u32, u32),
    pub way: &'static [Move],
}

const WIDE: (u32, u32) = (1280, 860);
const TALL: (u32, u32) = (1280, 1080);
const NARROW: (u32, u32) = (360, 760);

use Move::{Down, Fill, Follow, Open, Press, PressBeside, See, Tick};

pub const STEPS: [Step; 17] = [
    Step { picture: "home", place: CLUB, who: Who::Visitor, size: WIDE, way: &[Open("/"), See("次のライブ")] },
    Step {
        picture: "join",
        place: CLUB,
        who: Who::Visitor,
        size: NARROW,
        way: &[
            Open("/forms/join"),
            Fill("姓", "天野"),
            Fill("名", "梢"),
            Fill("セイ", "アマノ"),
            Fill("メイ", "コズエ"),
            Fill("メールアドレス 必須", "amano@mail.example"),
            Tick("シルバー会員（6,600円）"),
            Tick("会員規約とプライバシーポリシーに同意します 必須"),
            Press("入力内容を確認する"),
            See("天野 梢"),
        ],
    },
    Step { picture: "staff", place: CLUB, who: Who::Staff, size: WIDE, way: &[Open("/admin"), See("期限を過ぎたタスク")] },
    Step {
        picture: "approval",
        place: CLUB,
        who: Who::Staff,
        size: WIDE,
        way: &[Open("/admin/forms"), PressBeside("入会のお申し込み", "3件"), Follow("高梨"), See("承認して会員にする"), Down("入会の承認")],
    },
    Step {
        picture: "mailing",
        place: CLUB,
        who: Who::Staff,
        size: WIDE,
        way: &[Open("/admin/mailings"), Follow("名古屋・大阪公演"), See("名古屋・大阪公演")],
    },
    Step {
        picture: "dues", place: CLUB, who: Who::Staff, size: WIDE, way: &[Open("/admin/dues"), Follow("2027年度"), See("2027年度")]
    },
    Step {
        picture: "bills", place: CLUB, who: Who::Member, size: NARROW, way: &[Open("/account/payments"), See("ポイントで支払う")]
    },
    Step {
        picture: "points-payment",
        place: CLUB,
        who: Who::Member,
        size: NARROW,
        way: &[Open("/account/payments"), PressBeside("冬の星空観望会", "ポイントで支払う"), See("残高")],
    },
    Step { picture: "unpaid", place: CLUB, who: Who::Staff, size: WIDE, way: &[Open("/admin/invoices/unpaid"), See("未納の合計")] },
    Step {
        picture: "transfers",
        place: CLUB,
        who: Who::Staff,
        size: WIDE,
        way: &[Open("/admin/p/bank-transfer/"), Follow("ﾀｶﾉ"), See("高野")],
    },
    Step { picture: "points", place: CLUB, who: Who::Member, size: TALL, way: &[Open("/p/points/"), See("有効期限"), Down("履歴")] },
    Step {
        picture: "event",
        place: CLUB,
        who: Who::Member,
        size: NARROW,
        way: &[Open("/p/event-tasks/"), Follow("冬の星空観望会"), See("参加が確定しています")],
    },
    Step {
        picture: "board",
        place: CLUB,
        who: Who::Staff,
        size: WIDE,
        way: &[Open("/p/event-tasks/tasks"), Follow("冬の星空観望会"), See("望遠鏡の貸し出しを手配する"), Down("未着手")],
    },
    Step {
        picture: "participants",
        place: CLUB,
        who: Who::Staff,
        size: WIDE,
        way: &[Open("/admin/p/event-tasks/?past=1"), PressBeside("秋の星空観望会", "参加者"), See("すばる")],
    },
    Step { picture: "my-page", place: CLUB, who: Who::Member, size: WIDE, way: &[Open("/account"), See("ポイント")] },
    Step { picture: "society", place: SOCIETY, who: Who::Member, size: WIDE, way: &[Open("/account"), See("Points")] },
    Step { picture: "books", place: SOCIETY, who: Who::Staff, size: WIDE, way: &[Open("/admin/ledger"), See("Receivable")] },
];

impl Step {
    /// Goes the way and takes the picture: a PNG.
    pub async fn take(&self, window: &Window) -> Vec<u8> {
        window.open("/").await;
        let button = self.who.button(self.place);
        window.press(button).await;
        window.sees_within(".demo-bar [aria-current]", button).await;
        for step in self.way {
            match step {
                Open(path) => window.open(path).await,
                Follow(words) => window.follow(words).await,
                Fill(label, text) => window.fill(label, text).await,
                Tick(label) => window.tick(label).await,
                Press(label) => window.press(label).await,
                PressBeside(beside, label) => window.press_beside(beside, label).await,
                See(words) => window.sees(words).await,
                Down(words) => window.scroll_to_heading(words).await,
            }
        }
        window.view(self.size.1).await
    }
}

impl Who {
    fn button(self, place: usize) -> &'static str {
        match (place, self) {
            (CLUB, Self::Visitor) => "未ログイン",
            (CLUB, Self::Member) => "会員",
            (CLUB, Self::Staff) => "事務局",
            (_, Self::Visitor) => "Signed out",
            (_, Self::Member) => "Member",
            (_, Self::Staff) => "Staff",
        }
    }
}
