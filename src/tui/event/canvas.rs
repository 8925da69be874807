//! The picture over the plot of the chart: painted and encoded beside the loop, one at a time, and
//! only when what it shows has changed.

use crate::tui::graphics::Graphics;
use crate::tui::state::State;
use crate::tui::view;
use crate::tui::widget::pixels::Scene;
use image::DynamicImage;
use ratatui::Frame;
use ratatui::layout::Size;
use ratatui_image::Image;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::protocol::sixel::Sixel;
use tokio::task::JoinHandle;

/// The picture's name in the terminal: a new one takes the place of the old one, so that none pile up.
const ID: u32 = 0x6d_6474;
/// The farewell to it.
const DELETE: &str = "\x1b_Ga=d,d=I,i=7169140,q=2\x1b\\";

/// The newest picture, and the one that is being made.
#[derive(Default)]
pub(super) struct Canvas {
    made: Option<Picture>,
    work: Option<JoinHandle<Result<Picture, String>>>,
    /// Whether the frame before showed it.
    shown: bool,
    /// Whether the terminal keeps it.
    kept: bool,
}

struct Picture {
    scene: Scene,
    encoded: Protocol,
}

impl Canvas {
    /// Puts the picture over the cells of the plot, where it is wanted. Until a new one is made the old
    /// one stays; where there was none, the cells do.
    pub(super) fn place(&mut self, frame: &mut Frame, state: &State) {
        let before = std::mem::replace(&mut self.shown, false);
        let Some((area, scene)) = view::pixels(state) else { return };
        if let Some(made) = &self.made
            && (made.scene == scene || before && made.scene.fits(&scene))
        {
            frame.render_widget(Image::new(&made.encoded), area);
            self.shown = true;
            self.kept |= matches!(made.encoded, Protocol::Kitty(_));
        }
        let current = self.made.as_ref().is_some_and(|made| made.scene == scene);
        if !current && self.work.is_none() {
            let graphics = state.graphics;
            self.work = Some(tokio::task::spawn_blocking(move || make(scene, graphics)));
        }
    }

    /// Whether a picture is being made.
    pub(super) const fn is_busy(&self) -> bool {
        self.work.is_some()
    }

    /// Waits for the picture that is being made; for ever where none is.
    pub(super) async fn finished(&mut self) -> Result<(), String> {
        let Some(work) = &mut self.work else { return std::future::pending().await };
        let made = work.await;
        self.work = None;
        self.made = Some(made.map_err(|error| error.to_string())??);
        Ok(())
    }

    /// The terminal has lost it: it is sent anew.
    pub(super) fn forget(&mut self) {
        self.made = None;
    }

    /// Has the terminal drop what it keeps.
    pub(super) fn farewell(&self) -> Option<&'static str> {
        self.kept.then_some(DELETE)
    }
}

fn make(scene: Scene, graphics: Graphics) -> Result<Picture, String> {
    let image = DynamicImage::ImageRgba8(scene.paint());
    let size = Size::new(scene.size.0, scene.size.1);
    let encoded = match graphics {
        // Terminals with placeholders inflate: a chart shrinks to a hundredth.
        Graphics::Kitty => Kitty::new(image, size, ID, false, true).map(Protocol::Kitty),
        Graphics::Sixel => Sixel::new(image, size, false).map(Protocol::Sixel),
        Graphics::None(missing) => return Err(missing.to_owned()),
    };
    Ok(Picture { scene, encoded: encoded.map_err(|error| error.to_string())? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Action;
    use crate::tui::fixture::{act, busy, keys, state};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::buffer::Buffer;
    use ratatui::widgets::Widget as _;

    struct Rig {
        state: State,
        canvas: Canvas,
        terminal: Terminal<TestBackend>,
    }

    impl Rig {
        fn new(graphics: Graphics) -> Self {
            let mut state = state(busy(), 120, 36);
            state.graphics = graphics;
            act(&mut state, Action::CellPixels(Some((8, 16))));
            keys(&mut state, "2 x");
            Self { state, canvas: Canvas::default(), terminal: Terminal::new(TestBackend::new(120, 36)).unwrap() }
        }

        fn draw(&mut self) -> String {
            let Self { state, canvas, terminal } = self;
            let drawn = terminal.draw(|frame| {
                view::draw(frame, state);
                canvas.place(frame, state);
            });
            drawn.unwrap().buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
        }
    }

    const PLACEHOLDER: char = '\u{10EEEE}';

    #[tokio::test]
    async fn a_picture_is_made_once_and_sent_once() {
        let mut rig = Rig::new(Graphics::Kitty);
        let first = rig.draw();
        assert!(rig.canvas.is_busy() && !first.contains(PLACEHOLDER) && first.contains('█'), "cells until it is made");
        rig.canvas.finished().await.unwrap();
        let second = rig.draw();
        assert!(second.contains("\x1b_G") && second.contains("i=7169140"), "its name is that of the farewell");
        let third = rig.draw();
        assert!(third.contains(PLACEHOLDER) && !third.contains("\x1b_G"));
        keys(&mut rig.state, "?");
        assert!(!rig.draw().contains(PLACEHOLDER), "cells under what opens");
        keys(&mut rig.state, "Esc");
        let again = rig.draw();
        assert!(again.contains(PLACEHOLDER) && !again.contains("\x1b_G"), "the terminal has kept it");
        assert!(!rig.canvas.is_busy(), "nothing new, nothing made");
        assert_eq!(rig.canvas.farewell(), Some(DELETE));
        rig.canvas.forget();
        rig.draw();
        rig.canvas.finished().await.unwrap();
        assert!(rig.draw().contains("\x1b_G"), "sent anew");
    }

    #[tokio::test]
    async fn the_old_picture_stays_until_the_new_one_is_made() {
        let mut rig = Rig::new(Graphics::Kitty);
        rig.draw();
        rig.canvas.finished().await.unwrap();
        rig.draw();
        keys(&mut rig.state, "h");
        assert!(rig.draw().contains(PLACEHOLDER) && rig.canvas.is_busy());
        rig.canvas.finished().await.unwrap();
        assert!(rig.draw().contains("\x1b_G"));
        // One that was out of sight is old news.
        keys(&mut rig.state, "1");
        rig.draw();
        keys(&mut rig.state, "2 h");
        assert!(!rig.draw().contains(PLACEHOLDER));
    }

    #[tokio::test]
    async fn sixels_cover_the_plot_and_give_way_to_cells() {
        let mut rig = Rig::new(Graphics::Sixel);
        let cells = rig.draw();
        rig.canvas.finished().await.unwrap();
        assert!(rig.draw().contains("\x1bP"));
        assert_eq!(rig.canvas.farewell(), None);
        let (area, _) = view::pixels(&rig.state).unwrap();
        keys(&mut rig.state, "x");
        assert_eq!(rig.draw(), cells);
        // When it goes, every cell that it has covered is sent, blank ones too.
        let blank = Buffer::empty(rig.state.area);
        let mut covered = blank.clone();
        let made = rig.canvas.made.as_ref().unwrap();
        Image::new(&made.encoded).render(area, &mut covered);
        assert_eq!(covered.diff(&blank).len(), usize::from(area.width) * usize::from(area.height));
    }

    #[tokio::test]
    async fn a_failure_is_told() {
        let mut rig = Rig::new(Graphics::Sixel);
        rig.state.graphics = Graphics::None("no ink");
        rig.draw();
        assert_eq!(rig.canvas.finished().await, Err("no ink".to_owned()));
        assert!(!rig.canvas.is_busy());
    }
}
