//! The functions that the engine behind gets right, with how many arguments.

/// Name, fewest arguments, most arguments.
const FUNCTIONS: [(&str, usize, usize); 40] = [
    ("ABS", 1, 1),
    ("ARRAY_CONTAINS", 2, 3),
    ("ARRAY_LENGTH", 1, 1),
    ("ARRAY_SLICE", 2, 3),
    ("AVG", 1, 1),
    ("CEILING", 1, 1),
    ("CONCAT", 2, usize::MAX),
    ("CONTAINS", 2, 3),
    ("COUNT", 1, 1),
    ("ENDSWITH", 2, 3),
    ("EXP", 1, 1),
    ("FLOOR", 1, 1),
    ("IS_ARRAY", 1, 1),
    ("IS_BOOL", 1, 1),
    ("IS_DEFINED", 1, 1),
    ("IS_NULL", 1, 1),
    ("IS_NUMBER", 1, 1),
    ("IS_OBJECT", 1, 1),
    ("IS_STRING", 1, 1),
    ("LEFT", 2, 2),
    ("LENGTH", 1, 1),
    ("LOG", 1, 1),
    ("LOG10", 1, 1),
    ("LOWER", 1, 1),
    ("LTRIM", 1, 1),
    ("MAX", 1, 1),
    ("MIN", 1, 1),
    ("POWER", 2, 2),
    ("REPLACE", 3, 3),
    ("RIGHT", 2, 2),
    ("ROUND", 1, 1),
    ("RTRIM", 1, 1),
    ("SIGN", 1, 1),
    ("SQRT", 1, 1),
    ("STARTSWITH", 2, 3),
    ("SUBSTRING", 3, 3),
    ("SUM", 1, 1),
    ("TOSTRING", 1, 1),
    ("TRIM", 1, 1),
    ("UPPER", 1, 1),
];

pub(super) const AGGREGATES: [&str; 5] = ["AVG", "COUNT", "MAX", "MIN", "SUM"];

/// Says what is wrong with a call, if anything is.
pub(super) fn check(name: &str, arguments: usize) -> Result<(), String> {
    let known = FUNCTIONS
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(name));
    match known {
        Some((_, fewest, most)) if (*fewest..=*most).contains(&arguments) => Ok(()),
        Some(_) => Err(format!(
            "{name}() with {arguments} arguments is not supported by this emulator."
        )),
        None => Err(format!("{name}() is not supported by this emulator.")),
    }
}
