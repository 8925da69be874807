//! Lines of braille dots: two columns and four rows of them in each cell.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Dots over an area, of one style.
///
/// ```text
/// ⣀⡠⠤⠒⠊⠉⠒⠤⣀
/// ```
#[derive(Debug)]
pub(crate) struct Dots {
    area: Rect,
    masks: Vec<u8>,
}

/// Dot columns and rows of a cell.
pub(crate) const PER_CELL: (u16, u16) = (2, 4);
/// The bits of a cell's dots, by row and column.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Dots {
    /// None yet.
    pub(crate) fn new(area: Rect) -> Self {
        Self { area, masks: vec![0; usize::from(area.width) * usize::from(area.height)] }
    }

    /// Joins points that follow each other, in dots from the upper left corner. Where one is missing the
    /// line is broken; what lies outside is cut.
    pub(crate) fn line(&mut self, points: impl Iterator<Item = Option<(i32, f64)>>) {
        let mut before: Option<(i32, f64)> = None;
        for point in points {
            match (before, point) {
                (Some(from), Some(to)) => self.stroke(from, to),
                (None, Some((x, y))) => self.set(x, y),
                (_, None) => {}
            }
            before = point;
        }
    }

    /// A column of dots between two heights.
    pub(crate) fn column(&mut self, x: i32, from: f64, to: f64) {
        let bottom = f64::from(self.area.height * PER_CELL.1);
        let (from, to) = (from.min(to).clamp(0.0, bottom), from.max(to).clamp(0.0, bottom));
        for y in from as i32..=to as i32 {
            self.set(x, f64::from(y));
        }
    }

    /// One dot in every column where the line is flat enough; where it is steep, half of the way
    /// belongs to the column before.
    fn stroke(&mut self, (x0, y0): (i32, f64), (x1, y1): (i32, f64)) {
        let steps = (x1 - x0).max(1);
        self.set(x0, y0);
        let mut last = y0.floor();
        for n in 1..=steps {
            let y = (y0 + (y1 - y0) * f64::from(n) / f64::from(steps)).floor();
            if (y - last).abs() > 1.0 {
                let middle = f64::midpoint(last, y).floor();
                let (near, far) = if y > last { (middle, middle + 1.0) } else { (middle + 1.0, middle) };
                self.span(x0 + n - 1, last, near);
                self.span(x0 + n, far, y);
            } else {
                self.set(x0 + n, y);
            }
            last = y;
        }
    }

    fn span(&mut self, x: i32, from: f64, to: f64) {
        let bottom = f64::from(self.area.height * PER_CELL.1);
        let (from, to) = (from.min(to), from.max(to));
        if to < 0.0 || from >= bottom {
            return;
        }
        for y in from.max(0.0) as i32..=to.min(bottom - 1.0) as i32 {
            self.set(x, f64::from(y));
        }
    }

    fn set(&mut self, x: i32, y: f64) {
        let columns = i32::from(self.area.width * PER_CELL.0);
        let rows = f64::from(self.area.height * PER_CELL.1);
        if (0..columns).contains(&x) && (0.0..rows).contains(&y) {
            let (x, y) = (x as usize, y as usize);
            self.masks[y / 4 * usize::from(self.area.width) + x / 2] |= BITS[y % 4][x % 2];
        }
    }

    /// Draws them where nothing but dots and dashes stands; dots of several lines in one cell join.
    pub(crate) fn draw(&self, buf: &mut Buffer, style: Style) {
        for (at, mask) in self.masks.iter().enumerate().filter(|(_, mask)| **mask != 0) {
            let (x, y) = (at % usize::from(self.area.width), at / usize::from(self.area.width));
            let Some(cell) = buf.cell_mut((self.area.x + x as u16, self.area.y + y as u16)) else { continue };
            let known = match cell.symbol().chars().next() {
                Some(' ' | '┄' | '┈') | None => 0,
                Some(c @ '⠀'..='⣿') => c as u32 - '⠀' as u32,
                Some(_) => continue,
            };
            // 256 characters follow the blank one, one for each mask.
            let symbol = char::from_u32('⠀' as u32 + (known | u32::from(*mask))).unwrap_or(' ');
            cell.set_char(symbol).set_style(style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(points: &[Option<(i32, f64)>], (columns, rows): (u16, u16), expected: &[&str]) {
        let area = Rect::new(1, 1, columns, rows);
        let mut buf = Buffer::empty(Rect::new(0, 0, columns + 2, rows + 2));
        let mut dots = Dots::new(area);
        dots.line(points.iter().copied());
        dots.draw(&mut buf, Style::new());
        let line = |y: u16| (1..=columns).map(|x| buf[(x, y)].symbol()).collect::<String>();
        assert_eq!((1..=rows).map(line).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lines() {
        check(&[Some((0, 3.0)), Some((7, 3.0))], (4, 1), &["⣀⣀⣀⣀"]);
        check(&[Some((0, 3.0)), Some((3, 0.0))], (2, 1), &["⡠⠊"]);
        check(&[Some((0, 7.0)), Some((1, 0.0))], (1, 2), &["⢸", "⡇"]);
        check(&[Some((0, 0.0)), None, Some((6, 0.0))], (4, 1), &["⠁  ⠁"]);
        check(&[Some((0, -50.0)), Some((1, 50.0))], (1, 1), &["⢱"]);
    }

    #[test]
    fn what_stands_there_stays() {
        let area = Rect::new(0, 0, 2, 1);
        let mut buf = Buffer::with_lines(["█ "]);
        for y in [0.0, 3.0] {
            let mut dots = Dots::new(area);
            dots.line([Some((0, y)), Some((3, y))].into_iter());
            dots.draw(&mut buf, Style::new());
        }
        assert_eq!(buf, Buffer::with_lines(["█⣉"]));
    }
}
