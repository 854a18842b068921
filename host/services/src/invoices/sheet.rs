//! Documents as PDF files: what stands on each, in Japanese and English, with the fields of a qualified invoice (消費税法 第57条の4
//! 第1項): issuer and registration number, date, what was supplied with a mark on what has the reduced rate, the sum of each rate, its
//! tax, and the recipient.

use crate::visits::Visit;
use crate::{ServiceError, Services};
use serde_json::{Value, json};
use tsudoi_kernel::Locale;
use tsudoi_kernel::invoice::{InvoiceLine, Paper, PaperKind, tax, total};
use tsudoi_kernel::tax::{TaxGroup, TaxKind, rate_text};
use tsudoi_kernel::time::NaiveDate;
use tsudoi_render::paper::Sheet;
use uuid::Uuid;

/// A document as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperFile {
    /// `2026-0001.pdf`.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A paper in a language.
struct Words<'a> {
    services: &'a Services,
    locale: Locale,
    paper: &'a Paper,
}

impl Words<'_> {
    fn with(&self, key: &str, arguments: Value) -> String {
        self.services.parts.texts.message(self.locale, &format!("paper-{key}"), &arguments).unwrap_or_else(|| key.to_owned())
    }

    fn text(&self, key: &str) -> String {
        self.with(key, json!({}))
    }

    /// `invoice-title`, `receipt-title`, …
    fn own(&self, key: &str) -> String {
        let kind = match self.paper.kind {
            PaperKind::Invoice => "invoice",
            PaperKind::CreditNote => "credit-note",
            PaperKind::Receipt => "receipt",
        };
        self.text(&format!("{kind}-{key}"))
    }

    fn money(&self, minor: i64) -> String {
        self.paper.money(minor).shown(self.locale)
    }

    fn day(&self, day: NaiveDate) -> String {
        use chrono::Datelike;
        match self.locale {
            Locale::Ja => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Locale::En => day.format("%-d %B %Y").to_string(),
        }
    }

    /// Of a rate, or of a kind without tax.
    fn kind(&self, group: &TaxGroup) -> String {
        self.with(&format!("kind-{}", group.kind.as_str()), json!({ "rate": rate_text(group.rate) }))
    }

    fn facts(&self) -> Vec<(String, String)> {
        let paper = self.paper;
        let mut facts = vec![(self.text("number"), paper.number.clone()), (self.own("date"), self.day(paper.issued_on))];
        if let Some((number, day)) = &paper.about {
            facts.push((self.text("about"), self.with("about-value", json!({ "number": number, "date": self.day(*day) }))));
        }
        if paper.kind == PaperKind::Invoice {
            let period = if paper.period.is_empty() { self.day(paper.issued_on) } else { paper.period.clone() };
            facts.push((self.text("period"), period));
            facts.extend(paper.due_on.map(|day| (self.text("due"), self.day(day))));
        }
        facts
    }

    fn issuer(&self) -> Vec<String> {
        let issuer = &self.paper.issuer;
        let mut lines = vec![issuer.name.clone()];
        lines.extend(issuer.address.lines().map(str::to_owned));
        lines.extend(issuer.registration.as_ref().map(|number| self.with("registration", json!({ "number": number }))));
        lines
    }

    fn recipient(&self) -> Vec<String> {
        let recipient = &self.paper.recipient;
        let mut lines = vec![recipient.name.clone()];
        lines.extend(recipient.address.lines().map(str::to_owned));
        if !recipient.number.is_empty() {
            lines.push(self.with("member-number", json!({ "number": recipient.number })));
        }
        lines
    }

    fn row(&self, line: &InvoiceLine) -> [String; 4] {
        let mark = if line.kind == TaxKind::Reduced { self.text("reduced-mark") } else { String::new() };
        let quantity = format!("{}{}", crate::invoices::grouped(line.quantity), line.unit);
        let amount = line.price.saturating_mul(line.quantity);
        [format!("{}{mark}", line.name), quantity, self.money(line.price), self.money(amount)]
    }

    fn sheet(&self) -> Sheet {
        let paper = self.paper;
        let sum = paper.received.as_ref().map_or(total(&paper.groups), |(amount, _)| *amount);
        let inclusive = paper.rule.inclusive;
        let rate = |group: &TaxGroup| {
            let amount = if inclusive { group.gross() } else { group.net };
            let tax = if group.kind.is_taxed() { self.money(group.tax) } else { "–".to_owned() };
            [self.kind(group), self.money(amount), tax]
        };
        let mut totals = Vec::new();
        if !paper.groups.is_empty() {
            if !inclusive {
                totals.push((self.text("subtotal"), self.money(total(&paper.groups) - tax(&paper.groups))));
                totals.push((self.text("tax"), self.money(tax(&paper.groups))));
            }
            totals.push((self.text("total"), self.money(total(&paper.groups))));
            if inclusive {
                totals.push((self.text("tax-within"), self.money(tax(&paper.groups))));
            }
        }
        let mut remarks = Vec::new();
        if paper.has_reduced() {
            remarks.push(self.text("reduced-remark"));
        }
        let mut notes = Vec::new();
        if paper.kind == PaperKind::Invoice && !paper.issuer.bank.is_empty() {
            notes.push((self.text("bank"), paper.issuer.bank.clone()));
        }
        if !paper.note.is_empty() {
            notes.push((self.text("note"), paper.note.clone()));
        }
        let purpose = match &paper.received {
            Some((_, method)) => {
                let number = paper.about.as_ref().map(|(number, _)| number.as_str()).unwrap_or_default();
                let method = match method {
                    tsudoi_kernel::ledger::Method::Gateway(_) => self.text("method-gateway"),
                    by_hand => self.text(&format!("method-{by_hand}")),
                };
                let key = if paper.groups.is_empty() { "receipt-purpose-part" } else { "receipt-purpose" };
                self.with(key, json!({ "number": number, "method": method }))
            }
            None => String::new(),
        };
        Sheet {
            locale: self.locale,
            title: self.own("title"),
            facts: self.facts(),
            recipient: self.recipient(),
            issuer: self.issuer(),
            lead: self.own("lead"),
            sum: (self.own("sum"), self.money(sum)),
            purpose,
            heads: [
                "name",
                "quantity",
                if inclusive { "price-inclusive" } else { "price" },
                if inclusive { "amount-inclusive" } else { "amount" },
            ]
            .map(|head| self.text(head)),
            rows: paper.lines.iter().map(|line| self.row(line)).collect(),
            totals,
            rate_heads: ["rate", if inclusive { "rate-gross" } else { "rate-net" }, "rate-tax"].map(|head| self.text(head)),
            rates: paper.groups.iter().map(rate).collect(),
            remarks,
            notes,
        }
    }
}

impl Services {
    /// Sets a document, in another language than its own where one is asked for.
    async fn pdf(&self, paper: &Paper, locale: Option<Locale>) -> Result<PaperFile, ServiceError> {
        let sheet = Words { services: self, locale: locale.unwrap_or(paper.locale), paper }.sheet();
        let made = tokio::task::spawn_blocking(move || sheet.pdf()).await;
        let bytes =
            made.map_err(|error| ServiceError::Broken(error.to_string()))?.map_err(|error| ServiceError::Broken(error.to_string()))?;
        Ok(PaperFile { name: format!("{}.pdf", paper.number), bytes })
    }

    /// An issued invoice, for staff.
    pub async fn invoice_pdf(&self, visit: &Visit, id: Uuid, locale: Option<Locale>) -> Result<PaperFile, ServiceError> {
        let record = self.of(visit).invoice(id).await?.ok_or(ServiceError::NotFound)?;
        self.pdf(record.paper().ok_or(ServiceError::NotFound)?, locale).await
    }

    pub async fn credit_note_pdf(&self, visit: &Visit, id: Uuid, locale: Option<Locale>) -> Result<PaperFile, ServiceError> {
        let note = self.of(visit).credit_note(id).await?.ok_or(ServiceError::NotFound)?;
        self.pdf(&note.paper, locale).await
    }

    /// The receipt for a payment, for staff.
    pub async fn receipt_pdf(&self, visit: &Visit, id: Uuid, locale: Option<Locale>) -> Result<PaperFile, ServiceError> {
        let payment = self.of(visit).payment(id).await?.ok_or(ServiceError::NotFound)?;
        self.pdf(&payment.body.receipt, locale).await
    }

    /// A member's own invoice. Of anybody else's there is none.
    pub async fn own_invoice_pdf(&self, visit: &Visit, id: Uuid, locale: Option<Locale>) -> Result<PaperFile, ServiceError> {
        let record = self.of(visit).invoice(id).await?;
        let own = record.filter(|record| record.member.is_some() && record.member == Self::payer(visit)).ok_or(ServiceError::NotFound)?;
        self.pdf(own.paper().ok_or(ServiceError::NotFound)?, locale).await
    }

    /// The receipt for a member's own payment.
    pub async fn own_receipt_pdf(&self, visit: &Visit, id: Uuid, locale: Option<Locale>) -> Result<PaperFile, ServiceError> {
        let payment = self.of(visit).payment(id).await?;
        let own =
            payment.filter(|payment| payment.member.is_some() && payment.member == Self::payer(visit)).ok_or(ServiceError::NotFound)?;
        self.pdf(&own.body.receipt, locale).await
    }
}
