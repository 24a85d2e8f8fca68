//! A Bicep file as what it declares. Expressions keep their text and line.

mod parse;

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    pub(crate) target_scope: Option<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) modules: Vec<Module>,
    pub(crate) outputs: Vec<Output>,
    /// What the grammar does not have: line and reason.
    pub(crate) errors: Vec<(usize, String)>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// As written: `string`, `int`, `bool`, `object`, `string[]`.
    pub(crate) kind: String,
    pub(crate) default: Option<Expression>,
    pub(crate) decorators: Vec<Decorator>,
    pub(crate) line: usize,
}

#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: Expression,
    pub(crate) line: usize,
}

#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) name: String,
    /// Such as `Microsoft.Web/sites`.
    pub(crate) kind: String,
    pub(crate) api_version: String,
    pub(crate) existing: bool,
    pub(crate) condition: Option<Expression>,
    pub(crate) body: Expression,
    pub(crate) line: usize,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    /// As written, from the folder of the file.
    pub(crate) path: String,
    pub(crate) condition: Option<Expression>,
    pub(crate) body: Expression,
    pub(crate) line: usize,
}

#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) value: Expression,
    pub(crate) decorators: Vec<Decorator>,
    pub(crate) line: usize,
}

#[derive(Debug)]
pub(crate) struct Decorator {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Expression>,
}

#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) line: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    String(String),
    /// A string with expressions in it: those.
    Interpolated(Vec<Expression>),
    Integer(i64),
    Boolean(bool),
    Null,
    Array(Vec<Expression>),
    Object(Vec<Property>),
    Name(String),
    /// `of.name`, or `of.?name` when it may not be there.
    Member {
        of: Box<Expression>,
        name: String,
        safe: bool,
    },
    Call {
        function: String,
        arguments: Vec<Expression>,
    },
    /// `condition ? yes : no`.
    Choice {
        condition: Box<Expression>,
        yes: Box<Expression>,
        no: Box<Expression>,
    },
    /// A lambda or a loop: the names it brings, and what is in it.
    Binding {
        names: Vec<String>,
        parts: Vec<Expression>,
    },
    /// An operator, an index or parentheses: what it is applied to.
    Operator(Vec<Expression>),
}

#[derive(Debug, Clone)]
pub(crate) struct Property {
    /// Without quotes; with `${…}` as written.
    pub(crate) name: String,
    /// The expressions in the name.
    pub(crate) computed: Vec<Expression>,
    pub(crate) value: Expression,
    pub(crate) line: usize,
}

impl File {
    /// Every expression that is not within another one.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let defaults = self.parameters.iter().filter_map(|p| p.default.as_ref());
        let decorators = self.parameters.iter().flat_map(|p| &p.decorators);
        let variables = self.variables.iter().map(|variable| &variable.value);
        let resources = self.resources.iter();
        let resources = resources.flat_map(|r| r.condition.iter().chain([&r.body]));
        let modules = self.modules.iter();
        let modules = modules.flat_map(|m| m.condition.iter().chain([&m.body]));
        defaults
            .chain(decorators.flat_map(|decorator| &decorator.arguments))
            .chain(variables)
            .chain(resources)
            .chain(modules)
            .chain(self.outputs.iter().map(|output| &output.value))
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|v| v.name == name)
    }

    pub(crate) fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|r| r.name == name)
    }

    pub(crate) fn module(&self, name: &str) -> Option<&Module> {
        self.modules.iter().find(|m| m.name == name)
    }

    pub(crate) fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|o| o.name == name)
    }

    /// Names of what it declares, outputs left out: they are another world.
    pub(crate) fn declared(&self) -> impl Iterator<Item = (&str, usize)> {
        let parameters = self.parameters.iter().map(|p| (p.name.as_str(), p.line));
        let variables = self.variables.iter().map(|v| (v.name.as_str(), v.line));
        let resources = self.resources.iter().map(|r| (r.name.as_str(), r.line));
        let modules = self.modules.iter().map(|m| (m.name.as_str(), m.line));
        parameters.chain(variables).chain(resources).chain(modules)
    }
}

impl Parameter {
    pub(crate) fn decorator(&self, name: &str) -> Option<&Decorator> {
        self.decorators.iter().find(|d| d.name == name)
    }

    /// The number of `@minValue(…)` and the like.
    pub(crate) fn number(&self, decorator: &str) -> Option<i64> {
        self.decorator(decorator)?.arguments.first()?.integer()
    }
}

impl Expression {
    /// The expressions right within it.
    pub(crate) fn parts(&self) -> Vec<&Expression> {
        match &self.kind {
            Kind::String(_) | Kind::Integer(_) | Kind::Boolean(_) | Kind::Null | Kind::Name(_) => {
                Vec::new()
            }
            Kind::Interpolated(parts)
            | Kind::Array(parts)
            | Kind::Binding { parts, .. }
            | Kind::Operator(parts) => parts.iter().collect(),
            Kind::Call { arguments, .. } => arguments.iter().collect(),
            Kind::Object(properties) => {
                let parts = properties.iter();
                parts
                    .flat_map(|p| p.computed.iter().chain([&p.value]))
                    .collect()
            }
            Kind::Member { of, .. } => vec![of],
            Kind::Choice { condition, yes, no } => vec![condition, yes, no],
        }
    }

    /// It and everything in it.
    pub(crate) fn all(&self) -> Vec<&Expression> {
        let mut found = vec![self];
        let mut next = 0;
        while next < found.len() {
            found.extend(found[next].parts());
            next += 1;
        }
        found
    }

    pub(crate) fn properties(&self) -> &[Property] {
        match &self.kind {
            Kind::Object(properties) => properties,
            _ => &[],
        }
    }

    /// The value at a path such as `properties.subnets.0.name`, through objects and arrays.
    pub(crate) fn at(&self, path: &str) -> Option<&Expression> {
        path.split('.').try_fold(self, |value, name| {
            if let Kind::Array(items) = &value.kind {
                return items.get(name.parse::<usize>().ok()?);
            }
            let found = value.properties().iter().find(|p| p.name == name)?;
            Some(&found.value)
        })
    }

    pub(crate) fn string(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self.kind {
            Kind::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// `a.b.c` as its names; `None` for anything else.
    pub(crate) fn chain(&self) -> Option<Vec<&str>> {
        match &self.kind {
            Kind::Name(name) => Some(vec![name]),
            Kind::Member { of, name, .. } => {
                let mut names = of.chain()?;
                names.push(name);
                Some(names)
            }
            _ => None,
        }
    }
}
