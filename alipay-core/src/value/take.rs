//! What setters accept.

use std::collections::BTreeMap;

use super::{
    decimal::{Decimal, Yuan},
    file::File,
    idempotency_key::IdempotencyKey,
    json::Json,
    json_text::JsonText,
    time::{LocalDate, LocalDateTime, LocalTime},
};
use crate::model::{Model, Value};

/// A value of a field that can be made from a `V`, which the field's setter then accepts.
///
/// A setter accepts the type of its field, with these exceptions. For an `Option` and a [`JsonText`] it
/// accepts the value inside; for a string anything that is [`Into<String>`]; for a list anything that can
/// be iterated; for a map pairs. An `Option` is given with [`Model::maybe`], and a value taken away with
/// [`Model::unset`].
#[diagnostic::on_unimplemented(
    message = "the setter of a field of type `{Self}` does not take `{V}`",
    label = "not what the field holds"
)]
pub trait Take<V>: Sized {
    /// Makes it.
    fn take(value: V) -> Self;
}

impl<V, T: Take<V>> Take<V> for Option<T> {
    fn take(value: V) -> Self {
        Some(T::take(value))
    }
}

impl<V: Into<String>> Take<V> for String {
    fn take(value: V) -> Self {
        value.into()
    }
}

impl<I: IntoIterator, T: Take<I::Item>> Take<I> for Vec<T> {
    fn take(items: I) -> Self {
        items.into_iter().map(T::take).collect()
    }
}

impl<K, V, I, T> Take<I> for BTreeMap<String, T>
where
    I: IntoIterator<Item = (K, V)>,
    K: Into<String>,
    T: Take<V>,
{
    fn take(pairs: I) -> Self {
        pairs.into_iter().map(|(key, value)| (key.into(), T::take(value))).collect()
    }
}

impl<V, T: Value + Take<V>> Take<V> for JsonText<T> {
    fn take(value: V) -> Self {
        T::take(value).into()
    }
}

impl<M: Model> Take<M> for M {
    fn take(model: M) -> Self {
        model
    }
}

impl<M: Model> Take<M> for Box<M> {
    fn take(model: M) -> Self {
        Self::new(model)
    }
}

macro_rules! takes_itself {
    ($($type:ty),*) => {
        $(
            impl Take<$type> for $type {
                fn take(value: $type) -> Self {
                    value
                }
            }
        )*
    };
}

takes_itself!(bool, i64, f64, Yuan, Decimal, LocalDateTime, LocalDate, LocalTime);
takes_itself!(IdempotencyKey, File, Json);
