//! Objects whose keys are data.

use std::collections::BTreeMap;

use super::{Ref, Slot, Value};

/// Values by keys that no description names.
pub trait Map {
    /// How many.
    fn len(&self) -> usize;

    /// Shows every key with its value, in the order of the keys.
    fn each(&self, visit: &mut dyn FnMut(&str, &dyn Value));

    /// Offers a blank to `fill` and puts it under the key if that says so. Whatever was there before
    /// is gone.
    fn put(&mut self, key: String, fill: &mut dyn FnMut(&mut dyn Value) -> bool);

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Value> Map for BTreeMap<String, T> {
    fn len(&self) -> usize {
        BTreeMap::len(self)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &dyn Value)) {
        for (key, value) in self {
            visit(key, value);
        }
    }

    fn put(&mut self, key: String, fill: &mut dyn FnMut(&mut dyn Value) -> bool) {
        let mut value = T::blank();
        if fill(&mut value) {
            self.insert(key, value);
        } else {
            self.remove(&key);
        }
    }
}

impl<T: Value> Value for BTreeMap<String, T> {
    fn get(&self) -> Ref<'_> {
        Ref::Map(self)
    }

    fn clear(&mut self) {
        BTreeMap::clear(self);
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Map(self)
    }

    fn blank() -> Self {
        Self::new()
    }
}
