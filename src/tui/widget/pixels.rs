//! The plot of a chart in pixels: the same columns and heights as in cells, finer.

use super::candlestick::{Shape, Step, body_columns, places};
use super::scale::Scale;
use crate::tui::theme::rgb;
use image::{Rgba, RgbaImage};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

/// What a plot shows; two that are equal give the same picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scene {
    /// Columns and rows of the plot.
    pub(crate) size: (u16, u16),
    /// Pixels of a cell, across and down.
    pub(crate) cell: (u16, u16),
    /// Oldest first.
    pub(crate) steps: Vec<Step>,
    /// Columns per step.
    pub(crate) cells: u16,
    pub(crate) shape: Shape,
    pub(crate) scale: Scale,
    /// The background; transparent where it is the terminal's own.
    pub(crate) screen: Style,
    pub(crate) rising: Style,
    pub(crate) falling: Style,
    /// Lines over the candles, each with a price for every step that has one.
    pub(crate) lines: Vec<(Style, Vec<Option<f64>>)>,
    /// Prices with a line from side to side.
    pub(crate) levels: Vec<(Style, f64)>,
    /// Steps with a line from top to bottom.
    pub(crate) uprights: Vec<(Style, usize)>,
    /// Where a measure begins: its step and price.
    pub(crate) mark: Option<(Style, usize, f64)>,
}

/// Where the theme has no colour: readable on dark and on light.
const PLAIN: [u8; 3] = [0x90, 0x90, 0x90];
/// From this width on, in pixels, a rising body is a frame.
const FRAME_FROM: i32 = 6;

impl Scene {
    /// Whether a picture of `other` stands in the same place on the same ground.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        (self.size, self.cell, self.screen) == (other.size, other.cell, other.screen)
    }

    /// Paints it.
    ///
    /// ```text
    ///   rising   ┃    falling   ┃     gap  ╱╱╱  queued
    ///          ┏━┻━┓          ┏━┻━┓        ╲╲╲  explained
    ///          ┃   ┃          ┃███┃
    ///          ┗━┳━┛          ┗━┳━┛
    /// ```
    pub(crate) fn paint(&self) -> RgbaImage {
        let (width, height) = self.pixels();
        let ground = self.screen.bg.and_then(rgb).map_or(Rgba([0; 4]), opaque);
        let mut canvas = Canvas { image: RgbaImage::from_pixel(width, height, ground), height: height as i32 };
        let thin = i32::from(self.cell.0 / 8).max(1);
        for (style, price) in &self.levels {
            let y = self.y(*price) as i32;
            for x in (0..width as i32).filter(|x| x / (2 * thin) % 2 == 0) {
                canvas.fill(x, y, 1, 1, ink(*style));
            }
        }
        for (n, (x, step)) in self.places().enumerate() {
            self.step(&mut canvas, x, step, thin);
            for (style, _) in self.uprights.iter().filter(|(_, at)| *at == n) {
                for y in (0..canvas.height).filter(|y| y / (2 * thin) % 2 == 0) {
                    canvas.fill(x + self.body() / 2, y, 1, 1, ink(*style));
                }
            }
        }
        for (style, prices) in &self.lines {
            self.line(&mut canvas, ink(*style), prices, thin + 1);
        }
        if let Some((style, at, price)) = self.mark
            && let Some((x, _)) = self.places().nth(at)
        {
            let (x, y, reach) = (x + self.body() / 2, self.y(price) as i32, 2 * thin + 1);
            for dy in -reach..=reach {
                let half = reach - dy.abs();
                canvas.fill(x - half, y + dy, 2 * half + 1, 1, ink(style));
            }
        }
        canvas.image
    }

    /// Pixels of the picture, across and down.
    fn pixels(&self) -> (u32, u32) {
        let of = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels);
        (of(self.size.0, self.cell.0), of(self.size.1, self.cell.1))
    }

    /// Steps with their left pixels.
    fn places(&self) -> impl Iterator<Item = (i32, &Step)> {
        let area = Rect::new(0, 0, self.size.0, self.size.1);
        places(&self.steps, self.cells, area).map(|(x, step)| (x * i32::from(self.cell.0), step))
    }

    /// Pixels of a body; those that follow each other do not touch.
    fn body(&self) -> i32 {
        let cell = i32::from(self.cell.0);
        if self.cells <= 1 { (cell - (cell / 4).max(1)).max(1) } else { body_columns(self.cells) * cell }
    }

    /// The height of a price in pixels from the top; one outside lies outside, no further than a picture away.
    fn y(&self, price: f64) -> f64 {
        let edge = f64::from(self.pixels().1);
        self.scale.place(price, self.cell.1).clamp(-edge, 2.0 * edge)
    }

    fn step(&self, canvas: &mut Canvas, x: i32, step: &Step, thin: i32) {
        let cell = (i32::from(self.cell.0), i32::from(self.cell.1));
        match *step {
            Step::Empty => {}
            Step::Gap { style, explained } => {
                let width = i32::from(self.cells) * cell.0;
                canvas.hatch((x, 0, width, canvas.height), cell.0.max(4), explained, ink(style));
            }
            Step::Candle { open, high, low, close, rising, partial } => {
                if let Some(style) = partial {
                    let left = x + (self.body() - cell.0) / 2;
                    canvas.hatch((left, canvas.height - cell.1 / 2, cell.0, cell.1 / 2), (cell.0 / 2).max(3), false, ink(style));
                }
                let color = ink(if rising { self.rising } else { self.falling });
                let [open, high, low, close] = [open, high, low, close].map(|price| self.y(price) as i32);
                let body = self.body();
                let wick = x + (body - thin) / 2;
                let (top, bottom) = (open.min(close), open.max(close));
                match self.shape {
                    Shape::Hidden => {}
                    Shape::Bars => {
                        canvas.fill(wick, high, thin, low - high + 1, color);
                        canvas.fill(x, open, wick - x, thin, color);
                        canvas.fill(wick + thin, close, x + body - wick - thin, thin, color);
                    }
                    Shape::Candles => {
                        canvas.fill(wick, high, thin, top - high, color);
                        canvas.fill(wick, bottom + 1, thin, low - bottom, color);
                        if rising && body >= FRAME_FROM && bottom - top > 2 * thin {
                            canvas.fill(x, top, body, thin, color);
                            canvas.fill(x, bottom + 1 - thin, body, thin, color);
                            canvas.fill(x, top, thin, bottom - top + 1, color);
                            canvas.fill(x + body - thin, top, thin, bottom - top + 1, color);
                        } else {
                            canvas.fill(x, top, body, bottom - top + 1, color);
                        }
                    }
                }
            }
        }
    }

    /// Joins the prices of steps that follow each other; one that is missing breaks the line.
    fn line(&self, canvas: &mut Canvas, color: Rgba<u8>, prices: &[Option<f64>], thick: i32) {
        let edge = f64::from(self.pixels().1);
        let mut before: Option<(i32, f64)> = None;
        for ((x, _), price) in self.places().zip(prices) {
            // Far outside is as good as just outside, and does not draw for ever.
            let place = |price| self.scale.place(price, self.cell.1).clamp(-edge, 2.0 * edge);
            let here = price.filter(|price| price.is_finite()).map(|price| (x + self.body() / 2, place(price)));
            if let Some((x1, y1)) = here {
                let (x0, y0) = before.unwrap_or((x1 - 1, y1));
                let slope = (y1 - y0) / f64::from((x1 - x0).max(1));
                for x in x0..x1 {
                    let from = y0 + slope * f64::from(x - x0);
                    let to = from + slope;
                    let (top, bottom) = (from.min(to) as i32, from.max(to) as i32);
                    canvas.fill(x, top, 1, bottom - top + thick, color);
                }
            }
            before = here;
        }
    }
}

fn opaque([r, g, b]: [u8; 3]) -> Rgba<u8> {
    Rgba([r, g, b, 255])
}

fn ink(style: Style) -> Rgba<u8> {
    opaque(rgb(style.fg.unwrap_or(Color::Reset)).unwrap_or(PLAIN))
}

struct Canvas {
    image: RgbaImage,
    height: i32,
}

impl Canvas {
    /// A rectangle; what lies outside is cut.
    fn fill(&mut self, x: i32, y: i32, width: i32, height: i32, color: Rgba<u8>) {
        let right = (x + width).min(self.image.width() as i32);
        let bottom = (y + height).min(self.height);
        for y in y.max(0)..bottom {
            for x in x.max(0)..right {
                self.image.put_pixel(x as u32, y as u32, color);
            }
        }
    }

    /// Slanted lines, `apart` pixels from each other; those of neighbours meet.
    fn hatch(&mut self, (x, y, width, height): (i32, i32, i32, i32), apart: i32, falling: bool, color: Rgba<u8>) {
        for y in y..y + height {
            for x in x..x + width {
                let slant = if falling { x - y } else { x + y };
                if slant.rem_euclid(apart) < (apart / 4).max(1) {
                    self.fill(x, y, 1, 1, color);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::widget::scale::Scale;

    const GREEN: Color = Color::Rgb(0, 200, 0);
    const RED: Color = Color::Rgb(200, 0, 0);
    const GROUND: Color = Color::Rgb(1, 2, 3);

    /// Ten rows of ten pixels from price 100 to 0: a pixel is a unit.
    fn scene(steps: Vec<Step>, cells: u16) -> Scene {
        Scene {
            size: (steps.len() as u16 * cells, 10),
            cell: (8, 10),
            steps,
            cells,
            shape: Shape::Candles,
            scale: Scale::between(0.0, 100.0, 10),
            screen: Style::new().bg(GROUND),
            rising: Style::new().fg(GREEN),
            falling: Style::new().fg(RED),
            lines: Vec::new(),
            levels: Vec::new(),
            uprights: Vec::new(),
            mark: None,
        }
    }

    fn candle(open: f64, high: f64, low: f64, close: f64) -> Step {
        Step::Candle { open, high, low, close, rising: close >= open, partial: None }
    }

    fn check(image: &RgbaImage, (x, y): (u32, u32), expected: Color) {
        assert_eq!(Some(*image.get_pixel(x, y)), rgb(expected).map(opaque), "{x}, {y}");
    }

    #[test]
    fn a_rising_candle_is_a_frame_with_wicks() {
        let image = scene(vec![candle(20.0, 90.0, 10.0, 80.0)], 4).paint();
        assert_eq!(image.dimensions(), (32, 100));
        // Three columns of body: 24 pixels, the wick in their middle.
        for at in [(0, 20), (23, 20), (0, 50), (23, 50), (0, 80), (23, 80), (11, 15), (11, 85)] {
            check(&image, at, GREEN);
        }
        for at in [(11, 50), (24, 50), (0, 19), (0, 81), (11, 9), (11, 91), (10, 15)] {
            check(&image, at, GROUND);
        }
    }

    #[test]
    fn a_falling_candle_is_filled_and_narrow_ones_do_not_touch() {
        let image = scene(vec![candle(80.0, 90.0, 10.0, 20.0); 2], 1).paint();
        for at in [(0, 20), (5, 80), (3, 50), (8, 50), (2, 15)] {
            check(&image, at, RED);
        }
        for at in [(6, 50), (7, 50), (0, 15), (2, 95)] {
            check(&image, at, GROUND);
        }
    }

    #[test]
    fn gaps_are_hatched_by_their_reason() {
        let gap = |explained| Step::Gap { style: Style::new().fg(RED), explained };
        let image = scene(vec![gap(false), gap(true)], 2).paint();
        for at in [(0, 0), (0, 8), (4, 4), (15, 1)] {
            check(&image, at, RED);
        }
        check(&image, (4, 0), GROUND);
        for at in [(16, 0), (20, 4), (24, 8), (16, 8)] {
            check(&image, at, RED);
        }
        check(&image, (20, 0), GROUND);
    }

    #[test]
    fn lines_join_and_break() {
        let mut scene = scene(vec![Step::Empty; 4], 1);
        scene.lines = vec![(Style::new().fg(GREEN), vec![Some(50.0), Some(50.0), None, Some(1e300)])];
        let image = scene.paint();
        check(&image, (5, 50), GREEN);
        check(&image, (10, 50), GREEN);
        check(&image, (18, 50), GROUND);
    }

    #[test]
    fn without_colours_the_ground_is_the_terminals() {
        let mut scene = scene(vec![candle(80.0, 90.0, 10.0, 20.0)], 1);
        (scene.screen, scene.falling) = (Style::new(), Style::new());
        let image = scene.paint();
        assert_eq!(image.get_pixel(0, 0).0, [0; 4]);
        assert_eq!(*image.get_pixel(0, 50), opaque(PLAIN));
    }

    #[test]
    fn any_number_stays_inside() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308] {
            let mut scene = scene(vec![candle(value, 1e300, -1e300, 3.0), Step::Empty], 2);
            scene.lines = vec![(Style::new(), vec![Some(value), Some(0.0)])];
            (scene.levels, scene.mark) = (vec![(Style::new(), value)], Some((Style::new(), 0, value)));
            for shape in [Shape::Candles, Shape::Bars, Shape::Hidden] {
                scene.shape = shape;
                assert_eq!(scene.paint().dimensions(), (32, 100));
            }
        }
    }
}
