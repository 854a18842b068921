//! The number that payers put before their name: six digits that follow from the invoice, and a check digit, so that a
//! mistyped number is known as one.

use sha2::{Digest, Sha256};
use tsudoi_plugin::Id;

pub const LENGTH: usize = 7;

/// A totally anti-symmetric quasigroup of order 10: it finds every wrong digit and every two neighbours that changed places.
/// H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004, page 111.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// 0 for digits that end in their check digit.
fn check(digits: &str) -> u8 {
    digits.bytes().fold(0, |row, digit| DAMM[usize::from(row)][usize::from(digit.wrapping_sub(b'0') % 10)])
}

/// The number of an invoice. Where another invoice has it, the next try gives another one.
pub fn derive(invoice: &Id, attempt: u8) -> String {
    let digest = Sha256::new().chain_update(invoice.as_str()).chain_update([attempt]).finalize();
    let seed = digest.iter().take(8).fold(0_u64, |seed, byte| seed << 8 | u64::from(*byte));
    // None begins with a zero, which some forms would cut off.
    let digits = (100_000 + seed % 900_000).to_string();
    let check = check(&digits);
    format!("{digits}{check}")
}

/// The numbers that stand in what a payer wrote, in ASCII digits.
pub fn within(text: &str) -> Vec<&str> {
    let runs = text.split(|letter: char| !letter.is_ascii_digit());
    let mut codes: Vec<&str> = runs.filter(|run| run.len() == LENGTH && check(run) == 0).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u16) -> Id {
        Id::parse(&format!("01890a5d-ac96-774b-bcce-b302099a{n:04x}")).unwrap_or_else(|_| panic!("an id"))
    }

    #[test]
    fn the_check_digit_is_the_one_that_damm_gives() {
        assert_eq!(check("572"), 4);
        assert_eq!(check("5724"), 0);
    }

    #[test]
    fn one_wrong_digit_or_two_swapped_ones_are_noticed() {
        for n in 0..200 {
            let code = derive(&id(n), 0);
            assert_eq!((code.len(), within(&code)), (LENGTH, vec![code.as_str()]));
            for at in 0..LENGTH {
                for digit in b'0'..=b'9' {
                    let mut wrong = code.clone().into_bytes();
                    wrong[at] = digit;
                    let wrong = String::from_utf8(wrong).unwrap();
                    assert!(wrong == code || within(&wrong).is_empty(), "{code} {wrong}");
                }
                let mut swapped = code.clone().into_bytes();
                swapped.swap(at, (at + 1).min(LENGTH - 1));
                let swapped = String::from_utf8(swapped).unwrap();
                assert!(swapped == code || within(&swapped).is_empty(), "{code} {swapped}");
            }
        }
    }

    #[test]
    fn an_invoice_keeps_its_number_and_has_another_one_to_turn_to() {
        assert_eq!(derive(&id(1), 0), derive(&id(1), 0));
        assert_ne!(derive(&id(1), 0), derive(&id(1), 1));
        assert_ne!(derive(&id(1), 0), derive(&id(2), 0));
    }

    #[test]
    fn longer_digits_are_no_number() {
        let code = derive(&id(3), 0);
        assert!(within(&format!("0{code}ヤマダ")).is_empty());
        assert_eq!(within(&format!("ヤマダ {code} {code}")), [code.as_str()]);
    }
}
