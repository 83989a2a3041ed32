//! The files of a description, and the stages over them in their order.

use crate::{
    diag::{Diagnostics, Sink, Strictness},
    import,
    ir::Api,
    load::{self, Raw, Source},
    lower::lower,
    overlay::{self, Document, Layers},
    retained,
    scope::Scope,
    skip,
    texts::{self, Texts},
};

/// The files that describe an API, and the part of it that is asked for.
#[derive(Clone, Debug)]
pub struct Description {
    /// The OpenAPI description.
    pub base: Source,
    /// What is inferred from Alipay's texts ([`infer`](crate::infer)).
    pub inferred: Option<Source>,
    /// The overlay: what is known beyond the description.
    pub overlay: Option<Source>,
    /// The overlay of the crate whose types this one shares ([`overlay::shares`] names it).
    pub shared: Option<Source>,
    /// What Alipay has dropped and is retained as deprecated.
    pub retained: Option<Source>,
    /// The part of it that is asked for.
    pub scope: Scope,
}

/// The findings that an overlay gives a value a meaning that the description does not list, and that it
/// requires what no request has.
const OF_NOTHING: [&str; 2] = ["unknown-enum-value", "obliges-nobody"];

/// What a comparison looks at.
#[derive(Debug)]
pub struct Outline {
    /// The effective document. It has no texts but those of the overlay.
    pub document: Document,
    /// What it means.
    pub api: Api,
    /// The texts of the base; `None` for a base that has neither texts nor fingerprints of them.
    pub texts: Option<Texts>,
    /// Findings, such as actions of the overlay that do not fit.
    pub warnings: Sink,
}

impl Description {
    /// A description that consists of its base.
    #[must_use]
    pub fn new(base: Source) -> Self {
        Self {
            base,
            inferred: None,
            overlay: None,
            shared: None,
            retained: None,
            scope: Scope::default(),
        }
    }

    /// Adds what is inferred from Alipay's texts.
    #[must_use]
    pub fn inferred(self, inferred: Option<Source>) -> Self {
        Self { inferred, ..self }
    }

    /// Adds the overlay.
    #[must_use]
    pub fn overlay(self, overlay: Option<Source>) -> Self {
        Self { overlay, ..self }
    }

    /// Adds the overlay of the crate whose types this one shares.
    #[must_use]
    pub fn shared(self, shared: Option<Source>) -> Self {
        Self { shared, ..self }
    }

    /// Adds what Alipay has dropped.
    #[must_use]
    pub fn retained(self, retained: Option<Source>) -> Self {
        Self { retained, ..self }
    }

    /// Asks for the operations of these tags only.
    #[must_use]
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scope.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// Whether operations that cannot be generated are left out. They are not, unless it is asked for.
    #[must_use]
    pub fn skipping_unsupported(mut self, skip: bool) -> Self {
        self.scope.left_out = skip.then(Vec::new);
        self
    }

    /// Ignores extensions of which nothing is known, besides those that are ignored already.
    #[must_use]
    pub fn ignoring(mut self, extensions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scope.ignored_extensions.extend(extensions.into_iter().map(Into::into));
        self
    }

    /// What the description means.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn api(&self) -> Result<Api, Diagnostics> {
        let mut sink = Sink::new();
        self.read(&mut sink).map(|(_, api)| api).ok_or_else(|| sink.finish())
    }

    /// The effective document and what it means; `None` after an error, which is in `sink`.
    pub fn read(&self, sink: &mut Sink) -> Option<(Document, Api)> {
        let document = self.document(Strictness::Whole, sink)?;
        let api = self.lower(&document, Strictness::Whole, sink)?;
        Some((document, api))
    }

    fn lower(&self, document: &Document, strictness: Strictness, sink: &mut Sink) -> Option<Api> {
        let api = lower(document, &self.scope.tags, strictness, sink)?;
        Some(Api { left_out: self.scope.left_out.clone().unwrap_or_default(), ..api })
    }

    /// The effective document; `None` after an error that leaves none, which is in `sink`.
    pub fn document(&self, strictness: Strictness, sink: &mut Sink) -> Option<Document> {
        let base = self.raw(sink)?;
        overlay::apply(base, self.layers(), &self.scope, strictness, sink)
    }

    fn layers(&self) -> Layers<'_> {
        Layers {
            inferred: self.inferred.as_ref(),
            shared: self.shared.as_ref(),
            overlay: self.overlay.as_ref(),
        }
    }

    /// What a comparison looks at. Parts of the overlay that do not fit (yet) are left out, and are warnings.
    ///
    /// # Errors
    ///
    /// When the description cannot be understood at all.
    pub fn outline(&self) -> Result<Outline, Diagnostics> {
        self.leaving_out(Self::outline_all)
    }

    fn outline_all(&self) -> Result<Outline, Diagnostics> {
        let mut sink = Sink::new();
        let mut of_overlay = Sink::new();
        let understood = self.raw(&mut sink).and_then(|mut base| {
            let texts =
                texts::take(&mut base.value).within(import::cut(&base.value, &self.scope.tags));
            let strictness = Strictness::WhatFits;
            let document =
                overlay::apply(base, self.layers(), &self.scope, strictness, &mut of_overlay)?;
            let mut own = Sink::new();
            let api = self.lower(&document, strictness, &mut own);
            // What is said of what is gone does not fit (yet), like an action without a target.
            if !own.errors_are(&OF_NOTHING) {
                sink.append(own);
                return None;
            }
            of_overlay.append(own);
            let api = api?;
            Some((texts, document, api))
        });
        match understood {
            Some((texts, document, api)) => {
                // With a tag that one of two descriptions lacks, its group comes or goes.
                sink.append(of_overlay.errors_as_warnings().without("unknown-tag"));
                let known = !import::lacks_fingerprints(&self.base, &texts);
                Ok(Outline { document, api, texts: known.then_some(texts), warnings: sink })
            }
            None => {
                // Warnings, and actions that do not fit, have nothing to do with another failure.
                if !sink.has_errors() {
                    sink.append(of_overlay);
                }
                Err(sink.errors().finish())
            }
        }
    }

    /// The base, with the retained pieces put back; `None` after an error, which is in `sink`.
    pub fn raw(&self, sink: &mut Sink) -> Option<Raw> {
        let raw = load::load(&self.base, sink)?;
        match &self.retained {
            Some(retained) => retained::restore(raw, retained, sink),
            None => Some(raw),
        }
    }

    /// Makes something of the description. Where operations may be left out, those that the errors are about
    /// are, as often as it fails: what was left out may have hidden more.
    ///
    /// # Errors
    ///
    /// The errors, when none may be left out, when one of them is about no operation, or when no operation
    /// would be left.
    pub fn leaving_out<T>(
        &self,
        make: impl Fn(&Self) -> Result<T, Diagnostics>,
    ) -> Result<T, Diagnostics> {
        let mut description = self.clone();
        loop {
            match make(&description) {
                Err(findings) => description.leave_out(findings)?,
                done => return done,
            }
        }
    }

    fn leave_out(&mut self, findings: Diagnostics) -> Result<(), Diagnostics> {
        if self.scope.left_out.is_none() {
            return Err(findings);
        }
        let laid = self
            .raw(&mut Sink::new())
            .and_then(|base| overlay::lay_over(base, self.layers(), &mut Sink::new()));
        match laid {
            Some(laid) => skip::leave_out(&laid.value, findings, &mut self.scope),
            None => Err(findings),
        }
    }
}
