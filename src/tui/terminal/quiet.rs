//! A backend that is silent while nothing changes. Crossterm's resets colours and hides the cursor on every
//! frame, also on one that equals the frame before; over a slow line each byte is one too many.

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// Passes on what changes something.
#[derive(Debug)]
pub(crate) struct Quiet<B> {
    inner: B,
    cursor: Cursor,
}

/// Where the terminal's cursor is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Unknown,
    Hidden,
    /// Shown, but cells were written since it was put somewhere.
    Astray,
    At(Position),
}

impl<B> Quiet<B> {
    /// Of a terminal about which nothing is known.
    pub(crate) const fn new(inner: B) -> Self {
        Self { inner, cursor: Cursor::Unknown }
    }
}

impl<B: Backend> Backend for Quiet<B> {
    type Error = B::Error;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Self::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        if let Cursor::At(_) = self.cursor {
            self.cursor = Cursor::Astray;
        }
        self.inner.draw(content)
    }

    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        if self.cursor == Cursor::Hidden {
            return Ok(());
        }
        self.cursor = Cursor::Hidden;
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        if matches!(self.cursor, Cursor::Astray | Cursor::At(_)) {
            return Ok(());
        }
        self.cursor = Cursor::Astray;
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        let position = position.into();
        match self.cursor {
            Cursor::At(before) if before == position => return Ok(()),
            Cursor::Astray | Cursor::At(_) => self.cursor = Cursor::At(position),
            Cursor::Unknown | Cursor::Hidden => {}
        }
        self.inner.set_cursor_position(position)
    }

    /// Whoever clears the screen may do so because somebody else has written to it: the cursor's whereabouts are
    /// forgotten.
    fn clear(&mut self) -> Result<(), Self::Error> {
        self.cursor = Cursor::Unknown;
        self.inner.clear()
    }

    /// The same of a part.
    fn clear_region(&mut self, region: ClearType) -> Result<(), Self::Error> {
        self.cursor = Cursor::Unknown;
        self.inner.clear_region(region)
    }

    fn size(&self) -> Result<Size, Self::Error> {
        self.inner.size()
    }

    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::CrosstermBackend;
    use ratatui::widgets::Paragraph;
    use ratatui::{TerminalOptions, Viewport, layout::Rect};
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Line(Arc<Mutex<Vec<u8>>>);

    impl Write for Line {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a frame writes that shows this, with the cursor there.
    fn frame(
        terminal: &mut Terminal<Quiet<CrosstermBackend<Line>>>,
        line: &Line,
        text: &str,
        cursor: Option<(u16, u16)>,
    ) -> String {
        line.0.lock().unwrap().clear();
        terminal
            .draw(|frame| {
                frame.render_widget(Paragraph::new(text), frame.area());
                if let Some(cursor) = cursor {
                    frame.set_cursor_position(cursor);
                }
            })
            .unwrap();
        String::from_utf8(line.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_repaint_hides_the_cursor_that_another_program_has_shown() {
        let line = Line::default();
        let area = Rect::new(0, 0, 20, 2);
        let backend = Quiet::new(CrosstermBackend::new(line.clone()));
        let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fixed(area) }).unwrap();
        assert!(frame(&mut terminal, &line, "12:00:00", None).contains("\x1b[?25l"));
        assert_eq!(frame(&mut terminal, &line, "12:00:00", None), "");
        terminal.backend_mut().clear_region(ClearType::All).unwrap();
        assert!(frame(&mut terminal, &line, "12:00:00", None).contains("\x1b[?25l"));
    }

    #[test]
    fn the_same_frame_again_writes_nothing() {
        let line = Line::default();
        let area = Rect::new(0, 0, 20, 2);
        let backend = Quiet::new(CrosstermBackend::new(line.clone()));
        let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fixed(area) }).unwrap();
        let mut check = |text: &str, cursor: Option<(u16, u16)>, expected: &[&str]| {
            let written = frame(&mut terminal, &line, text, cursor);
            assert_eq!(written.is_empty(), expected.is_empty(), "{text} {cursor:?}: {written:?}");
            for part in expected {
                assert!(written.contains(part), "{text} {cursor:?}: {part:?} is not in {written:?}");
            }
        };
        check("12:00:00", None, &["12:00:00", "\x1b[?25l"]);
        check("12:00:00", None, &[]);
        check("12:00:01", None, &["1"]);
        check("12:00:01", Some((3, 1)), &["\x1b[?25h", "\x1b[2;4H"]);
        check("12:00:01", Some((3, 1)), &[]);
        // Cells that were written took the cursor along.
        check("12:00:02", Some((3, 1)), &["2", "\x1b[2;4H"]);
        check("12:00:02", Some((4, 1)), &["\x1b[2;5H"]);
        check("12:00:02", None, &["\x1b[?25l"]);
        check("12:00:02", None, &[]);
    }
}
