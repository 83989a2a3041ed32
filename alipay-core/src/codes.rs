//! What an error code says about the request.
//!
//! Alipay's descriptions list codes without saying what they prove, and the same status (400) stands
//! for "refused" and for "we do not know". So each code is put into a [class](ErrorClass):
//!
//! 1. Three codes of the gateway leave the outcome open in every operation: `unknow-error`,
//!    `unknown-sub-code` and `invalid-response-data`.
//! 2. The operation's [table](ErrorCodes) decides, where people have classified its codes.
//! 3. Some codes of the gateway are refusals in every operation, though their words do not say so
//!    (`auth-token-time-out`).
//! 4. The words of the code decide otherwise, in any spelling (`SYSTEM_ERROR`, `systemError`,
//!    `isv.unknown-error`). A code is a refusal only if a word says so (*invalid*, *not*, *limit*) and
//!    no word names a failure (*system*, *timeout*, *processing*) or a success. Any other code, and
//!    any string that is not a code, proves nothing.

/// What an error code says about the request.
///
/// The class does not depend on the signature. What is proven is said by
/// [`Error::outcome`](crate::Error::outcome), which looks at the signature too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// Alipay refused the request: this request changed nothing.
    Refused,
    /// Alipay refused the request because an earlier one has succeeded, for example
    /// `ACQ.TRADE_HAS_SUCCESS`. This request changed nothing. Whether the earlier one is what this one
    /// asks for (the same order, the same amount), a query has to show.
    AlreadyDone,
    /// Alipay failed or has not finished. The request may have been carried out. Sending the
    /// identical request again may help.
    Failed,
    /// The code does not say whether the request was carried out. Query before anything else.
    Unclear,
}

/// Error codes that people have classified.
///
/// [`error_codes!`](crate::error_codes!) makes one for each enum of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ErrorCodes {
    own: &'static [(&'static str, ErrorClass)],
    common: Option<&'static ErrorCodes>,
}

impl ErrorCodes {
    /// No code.
    pub const NONE: Self = Self::new(&[]);

    /// A table of codes and their classes.
    pub const fn new(codes: &'static [(&'static str, ErrorClass)]) -> Self {
        Self { own: codes, common: None }
    }

    /// Adds the codes that operations have in common. Its own codes take precedence.
    pub const fn or(mut self, common: &'static Self) -> Self {
        self.common = Some(common);
        self
    }

    fn class_of(&self, code: &str) -> Option<ErrorClass> {
        let own = self.own.iter().find(|(other, _)| *other == code).map(|(_, class)| *class);
        own.or_else(|| self.common?.class_of(code))
    }
}

/// The gateway's codes for a response that it got from the service behind it and could not use.
const OPEN_EVERYWHERE: [&str; 3] = ["unknow-error", "unknown-sub-code", "invalid-response-data"];

/// The gateway's refusals whose words do not say so. It sends them before it passes the request on.
const REFUSED_EVERYWHERE: [&str; 6] = [
    "access-data-time-out",
    "app-auth-invoke-limit",
    "app-auth-token-time-out",
    "auth-token-time-out",
    "self-invoke-forbidden",
    "upload-fail",
];

/// Codes have up to 60 bytes. A longer string is not a code.
const LONGEST: usize = 128;

/// The class of a code, in an operation with this table.
pub(crate) fn class_of(code: &str, table: &ErrorCodes) -> ErrorClass {
    let code = code.trim();
    if OPEN_EVERYWHERE.contains(&code) {
        return ErrorClass::Failed;
    }
    if code.len() > LONGEST {
        return ErrorClass::Unclear;
    }
    match (table.class_of(code), class_by_words(code)) {
        // A table does not tell the two kinds of refusal apart; the words do.
        (Some(ErrorClass::Refused), ErrorClass::AlreadyDone) => ErrorClass::AlreadyDone,
        (None, _) if REFUSED_EVERYWHERE.contains(&code) => ErrorClass::Refused,
        (Some(class), _) | (None, class) => class,
    }
}

/// Stand anywhere in codes that leave the outcome open. Better one too many than one too few.
const FAILURE: &str = "\
    ABORT AVALIA BUSY CANNOTREACH CHANNELCLOSED CONCURREN CONNECT CRASH DATABASE DEADLINE \
    DEALING DEGRADE DETERMIN EXCEPTION EXECUT FEEDBACK HANDLING INPROGRESS INTERNAL INVOKE \
    LATER MAINTEN NETWORK NOTAVAIL NOTCERTAIN NOTCLEAR NOTCOMPLET NOTCONFIRM NOTFINAL \
    NOTFINISH NOTKNOWN NOTSURE OVERLOAD OVERTIME PAYING PENDING POINTER POOL PROCESS QUEUE \
    REMOTE REPLY RESPON RETRY RETURNEMPTY RPC RUNNING SESSIONCLOSED SLOW SYS THREAD TIMEDOUT \
    TIMEEXCEED TIMELIMITEXCEED TIMEOUT TRYAGAIN UNAVAIL UNCERTAIN UNCONFIRM UNKNO UPGRADING \
    VERIFYING WAITVERIF YET";
/// The same, as whole words.
const FAILURE_WORDS: &str = "ACCEPTED ACK ALL BUT DB LOCK RESULT SERVER SOCKET";

/// Stand anywhere in codes that refuse: something about the request or its object forbids it.
const REFUSAL: &str = "\
    ALREADY ARGUMENT AUTHERROR AUTHFAIL BLOCKED CANCELED CANCELLED CANNOT CHECKERROR \
    CHECKFAIL CODEERROR CONFLICT DELETED DENIED DISABLED DUPLICAT ERRORSTATUS EXCEED EXIST \
    EXPIRE FORBBID FORBID FORMAT FREEZEN FREQUEN FROZEN HASCLOSE HASFINISH HASNO HASRISK \
    ILLEAGL ILLEGAL INCONSISTEN INSUFFICIENT INVAILD INVAILID INVALID LENGTH LIMIT MISMATCH \
    MISSED MISSING NOACCESS NOAUTH NOBALANCE NOPASS NOTFIND NOTFOUND OCCUPIED OUTOFDATE \
    PARAM PERMISSION PUNISH REFUSED REJECTED REPEAT REQUIRED RESTRICT REVOKED RISKFREEZE \
    SENSITIVE STATUSERROR STOPED STOPPED TYPEERROR UNAUTH UNMATCH UNSIGNED UNSUPPORT UNVALID \
    VALIDATE VERIF";
/// The same, as whole words.
const REFUSAL_WORDS: &str = "\
    BEYOND BLACK BLANK CLOSED CONSUMED DENY DISCARD DUP EMPTY ENDED ENOUGH EXSIT FINISHED \
    INTERCEPT ISNULL LACK MISS MUST NEED NOT NULL ONLY OVER PRIVILEGE PURVIEW REFUSE SIZE \
    TOO UNABLE UNDEFINED UNIQUE USED WITHOUT";
/// The same, as the last word only: elsewhere they name what was to be done (`CLOSE_FAIL`).
const REFUSAL_LAST: &str = "\
    CLOSE DISABLE END EQUAL FORBID FREEZE OFF OFFLINE REJECT RISK STOP SUSPEND UNSIGN";
/// Stand anywhere in codes for a success, a partial success, or one that was undone. The code does not
/// say whose success it is, or which part.
const DONE: &str = "PARTIALLY PARTIALSUCC PARTLY ROLLEDBACK SUCC";
/// Stand anywhere in codes that refuse because an earlier request has succeeded.
const DONE_BEFORE: &str = "ALREADYSUCCE HASSUCCE HAVESUCCE IDEMPOTENTSUCCE LASTTIMESUCCE";

/// Words that take back what [`DONE_BEFORE`] says, or the half of it.
const NOT_DONE: &str = "NOT PARTIAL PARTIALLY PARTLY ROLL ROLLBACK ROLLED";

fn class_by_words(code: &str) -> ErrorClass {
    if !code.chars().all(|character| character.is_ascii_alphanumeric() || "_-.".contains(character))
    {
        return ErrorClass::Unclear;
    }
    let words = words(code);
    let joined = words.concat();
    let is_one_of = |word: &String, list: &str| list.split(' ').any(|other| other == word);
    let within = |parts: &str| parts.split(' ').any(|part| joined.contains(part));
    let among = |list| words.iter().any(|word| is_one_of(word, list));
    let last = |list| words.last().is_some_and(|word| is_one_of(word, list));
    let failed = within(FAILURE) || among(FAILURE_WORDS);
    let done_before = within(DONE_BEFORE) && among("SUCCEED SUCCEEDED SUCCESS") && !among(NOT_DONE);
    // Behind a prefix (`ACQ.NO_…`) too. Elsewhere `NO` is mostly a number: `OUT_ORDER_NO_ERROR`.
    let own = code.rsplit_once('.').map_or(code, |(_, own)| own);
    let refused = within(REFUSAL)
        || among(REFUSAL_WORDS)
        || last(REFUSAL_LAST)
        || self::words(own).first().is_some_and(|word| word == "NO");
    match (failed, refused) {
        (true, true) => ErrorClass::Unclear,
        (true, false) => ErrorClass::Failed,
        _ if done_before => ErrorClass::AlreadyDone,
        _ if within(DONE) => ErrorClass::Unclear,
        (false, true) => ErrorClass::Refused,
        (false, false) => ErrorClass::Unclear,
    }
}

/// The words of a code in upper case: `isv.unknown-error` has three, and so has `isvUnknownError`.
fn words(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut after_lower = false;
    for character in code.chars() {
        let ends =
            !character.is_ascii_alphanumeric() || (after_lower && character.is_ascii_uppercase());
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if character.is_ascii_alphanumeric() {
            word.push(character.to_ascii_uppercase());
        }
        after_lower = character.is_ascii_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
