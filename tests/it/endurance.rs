//! Long recordings of every exchange over loopback, under a clock that the tests move: sockets that are
//! cut again and again, hours in which the recorder is off, and the market as the judge of every row.

mod history;
mod live;
mod perpetual;
mod place;
mod trades;
mod world;
