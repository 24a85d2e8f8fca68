//! What lists can be filtered by.

use super::parameters::Parameters;
use crate::openapi::in_place;
use crate::violations::{Violations, read_text};
use deserr::Deserr;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A parameter of a list, and the items it selects.
#[derive(Debug)]
pub struct Criterion {
    /// The parameter's name in the query.
    pub(super) name: &'static str,
    pub(super) is_required: bool,
    property: &'static str,
    test: Test,
    parse: fn(&str) -> Result<Value, String>,
    schema: fn() -> Value,
}

/// A type of values that lists are filtered by: read as in a body, and compared as JSON.
pub trait Filterable: Deserr<Violations> + Serialize + JsonSchema {}

impl<T: Deserr<Violations> + Serialize + JsonSchema> Filterable for T {}

#[derive(Debug, Clone, Copy)]
enum Test {
    Equals,
    Contains,
    IsPartOf,
}

impl Criterion {
    /// Selects items whose `property`, a `T`, is the value of the parameter of the same name.
    pub const fn equals<T: Filterable>(property: &'static str) -> Self {
        Self::new::<T>(property, property, Test::Equals)
    }

    /// Selects items whose `property`, an array of `T`, contains the parameter's value.
    pub const fn contains<T: Filterable>(name: &'static str, property: &'static str) -> Self {
        Self::new::<T>(name, property, Test::Contains)
    }

    /// Selects items with the parameter's value, a `T`, in the text of `property`, in any case.
    pub const fn is_part_of<T: Filterable>(name: &'static str, property: &'static str) -> Self {
        Self::new::<T>(name, property, Test::IsPartOf)
    }

    /// The same criterion, without which there is no list.
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    const fn new<T: Filterable>(name: &'static str, property: &'static str, test: Test) -> Self {
        Self {
            name,
            is_required: false,
            property,
            test,
            parse: parse::<T>,
            schema: in_place::<T>,
        }
    }

    pub(super) fn take(&self, parameters: &mut Parameters) -> Option<Value> {
        if self.is_required {
            parameters.require(self.name);
        }
        parameters.take(self.name, self.parse)
    }

    /// The pieces of its SQL, whose parameter has the same name.
    pub(super) fn condition(&self) -> [&'static str; 5] {
        let (before, between, after) = match self.test {
            Test::Equals => ("c.", " = @", ""),
            Test::Contains => ("ARRAY_CONTAINS(c.", ", @", ")"),
            Test::IsPartOf => ("CONTAINS(c.", ", @", ", true)"),
        };
        [before, self.property, between, self.name, after]
    }

    pub(super) fn schema(&self) -> Value {
        let mut schema = (self.schema)();
        let property = self.property;
        let description = match self.test {
            Test::Equals => format!("Only those whose `{property}` is this."),
            Test::Contains => format!("Only those with this among their `{property}`."),
            Test::IsPartOf => format!("Only those with this in their `{property}`, in any case."),
        };
        schema["description"] = description.into();
        schema
    }
}

fn parse<T: Filterable>(text: &str) -> Result<Value, String> {
    let value: T = read_text(text)?;
    serde_json::to_value(value).map_err(|error| error.to_string())
}
