//! Models written the way generated code writes them.

use std::fmt;

use alipay_core::{
    model::{self, Field, Model, Table},
    value::{
        Decimal, JsonText, Kind, LocalDate, LocalDateTime, LocalTime, Malformed, Ref, UnknownValue,
        Value, Yuan,
    },
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Every kind of field, two of them required.
#[derive(Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) out_biz_no: String,
    pub(crate) quantity: i64,
    pub(crate) amount: Option<Yuan>,
    pub(crate) rate: Option<Decimal>,
    pub(crate) created: Option<LocalDateTime>,
    pub(crate) day: Option<LocalDate>,
    pub(crate) opens: Option<LocalTime>,
    pub(crate) paid: Option<bool>,
    pub(crate) status: Option<Status>,
    pub(crate) user_id: Option<String>,
    pub(crate) phones: Option<Vec<String>>,
    pub(crate) owner: Option<Owner>,
    pub(crate) goods: Option<Vec<Goods>>,
    pub(crate) app_ids: Option<JsonText<Vec<String>>>,
    pub(crate) contact: Option<JsonText<Owner>>,
    pub(crate) parent: Option<Box<Order>>,
    pub(crate) matrix: Option<Vec<Vec<i64>>>,
}

impl Model for Order {
    fn table(&self) -> &'static Table {
        const TABLE: &Table = &Table::new(
            "Order",
            &[
                Field::body("out_biz_no").required(),
                Field::body("quantity").required(),
                Field::body("amount"),
                Field::body("rate"),
                Field::body("created"),
                Field::body("day"),
                Field::body("opens"),
                Field::body("paid"),
                Field::body("status"),
                Field::body("user_id").sensitive(),
                Field::body("phones").sensitive(),
                Field::body("owner"),
                Field::body("goods"),
                Field::body("app_ids"),
                Field::body("contact"),
                Field::body("parent"),
                Field::body("matrix"),
            ],
        );
        TABLE
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        Some(match index {
            0 => &self.out_biz_no,
            1 => &self.quantity,
            2 => &self.amount,
            3 => &self.rate,
            4 => &self.created,
            5 => &self.day,
            6 => &self.opens,
            7 => &self.paid,
            8 => &self.status,
            9 => &self.user_id,
            10 => &self.phones,
            11 => &self.owner,
            12 => &self.goods,
            13 => &self.app_ids,
            14 => &self.contact,
            15 => &self.parent,
            16 => &self.matrix,
            _ => return None,
        })
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        Some(match index {
            0 => &mut self.out_biz_no,
            1 => &mut self.quantity,
            2 => &mut self.amount,
            3 => &mut self.rate,
            4 => &mut self.created,
            5 => &mut self.day,
            6 => &mut self.opens,
            7 => &mut self.paid,
            8 => &mut self.status,
            9 => &mut self.user_id,
            10 => &mut self.phones,
            11 => &mut self.owner,
            12 => &mut self.goods,
            13 => &mut self.app_ids,
            14 => &mut self.contact,
            15 => &mut self.parent,
            16 => &mut self.matrix,
            _ => return None,
        })
    }

    fn blank() -> Self {
        Self {
            out_biz_no: String::blank(),
            quantity: i64::blank(),
            amount: None,
            rate: None,
            created: None,
            day: None,
            opens: None,
            paid: None,
            status: None,
            user_id: None,
            phones: None,
            owner: None,
            goods: None,
            app_ids: None,
            contact: None,
            parent: None,
            matrix: None,
        }
    }
}

/// All optional, with a sensitive field, and a reserved word for a name.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Owner {
    pub(crate) type_: Option<String>,
    pub(crate) open_id: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) shops: Option<Vec<String>>,
}

impl Model for Owner {
    fn table(&self) -> &'static Table {
        const TABLE: &Table = &Table::new(
            "Owner",
            &[
                Field::body("type"),
                Field::body("open_id").sensitive(),
                Field::body("city"),
                Field::body("shops"),
            ],
        );
        TABLE
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        Some(match index {
            0 => &self.type_,
            1 => &self.open_id,
            2 => &self.city,
            3 => &self.shops,
            _ => return None,
        })
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        Some(match index {
            0 => &mut self.type_,
            1 => &mut self.open_id,
            2 => &mut self.city,
            3 => &mut self.shops,
            _ => return None,
        })
    }

    fn blank() -> Self {
        Self::default()
    }
}

/// Travels in lists; one field required, and it holds a model that is required.
#[derive(Clone, PartialEq)]
pub(crate) struct Goods {
    pub(crate) id: String,
    pub(crate) price: Yuan,
    pub(crate) seller: Owner,
    pub(crate) tags: Vec<String>,
}

impl Model for Goods {
    fn table(&self) -> &'static Table {
        const TABLE: &Table = &Table::new(
            "Goods",
            &[
                Field::body("id").required(),
                Field::body("price").required(),
                Field::body("seller").required(),
                Field::body("tags").required(),
            ],
        );
        TABLE
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        Some(match index {
            0 => &self.id,
            1 => &self.price,
            2 => &self.seller,
            3 => &self.tags,
            _ => return None,
        })
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        Some(match index {
            0 => &mut self.id,
            1 => &mut self.price,
            2 => &mut self.seller,
            3 => &mut self.tags,
            _ => return None,
        })
    }

    fn blank() -> Self {
        Self {
            id: String::blank(),
            price: Value::blank(),
            seller: Value::blank(),
            tags: Vec::blank(),
        }
    }
}

/// Travels in three places.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Search {
    pub(crate) activity_id: String,
    pub(crate) page: Option<i64>,
    pub(crate) note: Option<String>,
}

impl Model for Search {
    fn table(&self) -> &'static Table {
        const TABLE: &Table = &Table::new(
            "Search",
            &[Field::path("activity_id"), Field::query("page"), Field::body("note")],
        );
        TABLE
    }

    fn field(&self, index: usize) -> Option<&dyn Value> {
        Some(match index {
            0 => &self.activity_id,
            1 => &self.page,
            2 => &self.note,
            _ => return None,
        })
    }

    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Value> {
        Some(match index {
            0 => &mut self.activity_id,
            1 => &mut self.page,
            2 => &mut self.note,
            _ => return None,
        })
    }

    fn blank() -> Self {
        Self::default()
    }
}

/// An open enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Active,
    Closed,
    Unknown(UnknownValue),
}

impl Status {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Active => "ACTIVE",
            Self::Closed => "CLOSED",
            Self::Unknown(text) => text.as_str(),
        }
    }
}

impl From<&str> for Status {
    fn from(text: &str) -> Self {
        match text {
            "ACTIVE" => Self::Active,
            "CLOSED" => Self::Closed,
            _ => Self::Unknown(UnknownValue::new(text)),
        }
    }
}

impl Value for Status {
    fn kind(&self) -> Kind {
        Kind::Text
    }

    fn get(&self) -> Ref<'_> {
        Ref::Text(self.as_str().into())
    }

    fn clear(&mut self) {
        *self = Self::blank();
    }

    fn set_text(&mut self, text: &str) -> Result<(), Malformed> {
        *self = text.into();
        Ok(())
    }

    fn blank() -> Self {
        Self::Unknown(UnknownValue::new(""))
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| text.as_str().into())
    }
}

macro_rules! serde_and_debug {
    ($($model:ty),*) => {$(
        impl Serialize for $model {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                model::serialize(self, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $model {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut model: Self = Model::blank();
                model::deserialize(&mut model, deserializer)?;
                Ok(model)
            }
        }

        impl fmt::Debug for $model {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                model::fmt_debug(self, f)
            }
        }
    )*};
}

serde_and_debug!(Order, Owner, Goods, Search);
