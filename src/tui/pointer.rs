//! What the mouse did, in one spelling however the terminal sent it.

/// A gesture of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gesture {
    /// The left button went down.
    Press,
    /// It went down again at the same place, soon after.
    DoublePress,
    /// The mouse moved with no button down.
    Hover,
    /// The mouse moved with the left button down.
    Drag,
    /// The left button went up.
    Release,
    /// The wheel turned away from the person.
    WheelUp,
    /// The wheel turned towards the person.
    WheelDown,
}

/// A gesture and the cell under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// What.
    pub(crate) gesture: Gesture,
    /// Column of the terminal, from 0.
    pub(crate) column: u16,
    /// Row of the terminal, from 0.
    pub(crate) row: u16,
}
