//! The start shop's regulars. Nobody real.

/// Name, e-mail, telephone, city.
pub(crate) const PEOPLE: &[(&str, &str, &str, &str)] = &[
    ("Ada Whitcombe", "ada.whitcombe@example.com", "+12025550101", "Providence"),
    ("Bruno Castellano", "bruno.castellano@example.com", "+12025550102", "Cranston"),
    ("Carmen Oyelaran", "carmen.oyelaran@example.com", "+12025550103", "Providence"),
    ("Dmitri Havel", "dmitri.havel@example.com", "+12025550104", "Pawtucket"),
    ("Esther Nakamura", "esther.nakamura@example.com", "+12025550105", "Warwick"),
    ("Farid Benhaddou", "farid.benhaddou@example.com", "+12025550106", "Providence"),
    ("Greta Lindqvist", "greta.lindqvist@example.com", "+12025550107", "Newport"),
    ("Hugo Marchetti", "hugo.marchetti@example.com", "+12025550108", "Bristol"),
    ("Imani Okafor", "imani.okafor@example.com", "+12025550109", "Providence"),
    ("Jonas Feldt", "jonas.feldt@example.com", "+12025550110", "East Greenwich"),
    ("Keiko Abernathy", "keiko.abernathy@example.com", "+12025550111", "Providence"),
    ("Lorenzo Quade", "lorenzo.quade@example.com", "+12025550112", "Cranston"),
];
