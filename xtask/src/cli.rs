//! What can be said on the command line.

use std::path::PathBuf;

use alipay_openapi::lint;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Maintains the generated client crates of this workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// The workspace, when it is not the one this program was built in.
    #[arg(long, global = true, hide = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Shows each finding and each change, where as a rule those of one sort are shown together.
    #[arg(long, global = true)]
    pub(crate) all: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Generates client crates from their descriptions.
    #[command(after_help = GENERATE)]
    Generate(Generate),
    /// Makes a base of Alipay's description: of some tags for a crate, or of all.
    #[command(after_help = IMPORT)]
    Import(Import),
    /// Says what changed between two descriptions, and whether it breaks Rust users.
    #[command(after_help = DIFF)]
    Diff(Diff),
    /// Lists what is wrong, or worth a look, in a description.
    #[command(after_help = lint_help())]
    Lint(Lint),
    /// Lists the tags of a description with their numbers of operations and schemas, and how well each is known.
    #[command(after_help = TAGS)]
    Tags(Tags),
    /// Generates a crate of all tags, compiles it and runs its generated tests.
    #[command(after_help = FULL_SCALE)]
    FullScale(FullScale),
    /// Packs the crates that are published, looks into the packages, and runs a program that has nothing else.
    #[command(after_help = PACKAGE)]
    Package(Package),
    /// Runs what the continuous integration runs.
    Ci,
}

const GENERATE: &str = "Examples:
  cargo xtask generate                     all crates of spec/crates.toml
  cargo xtask generate --check             say what is out of date, change nothing, fail if anything is
  cargo xtask generate --dry-run           say what would be written
  cargo xtask generate --tag alipay.trade --name alipay-trade --out ../alipay-trade
      a complete crate of a group, outside the workspace; `cargo xtask tags` lists the groups
  cargo xtask generate --from alipay.yaml --tag alipay.trade --name alipay-trade --out ../alipay-trade
      the same from a newer description of Alipay's

Exit codes: 0 good, 1 found something (drift, errors in a description), 2 bad usage or unreadable input.";
const IMPORT: &str = "Examples:
  cargo xtask import --from alipay.yaml --crate alipay-voucher
      refresh the base of a crate, with the tags of spec/crates.toml
  cargo xtask import --from alipay.yaml --crate alipay-trade --tag alipay.trade
      make a new crate: base, scaffold and generated code, as a member of the workspace
  cargo xtask import --from alipay.yaml --crate alipay-fund --prefix alipay.fund \
      --tag alipay.fund.trans --tag alipay.fund.auth.order
      make a crate for a domain: a module and a feature per tag; tags can be added later
  cargo xtask import --from alipay.yaml --all-tags
      refresh spec/alipay, the base of all groups with what is inferred from the texts, and what follows from it:
      the table of all operations in alipay-core, and the contract of them in alipay-mock

What Alipay has dropped is recorded in spec/CRATE/retained.yaml and stays, deprecated, in the crate.
`cargo xtask tags FILE` lists the tags. spec/README.md says where Alipay publishes the file.

Exit codes: 0 good, 1 found something, 2 bad usage or unreadable input.";
const DIFF: &str = "Examples:
  cargo xtask diff HEAD:spec/alipay-voucher spec/alipay-voucher
      what the working tree changes; HEAD can be any revision of git
  cargo xtask diff spec/alipay-voucher alipay.yaml --fail-on breaking
      what a refresh from Alipay's file would change: the file is read with the crate's tags and overlay,
      and what it lacks counts as deprecated
  cargo xtask diff v0.1.0:spec/alipay-voucher spec/alipay-voucher --format markdown
      a changelog entry

docs/diff.md has the kinds of change and how they are rated. Texts that Alipay reworded are shown in the
format `text` only: they are Alipay's.

A change that was looked at and found harmless is accepted by a line in spec/CRATE/accepted.txt (or the
file given with --accept): its fingerprint, a blank, the reason. It no longer fails the command; the
verdict stays.

Exit codes: 0 good, 1 a change that --fail-on names, or errors in a description, 2 bad usage or
unreadable input.";
const LINT: &str = "Examples:
  cargo xtask lint spec/alipay-voucher
      a crate's base with its overlay
  cargo xtask lint alipay.yaml --tag alipay.open.search
      the findings of one group
  cargo xtask lint alipay.yaml --only money-without-unit,time-without-format --all
      each finding of two rules by position

Findings of one sort are shown together, with the first three places; --all shows each. The last line has
their numbers by rule. With --format json each finding is a line of standard output, and there are no
numbers.

A file retained.yaml beside FILE is taken into account; of a folder, all that a crate is generated from.";

fn lint_help() -> String {
    let rules = lint::rules().map(|(rule, meaning)| format!("  {rule:21} {meaning}\n"));
    format!(
        "{LINT}\n\nRules, which warn (--only takes the codes of errors, too):\n{}\n\
         Exit codes: 0 good (there may be warnings), 1 found errors, also of rules that are not shown, \
         2 bad usage\nor unreadable input.",
        rules.collect::<String>()
    )
}
const FULL_SCALE: &str = "Examples:
  cargo xtask full-scale
      all tags: some minutes, most of them for the dependencies of a first run, and about 4 GB of memory
  cargo xtask full-scale --tag alipay.trade --tag alipay.trade.fastpay.refund --keep
      some tags; the crate stays in target/full-scale/crate
  cargo xtask full-scale --from alipay.yaml
      all tags of a newer description

The crate is generated twice, the second time with the schemas in another order, which must change
nothing; checked with no feature, with that of one tag and with all, without a warning; then its tests
are run: every type to JSON and back, every operation called, and refused with an error code of its own.
Processor time is that of cargo and all that it compiles in a step, memory that of the largest of
these. A first run compiles dependencies in some steps, too: compare figures of a second run.
What was built stays in the
folder for the next run.

Exit codes: 0 good, 1 something is not, 2 bad usage or unreadable input.";
const PACKAGE: &str = "Examples:
  cargo xtask package
      what others would get today, also of files that are not committed yet
  cargo xtask package --for-release
      the same of what is committed, if what a release needs is there: the address of the repository and the
      version's part of the changelog

The packages are in target/package, unpacked in target/packages. A package has its licences, README, sources and
examples, and no tests, keys or links. Cargo checks each by itself, and all together with all features and their
examples. Then the first program of README.md is built on them, and run at a local gateway of its own. Cargo fetches
nothing but dependencies of the workspace.

Exit codes: 0 good, 1 something is not as it should be, 2 bad usage or unreadable input.";
const TAGS: &str = "Examples:
  cargo xtask tags
      the groups of the shipped base, spec/alipay
  cargo xtask tags alipay.yaml
      those of a newer description of Alipay's

The last column says how well a group is known:
  curated   a crate of spec/crates.toml has it: people have said in its overlay what is required, what the
            values are, and in what form
  inferred  the texts of Alipay's description say the unit, the form or the values of some of its strings
  bare      nothing is known but what Alipay's description says: names, types and error codes

Exit codes: 0 good, 1 errors in the description, 2 bad usage or unreadable input.";

#[derive(Args)]
pub(crate) struct Ignored {
    /// Ignores an extension (x-…) of which nothing is known; may be given several times. For a crate of
    /// spec/crates.toml there is the key `ignored-extensions`.
    #[arg(long = "ignore-extension", value_name = "NAME", value_parser = extension)]
    pub(crate) extensions: Vec<String>,
}

fn extension(name: &str) -> Result<String, String> {
    if name.starts_with("x-") {
        Ok(name.to_owned())
    } else {
        Err("the names of extensions begin with `x-`".to_owned())
    }
}

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Generate {
    /// Changes nothing; prints what differs and fails if anything does.
    #[arg(long)]
    pub(crate) check: bool,
    /// Changes nothing; says what would be written, and succeeds.
    #[arg(long, conflicts_with = "check")]
    pub(crate) dry_run: bool,
    /// The crates of spec/crates.toml to generate; all if none is named.
    #[arg(value_name = "CRATE", conflicts_with_all = ["from", "tags", "all_tags", "name", "out"])]
    pub(crate) crates: Vec<String>,
    /// The description to make a complete crate from, outside the manifest; by default the base of all groups
    /// in spec/alipay.
    #[arg(long, value_name = "FILE", requires = "name")]
    pub(crate) from: Option<PathBuf>,
    /// The tags to generate; may be given several times.
    #[arg(long = "tag", value_name = "TAG", requires = "name")]
    pub(crate) tags: Vec<String>,
    /// Generates every tag of the description.
    #[arg(long, requires = "name", conflicts_with = "tags")]
    pub(crate) all_tags: bool,
    /// What the tags share and no module is made of; by default the segments all of them begin with.
    #[arg(long, value_name = "TAG", requires = "name")]
    pub(crate) prefix: Option<String>,
    /// Leaves out operations that cannot be generated, and lists them at the end and in OPERATIONS.md. For a
    /// crate of spec/crates.toml there is the key `skip-unsupported`.
    #[arg(long, requires = "name")]
    pub(crate) skip_unsupported: bool,
    /// The name of a crate outside the manifest.
    #[arg(long, value_name = "CRATE", requires = "out")]
    pub(crate) name: Option<String>,
    /// Its folder.
    #[arg(long, value_name = "DIR", requires = "name")]
    pub(crate) out: Option<PathBuf>,
    /// An overlay to apply to its description.
    #[arg(long, value_name = "FILE", requires = "name")]
    pub(crate) overlay: Option<PathBuf>,
    /// Where it finds alipay-core; by default in this workspace.
    #[arg(long, value_name = "DIR", requires = "name")]
    pub(crate) core_path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

#[derive(Args)]
pub(crate) struct Import {
    /// Alipay's description, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// The crate whose base is made or refreshed.
    #[arg(long = "crate", value_name = "NAME", required_unless_present = "all_tags")]
    pub(crate) name: Option<String>,
    /// Makes or refreshes spec/alipay, the base of all groups, which `generate --tag` reads, and the local gateway's
    /// contract of all operations.
    #[arg(long, conflicts_with_all = ["name", "tags", "prefix", "with_prose", "extensions"])]
    pub(crate) all_tags: bool,
    /// The tags to take; by default those of the manifest.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// What the tags of a new crate share and no module is made of; by default the segments all of them
    /// begin with. It is kept in the manifest, so that modules stay where they are when tags are added.
    #[arg(long, value_name = "TAG")]
    pub(crate) prefix: Option<String>,
    /// Keeps Alipay's texts. They are Alipay's: don't publish the result.
    #[arg(long)]
    pub(crate) with_prose: bool,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

#[derive(Args)]
pub(crate) struct Diff {
    /// The older description: a file, a folder of spec, or either in git as REVISION:PATH.
    #[arg(value_name = "OLD")]
    pub(crate) old: String,
    /// The newer description, in the same ways.
    #[arg(value_name = "NEW")]
    pub(crate) new: String,
    /// The tags to compare; may be given several times. By default those of the crate whose folder is
    /// given, or all.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// How to print the changes.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// Exits with 1 if there is such a change that was not accepted.
    #[arg(long, value_enum, value_name = "RATING")]
    pub(crate) fail_on: Option<FailOn>,
    /// The overlay of those descriptions that are files; by default that of the other side.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// The list of accepted changes; by default accepted.txt in the folder NEW.
    #[arg(long, value_name = "FILE")]
    pub(crate) accept: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For the terminal.
    Text,
    /// For a changelog or a pull request.
    Markdown,
    /// One JSON object.
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FailOn {
    /// A change that may break code that uses the crate.
    Breaking,
    /// The same, or a change after which Alipay may refuse what it took, or return what it did not.
    Risky,
    /// Any change.
    Any,
}

#[derive(Args)]
pub(crate) struct Lint {
    /// The description: a file, a folder of spec, or either in git as REVISION:PATH.
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// The overlay to apply to it.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// The tags to look at; may be given several times. By default all.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// The rules whose findings are shown, separated by commas; by default all.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

#[derive(Args)]
pub(crate) struct FullScale {
    /// Alipay's description, YAML or JSON; by default the base of all groups in spec/alipay.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The tags to take; may be given several times. By default all.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Where the crate is made and built; by default target/full-scale.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Keeps the crate when all is well. One that was made from Alipay's file holds Alipay's texts: don't publish it.
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) ignored: Ignored,
}

#[derive(Args)]
pub(crate) struct Package {
    /// Fails, too, if anything that a release needs is missing, or is not committed.
    #[arg(long)]
    pub(crate) for_release: bool,
}

#[derive(Args)]
pub(crate) struct Tags {
    /// The description: a file, a folder of spec, or either in git as REVISION:PATH. By default the base of all
    /// groups in spec/alipay.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<String>,
}
