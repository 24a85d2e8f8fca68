//! JSON Schemas of the types that callers send and get.

/// Gives a type that is one JSON string a schema in place.
#[macro_export]
macro_rules! string_schema {
    ($type:ty, $($schema:tt)*) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                std::any::type_name::<Self>().into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($($schema)*)
            }
        }
    };
}
