//! Names that items of the description may not have.

/// Keywords of all editions, and words reserved for keywords.
const KEYWORDS: &str = "\
    Self abstract as async await become box break const continue crate do dyn else enum extern \
    false final fn for gen if impl in let loop macro match mod move mut override priv pub ref \
    return self static struct super trait true try type typeof unsafe unsized use virtual \
    where while yield";

/// Names from Rust's prelude, which a glob import (`operations::*`) would hide, and names that generated
/// files import.
const TYPES: &str = "\
    Accepted AsMut AsRef AsyncFn AsyncFnMut AsyncFnOnce Borrow Box Call Client Clone Common CommonErrorCode Copy Cow Debug \
    Decimal Default Deserialize Deserializer Display DoubleEndedIterator Drop Eq Err Error \
    ErrorCodes ExactSizeIterator Extend Field File Fn FnMut FnOnce Formatter From FromIterator \
    Future Given Hash IdempotencyKey Into IntoFuture IntoIterator Iterator Json JsonText \
    ListStyle LocalDate LocalDateTime LocalTime Malformed Method Model None Notification Ok \
    Operation OperationInfo Option Ord PartialEq PartialOrd Ref Response Result Send Serialize \
    Serializer Sized Some String Sync Table ToOwned ToString TryFrom TryInto Unknown \
    UnknownValue Unpin Value Vec Verified Yuan";

/// Names of methods that generated types have, and of operator methods, which a setter must not
/// resemble.
const METHODS: &str = "\
    add as_ref bitand bitor bitxor blank borrow borrow_mut clear clone clone_from default \
    deserialize div eq field field_mut fmt from get into maybe mul ne new rem serialize shl shr slot \
    sub table to_owned try_from try_into type_id unset";

/// Names of the modules every generated crate has.
const MODULES: &str = "api common_error_code enums messages meta mod models operations";

/// Names of the cargo features every generated crate has.
const FEATURES: &str = "\
    aws-lc-rs blocking chrono default jiff reqwest rsa rust_decimal time tracing";

/// Names that stand at the root of a crate beside the generated modules: those of `alipay-core`, which its
/// `lib.rs` re-exports, its own, and crates that generated code names.
const ROOT_MODULES: &str = "\
    alipay_core alipay_mock blocking bytes catalogue clock codes contents encrypt generated guide http keys macros \
    model nonce notification operation order prepare retry serde serde_json settings sign std transport value verify \
    wait";

/// Whether a list has a name.
fn is_in(list: &str, name: &str) -> bool {
    list.split(' ').any(|other| other == name)
}

/// Whether a name is a keyword.
#[must_use]
pub fn is_keyword(name: &str) -> bool {
    is_in(KEYWORDS, name)
}

/// The name, with an underscore at the end if it is a keyword.
#[must_use]
pub(crate) fn escape_keyword(name: String) -> String {
    if is_keyword(&name) { name + "_" } else { name }
}

/// Whether no struct, enum or marker type of an operation may have this name.
#[must_use]
pub(crate) fn is_type(name: &str) -> bool {
    is_in(TYPES, name)
}

/// The name of a struct or enum, with an ending if no type may have the name.
#[must_use]
pub(crate) fn escape_type(name: String, ending: &str) -> String {
    if is_type(&name) { name + ending } else { name }
}

/// The name of a variant, with an ending if generated enums have one of their own that is called so.
#[must_use]
pub(crate) fn escape_variant(name: String) -> String {
    if is_variant(&name) { name + "Listed" } else { name }
}

/// Whether generated enums have a variant of their own that is called so.
#[must_use]
pub(crate) fn is_variant(name: &str) -> bool {
    matches!(name, "Common" | "Unknown")
}

/// The name of a cargo feature, with an ending if every generated crate has a feature of that name.
#[must_use]
pub(crate) fn escape_feature(name: String) -> String {
    if is_in(FEATURES, &name) { name + "-api" } else { name }
}

/// The name of a field or method, with an underscore at the end if a method of that name exists.
#[must_use]
pub(crate) fn escape_method(name: String) -> String {
    if is_in(METHODS, &name) { name + "_" } else { name }
}

/// The name of a module at the root of a crate, with an underscore at the end if there is one of that
/// name.
#[must_use]
pub(crate) fn escape_root_module(name: String) -> String {
    if is_in(ROOT_MODULES, &name) { name + "_" } else { escape_module(name) }
}

/// The name of a module, with an underscore at the end if a module of that name exists.
#[must_use]
pub(crate) fn escape_module(name: String) -> String {
    if is_in(MODULES, &name) { name + "_" } else { name }
}
