//! sqlparser=0.9.0: stack overflow: nested parentheses (sqlparser-rs#305).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let _ = sqlparser::parser::Parser::parse_sql(&sqlparser::dialect::GenericDialect {}, s);
}
