//! Coverage in the format of Cobertura, which GitLab and Azure Pipelines read.
//!
//! Counters say whether, and not how often, so a line has 1 hit or 0. The points of a line that was
//! not executed with all of them are told as its conditions.
//! Source: <https://cobertura.sourceforge.net/xml/coverage-04.dtd>.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Coverage, File, Line, Totals};
use crate::report::quoted;

const HEAD: &str = "<?xml version=\"1.0\"?>
<!DOCTYPE coverage SYSTEM \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">
";

/// The content of a file. Paths in it are relative to the folder `source`; `time` is in seconds since
/// 1970.
pub(crate) fn cobertura(coverage: &Coverage, source: &str, time: u64) -> String {
    let mut folders: BTreeMap<&str, Vec<(&str, &File)>> = BTreeMap::new();
    for (name, file) in &coverage.files {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        folders.entry(folder).or_default().push((name, file));
    }
    let totals = coverage.totals();
    let mut xml = format!(
        "{HEAD}<coverage {} lines-covered=\"{}\" lines-valid=\"{}\" branches-covered=\"0\" \
         branches-valid=\"0\" version=\"0\" timestamp=\"{time}\">\n  <sources><source>{}</source>\
         </sources>\n  <packages>\n",
        rates(&totals),
        totals.lines_executed,
        totals.lines,
        crate::report::escaped(source),
    );
    folders.into_iter().for_each(|(folder, files)| package(&mut xml, folder, &files));
    xml + "  </packages>\n</coverage>\n"
}

/// The files of a folder.
fn package(xml: &mut String, folder: &str, files: &[(&str, &File)]) {
    let totals = files.iter().map(|(_, file)| file.totals()).fold(Totals::default(), Totals::plus);
    let (name, rates_of_all) = (quoted(folder), rates(&totals));
    let _ = writeln!(xml, "    <package name={name} {rates_of_all}>\n      <classes>");
    for (path, file) in files {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (name, path, rates) = (quoted(name), quoted(path), rates(&file.totals()));
        let _ = writeln!(xml, "        <class name={name} filename={path} {rates}>");
        *xml += "          <methods/>\n          <lines>\n";
        file.lines().into_iter().for_each(|(number, state)| line(xml, file, number, state));
        *xml += "          </lines>\n        </class>\n";
    }
    *xml += "      </classes>\n    </package>\n";
}

fn line(xml: &mut String, file: &File, number: u32, state: Line) {
    let hits = u8::from(state.is_executed());
    let conditions = match state {
        Line::Executed | Line::Unexecuted => "branch=\"false\"".to_owned(),
        Line::Partial => {
            let points = || file.points.range((number, 0)..(number + 1, 0));
            let (all, hit) =
                (points().count(), points().filter(|(_, point)| point.is_hit()).count());
            let percent = 100 * hit / all;
            format!("branch=\"true\" condition-coverage=\"{percent}% ({hit}/{all})\"")
        }
    };
    let _ = writeln!(xml, "            <line number=\"{number}\" hits=\"{hits}\" {conditions}/>");
}

/// What every level has. There are no branches of which all sides are known.
fn rates(totals: &Totals) -> String {
    let rate = totals.lines_executed as f64 / totals.lines.max(1) as f64;
    format!("line-rate=\"{rate:.4}\" branch-rate=\"0\" complexity=\"0\"")
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn every_known_line_has_its_hits() {
        insta::assert_snapshot!(cobertura(&sample(), "/w & co", 7));
    }
}
