//! What kind of thing a JSON pointer leads to.

use super::shapes::{Holds, Kind};
use crate::pointer::Pointer;

/// What stands at a pointer, going by the shapes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An object of this kind.
    Object(Kind),
    /// The mapping from names to objects of this kind that stands at this key.
    Map(&'static str, Kind),
    /// A list of objects of this kind.
    List(Kind),
    /// A value of which no more is known.
    Other,
}

/// What stands at `pointer`.
pub(crate) fn place(pointer: &Pointer) -> Place {
    pointer.segments().fold(Place::Object(Kind::Root), |place, segment| match place {
        Place::Object(kind) => match kind.row(&segment).map(|row| (row.key, row.holds)) {
            Some((_, Holds::One(kind) | Holds::FlagOr(kind))) => Place::Object(kind),
            Some((key, Holds::Map(kind))) => Place::Map(key, kind),
            Some((_, Holds::List(kind))) => Place::List(kind),
            _ => Place::Other,
        },
        Place::Map(_, kind) | Place::List(kind) => Place::Object(kind),
        Place::Other => Place::Other,
    })
}
