//! From the terminal's mouse events to gestures.

use crate::tui::pointer::{Gesture, Pointer};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use std::time::Duration;
use tokio::time::Instant;

/// Two presses at one place within this time are a double one.
const DOUBLE: Duration = Duration::from_millis(400);

/// Remembers the last press, to know a double one.
#[derive(Debug, Default)]
pub(super) struct Mouse {
    last: Option<(Instant, u16, u16)>,
}

impl Mouse {
    /// The gesture of an event; nothing for those that mean nothing here, such as other buttons.
    pub(super) fn gesture(&mut self, event: MouseEvent) -> Option<Pointer> {
        let gesture = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.press(event.column, event.row),
            MouseEventKind::Moved => Gesture::Hover,
            MouseEventKind::Drag(MouseButton::Left) => Gesture::Drag,
            MouseEventKind::Up(MouseButton::Left) => Gesture::Release,
            MouseEventKind::ScrollUp => Gesture::WheelUp,
            MouseEventKind::ScrollDown => Gesture::WheelDown,
            _ => return None,
        };
        Some(Pointer { gesture, column: event.column, row: event.row })
    }

    fn press(&mut self, column: u16, row: u16) -> Gesture {
        let now = Instant::now();
        let double = self.last.is_some_and(|(at, x, y)| now - at <= DOUBLE && (x, y) == (column, row));
        // A third press begins anew.
        self.last = (!double).then_some((now, column, row));
        if double { Gesture::DoublePress } else { Gesture::Press }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    #[tokio::test(start_paused = true)]
    async fn presses_double_in_time_and_place() {
        let mut mouse = Mouse::default();
        let mut press = |column: u16| {
            let kind = MouseEventKind::Down(MouseButton::Left);
            mouse.gesture(MouseEvent { kind, column, row: 3, modifiers: KeyModifiers::NONE }).unwrap().gesture
        };
        assert_eq!([press(1), press(1), press(1)], [Gesture::Press, Gesture::DoublePress, Gesture::Press]);
        assert_eq!(press(2), Gesture::Press);
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!([press(2), press(2)], [Gesture::Press, Gesture::DoublePress]);
    }

    #[tokio::test]
    async fn other_buttons_mean_nothing() {
        let right = MouseEventKind::Down(MouseButton::Right);
        for kind in [right, MouseEventKind::Up(MouseButton::Middle)] {
            assert_eq!(Mouse::default().gesture(MouseEvent { kind, column: 0, row: 0, modifiers: KeyModifiers::NONE }), None);
        }
    }
}
