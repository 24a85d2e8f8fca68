//! Tables in Markdown.

use std::fmt;

/// Columns as wide as they need to be; the first row is the head.
#[derive(Debug)]
pub(super) struct Table(Vec<Vec<String>>);

impl Table {
    pub(super) fn new<const N: usize>(head: [&str; N]) -> Self {
        Self(vec![head.map(str::to_owned).to_vec()])
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.push(Vec::from(cells));
    }
}

/// In Markdown, so that it can go into a document as it is.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.0.first().map_or(0, Vec::len);
        let length = |row: &Vec<String>, column: usize| {
            row.get(column).map_or(0, |cell| cell.chars().count())
        };
        let widths: Vec<_> = (0..columns)
            .map(|column| self.0.iter().map(|row| length(row, column)).max())
            .map(Option::unwrap_or_default)
            .collect();
        for (number, row) in self.0.iter().enumerate() {
            for (cell, width) in row.iter().zip(&widths) {
                write!(f, "| {cell:width$} ")?;
            }
            writeln!(f, "|")?;
            if number == 0 {
                for width in &widths {
                    write!(f, "|{}", "-".repeat(width + 2))?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_aligned() {
        let mut table = Table::new(["µs", "name"]);
        table.row(["1000".to_owned(), "a".to_owned()]);
        assert_eq!(
            table.to_string(),
            "| µs   | name |\n|------|------|\n| 1000 | a    |\n"
        );
    }
}
