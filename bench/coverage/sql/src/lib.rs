//! A parser of SQL.

use sqlparser::{dialect::GenericDialect, parser::Parser};

pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parser = Parser::new(&GenericDialect {}).with_recursion_limit(20).try_with_sql(text);
    if let Ok(statements) = parser.and_then(|mut parser| parser.parse_statements()) {
        let _ = statements.iter().map(ToString::to_string).collect::<Vec<_>>();
    }
}
