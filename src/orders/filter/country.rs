//! Countries under the names that people and stores give them.

use super::fold::Needle;

/// ISO code, name, and other names in use.
const NAMES: &[(&str, &str, &[&str])] = &[
    ("AE", "United Arab Emirates", &["uae"]),
    ("AR", "Argentina", &[]),
    ("AT", "Austria", &[]),
    ("AU", "Australia", &[]),
    ("BE", "Belgium", &[]),
    ("BH", "Bahrain", &[]),
    ("BR", "Brazil", &[]),
    ("CA", "Canada", &[]),
    ("CH", "Switzerland", &[]),
    ("CL", "Chile", &[]),
    ("CN", "China", &[]),
    ("CY", "Cyprus", &[]),
    ("CZ", "Czech Republic", &["czechia"]),
    ("DE", "Germany", &[]),
    ("DK", "Denmark", &[]),
    ("EE", "Estonia", &[]),
    ("ES", "Spain", &[]),
    ("FI", "Finland", &[]),
    ("FR", "France", &[]),
    ("GB", "United Kingdom", &["uk", "great britain", "britain"]),
    ("GR", "Greece", &[]),
    ("HK", "Hong Kong", &[]),
    ("HU", "Hungary", &[]),
    ("IE", "Ireland", &["eire"]),
    ("IL", "Israel", &[]),
    ("IN", "India", &[]),
    ("IS", "Iceland", &[]),
    ("IT", "Italy", &[]),
    ("JP", "Japan", &[]),
    ("KR", "South Korea", &["korea"]),
    ("LB", "Lebanon", &[]),
    ("LT", "Lithuania", &[]),
    ("LU", "Luxembourg", &[]),
    ("LV", "Latvia", &[]),
    ("MT", "Malta", &[]),
    ("MX", "Mexico", &[]),
    ("NL", "Netherlands", &["holland"]),
    ("NO", "Norway", &[]),
    ("NZ", "New Zealand", &[]),
    ("PL", "Poland", &[]),
    ("PT", "Portugal", &[]),
    ("RO", "Romania", &[]),
    ("SA", "Saudi Arabia", &[]),
    ("SE", "Sweden", &[]),
    ("SG", "Singapore", &[]),
    ("SK", "Slovakia", &[]),
    ("TH", "Thailand", &[]),
    ("TR", "Turkey", &["turkiye"]),
    ("US", "United States", &["usa", "united states of america"]),
    ("ZA", "South Africa", &["rsa"]),
];

/// Whether `text`, a country as a source names it, is meant by `asked`: it begins with it, or both
/// are names of one country (a name may be cut short to three letters or more).
pub fn is_meant(asked: &Needle, text: &str) -> bool {
    asked.starts(text)
        || NAMES.iter().any(|(code, name, others)| {
            let same = |other: &str| other.eq_ignore_ascii_case(text);
            (same(code) || same(name) || others.iter().any(|other| same(other)))
                && (asked.is(code)
                    || others.iter().any(|other| asked.is(other))
                    || (asked.as_str().len() >= 3 && asked.starts(name)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_country_answers_to_all_its_names() {
        for asked in ["uk", "GB", "united k", "Britain"] {
            assert!(is_meant(&Needle::new(asked), "United Kingdom"), "{asked}");
            assert!(is_meant(&Needle::new(asked), "gb"), "{asked}");
        }
        assert!(is_meant(&Needle::new("usa"), "US"));
        assert!(is_meant(&Needle::new("ireland"), "EIRE"));
        assert!(is_meant(&Needle::new("ger"), "DE"));
        assert!(!is_meant(&Needle::new("uk"), "Ukraine".get(2..).unwrap_or("")));
        assert!(!is_meant(&Needle::new("fr"), "DE"));
    }
}
