//! A plot, as SVG: bars for the middle of the rounds, with a line from the least to the most.

use super::spread::Spread;
use std::fmt::Write;

const ROW: f64 = 34.0;
const TOP: f64 = 48.0;
const LABELS: f64 = 90.0;
const BARS: f64 = 460.0;
/// For the number after a bar.
const NUMBERS: f64 = 90.0;

/// Reads well on white and on black.
const STYLE: &str = "text{font:14px system-ui,sans-serif;fill:#808080}\
    rect{fill:#2f81f7}line{stroke:#f0883e;stroke-width:2}";

/// One bar per entry, in this order, under the title.
pub(super) fn bars(title: &str, entries: &[(&str, Spread)]) -> String {
    let longest = entries
        .iter()
        .map(|(_, spread)| spread.most)
        .fold(1.0, f64::max);
    let width = LABELS + BARS + NUMBERS;
    let mut y = TOP;
    let mut rows = String::new();
    for (name, spread) in entries {
        let at = |value: f64| LABELS + BARS * value / longest;
        let Spread {
            median,
            least,
            most,
        } = *spread;
        let (middle, text) = (y + ROW / 2.0 - 4.0, y + ROW / 2.0 + 1.0);
        // Writing to a string cannot fail.
        let _written = writeln!(
            rows,
            "<text x=\"{}\" y=\"{text:.0}\" text-anchor=\"end\">{name}</text>\
            <rect x=\"{LABELS}\" y=\"{y:.0}\" width=\"{:.1}\" height=\"{:.0}\"/>\
            <line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle:.0}\" y2=\"{middle:.0}\"/>\
            <text x=\"{:.1}\" y=\"{text:.0}\">{median:.0}</text>",
            LABELS - 8.0,
            BARS * median / longest,
            ROW - 8.0,
            at(least),
            at(most),
            at(most) + 8.0,
        );
        y += ROW;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {y:.0}\" role=\"img\">\n\
        <title>{title}</title>\n<style>{STYLE}</style>\n\
        <text x=\"8\" y=\"24\">{title}</text>\n{rows}</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_as_long_as_there_is_place() {
        let spread = |value| Spread::of([value]).unwrap();
        let svg = bars("reads", &[("a", spread(50.0)), ("b", spread(200.0))]);
        assert!(svg.contains("width=\"115.0\""), "{svg}");
        assert!(svg.contains("width=\"460.0\""), "{svg}");
        assert!(svg.contains(">200</text>"), "{svg}");
    }
}
