//! A thread's pages: posts have numbers that never change, so a page is a stretch of numbers and its address stays
//! good when other posts go.

use serde::Serialize;

/// Posts on a page of a thread, and threads on a page of a board.
pub const PER_PAGE: u32 = 20;

/// Which page of a thread, and which others there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Paging {
    pub current: u32,
    pub last: u32,
    pub previous: Option<u32>,
    pub next: Option<u32>,
}

impl Paging {
    /// `asked` is what the address says; what makes no sense is the first page, what lies beyond the end the last.
    pub fn of_thread(asked: Option<&str>, last_number: u32) -> Self {
        let last = page_of(last_number.max(1));
        let current = asked.and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, last);
        Self { current, last, previous: (current > 1).then(|| current - 1), next: (current < last).then(|| current + 1) }
    }

    /// The numbers on the page: more than the first, up to the second.
    pub fn numbers(self) -> (u32, u32) {
        ((self.current - 1) * PER_PAGE, self.current * PER_PAGE)
    }
}

/// The page on which a post stands.
pub fn page_of(number: u32) -> u32 {
    number.saturating_sub(1) / PER_PAGE + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_post_begins_the_second_page() {
        assert_eq!((page_of(1), page_of(20), page_of(21), page_of(41)), (1, 1, 2, 3));
        assert_eq!(Paging::of_thread(Some("2"), 21).numbers(), (20, 40));
    }

    #[test]
    fn there_is_nothing_before_the_first_page_nor_after_the_last() {
        let only = Paging::of_thread(None, 20);
        assert_eq!((only.current, only.last, only.previous, only.next), (1, 1, None, None));
        let middle = Paging::of_thread(Some("2"), 60);
        assert_eq!((middle.previous, middle.next), (Some(1), Some(3)));
    }

    #[test]
    fn a_page_that_does_not_exist_is_the_nearest_that_does() {
        assert_eq!(Paging::of_thread(Some("99"), 41).current, 3);
        for odd in ["0", "-1", "x", "4294967296"] {
            assert_eq!(Paging::of_thread(Some(odd), 41).current, 1, "{odd}");
        }
    }
}
