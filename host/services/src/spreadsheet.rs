//! Files for spreadsheets: CSV (RFC 4180), in UTF-8 with a mark at the beginning, by which spreadsheets know it.

use crate::ServiceError;

pub struct Spreadsheet(csv::Writer<Vec<u8>>);

impl Default for Spreadsheet {
    fn default() -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![0xEF, 0xBB, 0xBF]))
    }
}

fn broken(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Broken(error.to_string())
}

impl Spreadsheet {
    /// Cells as they are: what people typed goes through [`harmless`] first.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), ServiceError> {
        self.0.write_record(cells.into_iter().map(String::into_bytes)).map_err(|error| broken(&error))
    }

    pub fn finish(self) -> Result<Vec<u8>, ServiceError> {
        self.0.into_inner().map_err(|error| broken(&error))
    }
}

/// A spreadsheet takes what begins so for a formula: with an apostrophe in front it is text.
pub fn harmless(text: String) -> String {
    if text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
