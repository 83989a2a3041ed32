//! The macros that generated code is made of. They are also the way to write a type by hand.
//!
//! A row of [`model!`](crate::model!) has a field's documentation, type, wire name, place and marks. Its
//! entry in the table, access by index, serde, `Debug` and the setter follow from the row.

/// What the macros use, so that a crate that uses them need not depend on it.
#[doc(hidden)]
pub mod export {
    pub use serde;
}

/// Declares a [model](mod@crate::model): a struct whose fields are known from a table.
///
/// A row is `pub NAME: TYPE = PLACE("WIRE NAME")`, followed by marks of [`Field`](crate::model::Field). A
/// field that may be absent is an `Option`.
///
/// The words after the name of the struct say what else is made: nothing for a type that is only received;
/// `optional` for a `Default`; `input` for setters; `optional input` for both, and a `new()` without
/// parameters. If fields are required, `new(…)` after the struct lists the parameters for them. If there are
/// many, `new NAME { … }` makes a struct `NAME` of them, which is the one parameter of `new`.
///
/// ```
/// use alipay_core::{model, value::{LocalDate, Yuan}};
///
/// model! {
///     /// A bill.
///     pub struct Bill: optional input {
///         /// What is to be paid.
///         pub amount: Option<Yuan> = body("amount"),
///         /// Who pays it.
///         pub payer: Option<String> = body("payer_name").sensitive(),
///         /// The days on which it was asked for.
///         pub reminders: Option<Vec<LocalDate>> = body("reminders"),
///     }
/// }
///
/// model! {
///     /// A shop, which has a name.
///     pub struct Shop: input {
///         /// Its name.
///         pub name: String = body("name").required(),
///         /// Where it is.
///         pub city: Option<String> = body("city"),
///     }
///
///     /// Takes what is required.
///     new(name: String)
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bill = Bill::new().amount("12.50".parse()?).payer("王小明").reminders(["2026-01-31".parse()?]);
/// let json = serde_json::to_string(&bill)?;
/// assert_eq!(json, r#"{"amount":"12.50","payer_name":"王小明","reminders":["2026-01-31"]}"#);
/// assert_eq!(serde_json::from_str::<Bill>(&json)?, bill);
/// assert!(!format!("{bill:?}").contains("王小明"));
/// let shop = Shop::new("茶".to_owned()).city("杭州");
/// assert_eq!(serde_json::to_string(&shop)?, r#"{"name":"茶","city":"杭州"}"#);
/// # Ok(()) }
/// ```
#[macro_export]
macro_rules! model {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident $(: $($kind:ident)+)? {
            $(
                $(#[$field_meta:meta])*
                $field_vis:vis $field:ident: $type:ty = $place:ident($wire:literal)
                    $(.$mark:ident($($argument:expr)?))*
            ),* $(,)?
        }
        $(
            $(#[$new_meta:meta])*
            new $($parts:ident)? $(($($parameter:ident: $parameter_type:ty),* $(,)?))?
            $({
                $($(#[$part_meta:meta])* $part:ident: $part_type:ty),* $(,)?
            })?
        )?
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        $vis struct $name {
            $(
                $(#[$field_meta])*
                $field_vis $field: $type,
            )*
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $crate::model::Model for $name {
            fn table(&self) -> &'static $crate::model::Table {
                const TABLE: &$crate::model::Table = &$crate::model::Table::new(
                    stringify!($name),
                    &[$($crate::model::Field::$place($wire)$(.$mark($($argument)?))*,)*],
                );
                TABLE
            }

            // The compiler makes a jump of these comparisons. Constants with the names of the fields
            // could collide with other names.
            // Not inlined: each crate that makes calls would compile it again, with all the types
            // it names.
            #[inline(never)]
            fn field(&self, mut index: usize) -> ::std::option::Option<&dyn $crate::model::Value> {
                $(
                    if index == 0 {
                        return ::std::option::Option::Some(&self.$field);
                    }
                    index = index.wrapping_sub(1);
                )*
                ::std::option::Option::None
            }

            #[inline(never)]
            fn field_mut(&mut self, mut index: usize) -> ::std::option::Option<&mut dyn $crate::model::Value> {
                $(
                    if index == 0 {
                        return ::std::option::Option::Some(&mut self.$field);
                    }
                    index = index.wrapping_sub(1);
                )*
                ::std::option::Option::None
            }

            fn blank() -> Self {
                Self { $($field: $crate::model::Value::blank(),)* }
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $crate::macros::export::serde::Serialize for $name {
            fn serialize<S: $crate::macros::export::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::model::serialize(self, serializer)
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl<'de> $crate::macros::export::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macros::export::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let mut model: Self = $crate::model::Model::blank();
                $crate::model::deserialize(&mut model, deserializer)?;
                ::std::result::Result::Ok(model)
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::model::fmt_debug(self, f)
            }
        }

        $(
            $crate::__constructor! {
                $name [$(#[$new_meta])*]
                $($parts)? $(($($parameter: $parameter_type,)*))?
                $({ $([$(#[$part_meta])*] $part: $part_type,)* })?
            }
        )?

        $crate::__model_kind! {
            [$($($kind)+)?] $name { $([$(#[$field_meta])*] $field: $type,)* }
        }
    };
}

/// The constructor of a [`model!`] with required fields.
#[doc(hidden)]
#[macro_export]
macro_rules! __constructor {
    ($name:ident [$(#[$meta:meta])*] ($($parameter:ident: $type:ty,)*)) => {
        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            $(#[$meta])*
            #[must_use]
            #[allow(clippy::fn_params_excessive_bools, reason = "as many as are required")]
            pub fn new($($parameter: $type),*) -> Self {
                let mut model: Self = $crate::model::Model::blank();
                $(model.$parameter = $crate::value::Take::take($parameter);)*
                model
            }
        }
    };
    (
        $name:ident [$(#[$meta:meta])*] $parts:ident {
            $([$(#[$part_meta:meta])*] $part:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        pub struct $parts {
            $(
                $(#[$part_meta])*
                pub $part: $type,
            )*
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            /// Takes the required fields. Each of the others has a method of its name that sets it.
            #[must_use]
            pub fn new(parts: $parts) -> Self {
                let mut model: Self = $crate::model::Model::blank();
                $(model.$part = parts.$part;)*
                model
            }
        }

        /// Shows the same as the model made from it.
        impl ::std::fmt::Debug for $parts {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&$name::new(self.clone()), f)
            }
        }
    };
}

/// What the kind of a [`model!`] adds.
#[doc(hidden)]
#[macro_export]
macro_rules! __model_kind {
    ([] $name:ident { $($rows:tt)* }) => {};
    ([optional] $name:ident { $($rows:tt)* }) => {
        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl ::std::default::Default for $name {
            fn default() -> Self {
                $crate::model::Model::blank()
            }
        }
    };
    ([input] $name:ident { $([$(#[$meta:meta])*] $field:ident: $type:ty,)* }) => {
        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            $(
                $(#[$meta])*
                #[must_use]
                pub fn $field<Given>(mut self, $field: Given) -> Self
                where
                    $type: $crate::value::Take<Given>,
                {
                    self.$field = $crate::value::Take::take($field);
                    self
                }
            )*
        }
    };
    ([optional input] $name:ident { $($rows:tt)* }) => {
        $crate::__model_kind! { [optional] $name { $($rows)* } }
        $crate::__model_kind! { [input] $name { $($rows)* } }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            /// Makes an empty value. Each field has a method of its name that sets it.
            #[must_use]
            pub fn new() -> Self {
                $crate::model::Model::blank()
            }
        }
    };
}

/// Declares an open set of values: an enum that keeps values it does not know.
///
/// ```
/// alipay_core::open_enum! {
///     /// How a shop opens.
///     pub enum Opening {
///         /// All day.
///         AllDay = "ALL_DAY",
///         /// Never.
///         Closed = "CLOSED",
///     }
/// }
///
/// assert_eq!(Opening::from("CLOSED"), Opening::Closed);
/// let newer = Opening::from("BY_APPOINTMENT");
/// assert_eq!((newer.as_str(), newer.is_known()), ("BY_APPOINTMENT", false));
/// assert_eq!(Opening::KNOWN, [Opening::AllDay, Opening::Closed]);
/// assert_eq!("CLOSED".parse(), Ok(Opening::Closed));
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        ///
        /// Alipay may add others; they are kept as `Unknown`.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// A value that is not in the list.
            Unknown($crate::value::UnknownValue),
        }

        $crate::__open_set! { $name [] { $($variant = $text,)* } }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $crate::macros::export::serde::Serialize for $name {
            fn serialize<S: $crate::macros::export::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl<'de> $crate::macros::export::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macros::export::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                let text: ::std::string::String = $crate::macros::export::serde::Deserialize::deserialize(deserializer)?;
                ::std::result::Result::Ok(Self::from(text))
            }
        }

        $crate::__value! { [] $name, String, Self::from(""), String: |value| value.as_str().into() }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $crate::model::SetString for $name {
            fn set_string(&mut self, text: &str) -> ::std::result::Result<(), $crate::value::Malformed> {
                *self = Self::from(text);
                ::std::result::Result::Ok(())
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $crate::value::Take<$name> for $name {
            fn take(value: $name) -> Self {
                value
            }
        }
    };
}

/// Makes a type a value that is written to one kind of slot: its blank value, and what it is read as.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ([$($generics:tt)*] $type:ty, $slot:ident, $blank:expr, $ref:ident: |$value:ident| $get:expr) => {
        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl<$($generics)*> $crate::model::Value for $type {
            fn get(&self) -> $crate::model::Ref<'_> {
                let $value = self;
                $crate::model::Ref::$ref($get)
            }

            fn slot(&mut self) -> $crate::model::Slot<'_> {
                $crate::model::Slot::$slot(self)
            }

            fn clear(&mut self) {
                *self = $blank;
            }

            fn blank() -> Self {
                $blank
            }
        }
    };
}

/// Declares the error codes of an operation, or those that operations have in common.
///
/// A row is `VARIANT = "CODE"`, with `=> CLASS` if people have [classified](crate::codes) the code. The
/// type after the name of the enum has the codes that operations have in common.
///
/// ```
/// use alipay_core::codes::ErrorClass;
///
/// alipay_core::error_codes! {
///     /// Codes of the gateway.
///     pub enum CommonCode {
///         /// The call is not signed.
///         MissingSignature = "missing-signature" => Refused,
///     }
/// }
///
/// alipay_core::error_codes! {
///     /// Codes of an order.
///     pub enum OrderCode: CommonCode {
///         /// The shop is closed.
///         ShopClosed = "SHOP_CLOSED" => Refused,
///         /// A code that nobody has classified.
///         Odd = "ODD",
///     }
/// }
///
/// assert_eq!(OrderCode::from("SHOP_CLOSED"), OrderCode::ShopClosed);
/// assert_eq!(OrderCode::from("missing-signature"), OrderCode::Common(CommonCode::MissingSignature));
/// assert!(!OrderCode::from("NEWER").is_known());
/// assert_eq!(OrderCode::KNOWN, [OrderCode::ShopClosed, OrderCode::Odd]);
/// assert_eq!("missing-signature".parse(), Ok(OrderCode::Common(CommonCode::MissingSignature)));
/// ```
#[macro_export]
macro_rules! error_codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident $(: $common:ident)? {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal $(=> $class:ident)?),* $(,)?
        }
    ) => {
        $(#[$meta])*
        ///
        /// Alipay may add others; they are kept as `Unknown`.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            $(
                /// A code of the gateway.
                Common($common),
            )?
            /// A code that is not in the list.
            Unknown($crate::value::UnknownValue),
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            /// The classes of the codes, as far as people have classified them.
            pub const CLASSES: $crate::codes::ErrorCodes = $crate::codes::ErrorCodes::new(
                &[$($(($text, $crate::codes::ErrorClass::$class),)?)*],
            )
            $(.or(&$common::CLASSES))?;
        }

        $crate::__open_set! { $name [$($common)?] { $($variant = $text,)* } }
    };
}

/// The conversions of an enum that has the values of its list, `Unknown`, and perhaps `Common`.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_set {
    ($name:ident [$($common:ident)?] { $($variant:ident = $text:literal,)* }) => {
        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            /// The values of its own list, in their order.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)*];

            /// The value as Alipay writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    $(Self::Common(code) => $common::as_str(code),)?
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// Whether it is one of the list.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_) $(| Self::Common($common::Unknown(_)))?)
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => $crate::__unlisted!(text $($common)?),
                }
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self::from(text))
            }
        }

        $(
            #[allow(deprecated, reason = "it is kept for those who use it")]
            impl ::std::convert::From<$common> for $name {
                fn from(code: $common) -> Self {
                    match code {
                        $common::Unknown(code) => Self::Unknown(code),
                        code => Self::Common(code),
                    }
                }
            }
        )?

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// A value that is not in the list of an enum.
#[doc(hidden)]
#[macro_export]
macro_rules! __unlisted {
    ($text:ident) => {
        Self::Unknown($crate::value::UnknownValue::new($text))
    };
    ($text:ident $common:ident) => {
        Self::from($common::from($text))
    };
}

/// Declares an [operation](mod@crate::operation): a type without values that ties a request to its response.
///
/// After `reply` there may be, in this order: `codes` (an enum of [`error_codes!`](crate::error_codes!)),
/// `idempotent_by` (the name on the wire of the idempotency key; a request without it is not repeated),
/// `safety` (a variant of [`Safety`](crate::operation::Safety), where the method does not say it),
/// `completed_by` (the message that says that the change is done) and `no_content: no_content` (the
/// description has a response with status 204).
///
/// ```
/// use alipay_core::{Response, model, operation};
///
/// model! {
///     /// The request.
///     pub struct BillRequest: optional input {
///         /// The month.
///         pub month: Option<String> = query("month"),
///     }
/// }
/// model! {
///     /// The response.
///     pub struct BillResponse: optional {
///         /// The address of the file.
///         pub url: Option<String> = body("bill_download_url"),
///     }
/// }
/// operation! {
///     /// The operation `alipay.data.bill.query`.
///     pub enum QueryBill {
///         id: "alipay.data.bill.query",
///         http: Get "/v3/alipay/data/bill/query",
///         request: BillRequest,
///         reply: Response<BillResponse>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! operation {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            id: $id:literal,
            http: $method:ident $path:literal,
            request: $request:ty,
            reply: $reply:ident<$response:ty>,
            $(codes: $codes:ty,)?
            $(idempotent_by: $key:literal,)?
            $(safety: $safety:ident,)?
            $(completed_by: $message:literal,)?
            $(no_content: $no_content:ident,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $crate::operation::Operation for $name {
            type Request = $request;
            type Response = $response;
            type Reply = $reply<$response>;
            const INFO: &'static $crate::operation::OperationInfo =
                &$crate::operation::OperationInfo::new(
                    $id,
                    $crate::operation::Method::$method,
                    $path,
                )
                $(.codes(&<$codes>::CLASSES))?
                $(.idempotent_by($key))?
                $(.safety($crate::operation::Safety::$safety))?
                $(.completed_by($message))?
                $(.$no_content())?;
        }
    };
}

/// Declares the calls of a group of operations: a struct over a [`Client`](crate::Client), with a method for
/// each.
///
/// ```ignore
/// api! {
///     /// The operations on bills.
///     pub struct BillApi {
///         /// Asks for a bill.
///         fn query(BillRequest) -> QueryBill;
///     }
/// }
/// ```
#[macro_export]
macro_rules! api {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$method_meta:meta])* fn $method:ident($request:ty) -> $operation:ty;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: $crate::Client,
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            /// The operations, called through a client.
            #[must_use]
            pub fn new(client: $crate::Client) -> Self {
                Self { client }
            }

            /// The client.
            #[must_use]
            pub fn client(&self) -> &$crate::Client {
                &self.client
            }

            $(
                $(#[$method_meta])*
                pub fn $method(
                    &self,
                    request: impl ::std::borrow::Borrow<$request>,
                ) -> $crate::Call<$operation> {
                    $crate::Call::new(&self.client, request.borrow())
                }
            )*
        }
    };
}

/// Declares the messages of a group: an enum with the content of each.
///
/// ```ignore
/// messages! {
///     /// What happened to a bill.
///     pub enum BillMessage {
///         /// It was paid.
///         Paid(PaidBill) = "alipay.data.bill.paid",
///     }
/// }
/// ```
#[macro_export]
macro_rules! messages {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident($content:ty) = $method:literal),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant($content),)*
            /// A message that is not in the list: its name.
            Unknown($crate::value::UnknownValue),
        }

        #[allow(deprecated, reason = "it is kept for those who use it")]
        impl $name {
            /// Reads the content of a notification that was verified. What is not of its type is absent
            /// from the message; [`unreadable`](Self::unreadable) lists it.
            ///
            /// # Errors
            ///
            /// When the content is not an object, or lacks a field that its message cannot do without.
            pub fn from_notification(
                notification: &$crate::notification::Verified<$crate::notification::Notification>,
            ) -> ::std::result::Result<Self, $crate::Error> {
                ::std::result::Result::Ok(match notification.method() {
                    $($method => Self::$variant(notification.decode()?),)*
                    name => Self::Unknown($crate::value::UnknownValue::new(name)),
                })
            }

            /// What of the content is not of its type, and so is absent from the message. Mostly this
            /// is empty.
            ///
            /// # Errors
            ///
            /// The same as those of [`from_notification`](Self::from_notification).
            pub fn unreadable(
                notification: &$crate::notification::Verified<$crate::notification::Notification>,
            ) -> ::std::result::Result<::std::vec::Vec<$crate::Unreadable>, $crate::Error> {
                match notification.method() {
                    $($method => notification.unreadable::<$content>(),)*
                    _ => ::std::result::Result::Ok(::std::vec::Vec::new()),
                }
            }

            /// The name of the message.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $method,)*
                    Self::Unknown(name) => name.as_str(),
                }
            }
        }
    };
}

/// Declares a list of what the description says of operations.
///
/// ```ignore
/// operations! {
///     /// All operations.
///     pub const OPERATIONS = [
///         crate::bills::QueryBill,
///     ];
/// }
/// ```
#[macro_export]
macro_rules! operations {
    (
        $(#[$meta:meta])*
        pub const $name:ident = [$($(#[$operation_meta:meta])* $operation:path),* $(,)?];
    ) => {
        $(#[$meta])*
        pub const $name: &[&$crate::operation::OperationInfo] = &[
            $($(#[$operation_meta])* <$operation as $crate::operation::Operation>::INFO,)*
        ];
    };
}
