//! A screen of cells as an SVG.

use crate::shape::{self, Shape};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// A cell's width in the picture's units.
pub(crate) const WIDTH: f32 = 10.0;
/// A cell's height in the picture's units.
pub(crate) const HEIGHT: f32 = 20.0;
/// Around the screen.
const MARGIN: f32 = 12.0;
/// From a cell's top to the line that letters stand on.
const BASELINE: f32 = 15.0;

/// What a terminal shows where the program names no colour.
const FOREGROUND: Rgb = Rgb(0xd0, 0xd4, 0xdc);
const BACKGROUND: Rgb = Rgb(0x10, 0x13, 0x18);

/// The sixteen named colours, as xterm has them.
const NAMED: [u32; 16] = [
    0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f, 0xff_0000, 0x00_ff00,
    0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rgb(u8, u8, u8);

/// The parts of a picture; what has the same colour is one path.
#[derive(Default)]
struct Picture {
    grounds: BTreeMap<Rgb, String>,
    blocks: BTreeMap<Rgb, String>,
    thin: BTreeMap<Rgb, String>,
    thick: BTreeMap<Rgb, String>,
    texts: String,
}

/// Neighbouring characters of one look.
struct Run {
    x: f32,
    columns: u16,
    text: String,
    color: Rgb,
    bold: bool,
    italic: bool,
}

/// The screen as a picture of itself; it asks for no font but a monospaced one.
pub(crate) fn draw(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let mut picture = Picture::default();
    for row in 0..rows {
        picture.row(screen, row, columns);
    }
    let (width, height) = (f32::from(columns) * WIDTH + 2.0 * MARGIN, f32::from(rows) * HEIGHT + 2.0 * MARGIN);
    // The margin continues the screen's own ground.
    let ground = screen.cell(0, 0).map_or(BACKGROUND, |cell| rgb(cell.bgcolor(), BACKGROUND)).hex();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{ground}\"/>\n\
         <g transform=\"translate({MARGIN} {MARGIN})\" font-size=\"16.6\" style=\"font-variant-ligatures:none\" xml:space=\"preserve\" \
         font-family=\"ui-monospace,'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace\">\n"
    );
    for paths in [&picture.grounds, &picture.blocks] {
        group(&mut svg, paths, "shape-rendering=\"crispEdges\"", "fill");
    }
    group(&mut svg, &picture.thin, "fill=\"none\" stroke-width=\"1.3\"", "stroke");
    group(&mut svg, &picture.thick, "fill=\"none\" stroke-width=\"4\"", "stroke");
    svg + &picture.texts + "</g>\n</svg>\n"
}

fn group(svg: &mut String, paths: &BTreeMap<Rgb, String>, look: &str, paint: &str) {
    let _ = writeln!(svg, "<g {look}>");
    for (color, path) in paths {
        let _ = writeln!(svg, "<path {paint}=\"{}\" d=\"{path}\"/>", color.hex());
    }
    svg.push_str("</g>\n");
}

impl Picture {
    fn row(&mut self, screen: &Screen, row: u16, columns: u16) {
        let y = f32::from(row) * HEIGHT;
        let mut ground: Option<(Rgb, u16)> = None;
        let mut run: Option<Run> = None;
        let first = screen.cell(0, 0).map_or(BACKGROUND, |cell| rgb(cell.bgcolor(), BACKGROUND));
        // One further than the row, so that what is open there is closed.
        for column in 0..=columns {
            let cell = screen.cell(row, column).filter(|_| column < columns);
            let color = cell.map(|cell| colors(cell).1);
            if let Some((open, from)) = ground
                && color != Some(open)
            {
                if open != first {
                    let width = f32::from(column - from) * WIDTH;
                    self.grounds.entry(open).or_default().push_str(&shape::rectangle(f32::from(from) * WIDTH, y, width, HEIGHT));
                }
                ground = None;
            }
            if ground.is_none() {
                ground = color.map(|color| (color, column));
            }
            let Some(cell) = cell else { break };
            self.cell(cell, column, y, &mut run);
        }
        self.close(run, y);
    }

    fn cell(&mut self, cell: &Cell, column: u16, y: f32, run: &mut Option<Run>) {
        let (color, ground) = colors(cell);
        let x = f32::from(column) * WIDTH;
        let text = cell.contents();
        let Some(c) = text.chars().next().filter(|c| *c != ' ') else {
            // A single blank joins words of one look; a second one ends the run.
            match run.take() {
                Some(mut open) if !open.text.ends_with(' ') && !cell.is_wide_continuation() => {
                    open.text.push(' ');
                    open.columns += 1;
                    *run = Some(open);
                }
                open => self.close(open, y),
            }
            return;
        };
        if cell.underline() {
            let _ = write!(self.thin.entry(color).or_default(), "M{x} {}h{WIDTH}", y + BASELINE + 2.5);
        }
        match shape::of(c, x, y) {
            Some(shape) => {
                self.close(run.take(), y);
                match shape {
                    Shape::Filled(path) => self.blocks.entry(color).or_default().push_str(&path),
                    Shape::Shade(quarters) => {
                        let color = color.over(ground, f32::from(quarters) / 4.0);
                        self.blocks.entry(color).or_default().push_str(&shape::rectangle(x, y, WIDTH, HEIGHT));
                    }
                    Shape::Lines { thin, thick } => {
                        for (path, paths) in [(thin, &mut self.thin), (thick, &mut self.thick)] {
                            if !path.is_empty() {
                                paths.entry(color).or_default().push_str(&path);
                            }
                        }
                    }
                }
            }
            // Often from another font, and of another width: by itself, in the middle of its cell.
            None if !c.is_ascii() => {
                self.close(run.take(), y);
                let middle = x + if cell.is_wide() { WIDTH } else { WIDTH / 2.0 };
                let _ = writeln!(
                    self.texts,
                    "<text x=\"{middle}\" y=\"{}\" fill=\"{}\" text-anchor=\"middle\"{}>{text}</text>",
                    y + BASELINE,
                    color.hex(),
                    weight(cell.bold(), cell.italic()),
                );
            }
            None => {
                let fits =
                    run.as_ref().is_some_and(|open| (open.color, open.bold, open.italic) == (color, cell.bold(), cell.italic()));
                if !fits {
                    self.close(run.take(), y);
                }
                let open = run.get_or_insert_with(|| Run {
                    x,
                    columns: 0,
                    text: String::new(),
                    color,
                    bold: cell.bold(),
                    italic: cell.italic(),
                });
                open.text.push_str(text);
                open.columns += 1;
            }
        }
    }

    fn close(&mut self, run: Option<Run>, y: f32) {
        let Some(run) = run else { return };
        let text = run.text.trim_end();
        let columns = run.columns - (run.text.len() - text.len()) as u16;
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // The length holds columns in place, whatever font there is.
        let _ = writeln!(
            self.texts,
            "<text x=\"{}\" y=\"{}\" fill=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"{}>{text}</text>",
            run.x,
            y + BASELINE,
            run.color.hex(),
            f32::from(columns) * WIDTH,
            weight(run.bold, run.italic),
        );
    }
}

fn weight(bold: bool, italic: bool) -> String {
    let mut attributes = String::new();
    if bold {
        attributes.push_str(" font-weight=\"bold\"");
    }
    if italic {
        attributes.push_str(" font-style=\"italic\"");
    }
    attributes
}

/// The colours of the character and of its ground, as they are seen.
fn colors(cell: &Cell) -> (Rgb, Rgb) {
    let (mut color, mut ground) = (rgb(cell.fgcolor(), FOREGROUND), rgb(cell.bgcolor(), BACKGROUND));
    if cell.inverse() {
        (color, ground) = (ground, color);
    }
    if cell.dim() {
        color = color.over(ground, 0.6);
    }
    (color, ground)
}

fn rgb(color: Color, default: Rgb) -> Rgb {
    match color {
        Color::Default => default,
        Color::Rgb(red, green, blue) => Rgb(red, green, blue),
        Color::Idx(index @ 0..16) => {
            let [_, red, green, blue] = NAMED[usize::from(index)].to_be_bytes();
            Rgb(red, green, blue)
        }
        // A cube of six steps, then 24 greys.
        Color::Idx(index @ 16..232) => {
            let step = |part: u8| if part == 0 { 0 } else { 55 + part * 40 };
            let index = index - 16;
            Rgb(step(index / 36), step(index / 6 % 6), step(index % 6))
        }
        Color::Idx(index) => {
            let grey = 8 + (index - 232) * 10;
            Rgb(grey, grey, grey)
        }
    }
}

impl Rgb {
    fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// This colour over another, opaque to this part.
    fn over(self, ground: Self, part: f32) -> Self {
        let mix = |top: u8, below: u8| (f32::from(top) * part + f32::from(below) * (1.0 - part)).round() as u8;
        Self(mix(self.0, ground.0), mix(self.1, ground.1), mix(self.2, ground.2))
    }
}
