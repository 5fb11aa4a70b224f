//! Curves over a logarithmic axis of workers, as an SVG.

use std::fmt::Write;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 48.0;
const COLOURS: [&str; 4] = ["#1b6ca8", "#2a9d56", "#d98e04", "#b8336a"];

/// One diagram.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    /// Lowest value of the vertical axis.
    pub(crate) from: f64,
    pub(crate) curves: Vec<Curve>,
}

/// One line in it.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// The diagrams, side by side.
pub(crate) fn svg(panels: &[Panel]) -> String {
    let width = panels.len() as f64 * (WIDTH + 2.0 * MARGIN);
    let height = HEIGHT + 2.0 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (index, panel) in panels.iter().enumerate() {
        let x = index as f64 * (WIDTH + 2.0 * MARGIN) + MARGIN;
        // Writing to a string cannot fail.
        let _ = writeln!(out, "<g transform=\"translate({x} {MARGIN})\">");
        draw(&mut out, panel);
        out.push_str("</g>\n");
    }
    out + "</svg>\n"
}

fn draw(out: &mut String, panel: &Panel) {
    let points = || panel.curves.iter().flat_map(|curve| &curve.points);
    let most = points().map(|point| point.0).fold(1.0, f64::max);
    let top = round_up(points().map(|point| point.1).fold(panel.from, f64::max));
    let x = |workers: f64| WIDTH * workers.ln() / most.ln();
    let y = |value: f64| HEIGHT * (1.0 - (value - panel.from) / (top - panel.from));
    let title = panel.title;
    let _ = writeln!(out, "<text y=\"-12\" font-size=\"13\">{title}</text>");
    for step in 0..=4 {
        let value = panel.from + (top - panel.from) * f64::from(step) / 4.0;
        let at = y(value);
        let _ = writeln!(out, "<path d=\"M0 {at:.1}H{WIDTH}\" stroke=\"#ddd\"/>");
        let _ = writeln!(out, "<text x=\"-6\" y=\"{at:.1}\" text-anchor=\"end\">{value}</text>");
    }
    if let Some(first) = panel.curves.first() {
        for (workers, _) in &first.points {
            let (at, below) = (x(*workers), HEIGHT + 16.0);
            let _ = writeln!(
                out,
                "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{workers}</text>"
            );
        }
    }
    let below = HEIGHT + 32.0;
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{below}\" text-anchor=\"middle\">workers</text>",
        WIDTH / 2.0
    );
    for (number, (curve, colour)) in panel.curves.iter().zip(COLOURS).enumerate() {
        let line: Vec<_> =
            curve.points.iter().map(|p| format!("{:.1},{:.1}", x(p.0), y(p.1))).collect();
        let (line, at) = (line.join(" "), 14.0 * number as f64);
        let _ = writeln!(
            out,
            "<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\
             <text x=\"8\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
            HEIGHT - 60.0 + at,
            curve.name
        );
    }
}

/// The next number of one digit and zeros.
fn round_up(value: f64) -> f64 {
    let unit = 10f64.powf(value.max(1e-9).log10().floor());
    (value / unit).ceil() * unit
}
