//! What the operations of a patch do to an item. Errors say why one cannot be carried out.

use super::{is_increment, too_deep};
use crate::limits::{self, MAX_DEPTH};
use serde_json::Value;

/// Operations of a patch, as the service takes.
const MAX_OPERATIONS: usize = 10;

/// Lets increments of what is not there set it. What cannot be carried out the account refuses.
pub(super) fn fit(mut item: Value, operations: &mut [Value]) -> Result<(), String> {
    for operation in operations {
        let is_missing = pointer(operation, "path").is_ok_and(|path| item.pointer(path).is_none());
        if is_increment(operation) && is_missing {
            operation["op"] = "set".into();
        }
        if carry_out(&mut item, operation).is_err() {
            return Ok(());
        }
    }
    check(&item)
}

/// The item as the operations leave it.
pub(crate) fn patched(mut item: Value, operations: &[Value]) -> Result<Value, String> {
    if operations.is_empty() || operations.len() > MAX_OPERATIONS {
        return Err(format!("A patch has 1 to {MAX_OPERATIONS} operations."));
    }
    for operation in operations {
        carry_out(&mut item, operation)?;
    }
    check(&item)?;
    Ok(item)
}

/// Whether the service would take the item as it is now.
fn check(item: &Value) -> Result<(), String> {
    if limits::depth(item) > MAX_DEPTH {
        return Err(too_deep());
    }
    limits::item(item)
}

fn pointer<'a>(operation: &'a Value, name: &str) -> Result<&'a str, String> {
    let pointer = operation[name].as_str().filter(|it| it.starts_with('/'));
    pointer.ok_or_else(|| format!("'{name}' of a patch must be a path."))
}

fn carry_out(item: &mut Value, operation: &Value) -> Result<(), String> {
    let path = pointer(operation, "path")?;
    let value = || {
        let value = operation.get("value").cloned();
        value.ok_or_else(|| format!("The patch of '{path}' has no value."))
    };
    match operation["op"].as_str().unwrap_or_default() {
        "add" => put(item, path, value()?, true),
        "set" => put(item, path, value()?, false),
        "replace" => {
            *item.pointer_mut(path).ok_or_else(|| missing(path))? = value()?;
            Ok(())
        }
        "remove" => take(item, path).map(drop),
        "incr" | "increment" => increment(item, path, value()?),
        "move" => {
            let moved = take(item, pointer(operation, "from")?)?;
            put(item, path, moved, true)
        }
        other => Err(format!("There is no patch operation '{other}'.")),
    }
}

fn missing(path: &str) -> String {
    format!("missing path: '{path}'")
}

/// What holds the value at `path`, and under which name.
fn holder<'a>(item: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), String> {
    let (parent, name) = path.rsplit_once('/').ok_or_else(|| missing(path))?;
    let holder = item.pointer_mut(parent).ok_or_else(|| missing(path))?;
    Ok((holder, name.replace("~1", "/").replace("~0", "~")))
}

fn put(item: &mut Value, path: &str, value: Value, inserts: bool) -> Result<(), String> {
    match holder(item, path)? {
        (Value::Object(properties), name) => drop(properties.insert(name, value)),
        (Value::Array(elements), name) if name == "-" => elements.push(value),
        (Value::Array(elements), name) => {
            let place = name.parse::<usize>().map_err(|_| missing(path))?;
            let is_there = place < elements.len();
            if inserts && place <= elements.len() {
                elements.insert(place, value);
            } else if is_there {
                elements[place] = value;
            } else {
                return Err(missing(path));
            }
        }
        _ => return Err(missing(path)),
    }
    Ok(())
}

fn take(item: &mut Value, path: &str) -> Result<Value, String> {
    let taken = match holder(item, path)? {
        (Value::Object(properties), name) => properties.remove(&name),
        (Value::Array(elements), name) => {
            let place = name.parse::<usize>().ok();
            let place = place.filter(|place| *place < elements.len());
            place.map(|place| elements.remove(place))
        }
        _ => None,
    };
    taken.ok_or_else(|| missing(path))
}

fn increment(item: &mut Value, path: &str, by: Value) -> Result<(), String> {
    let no_number = || format!("'{path}' cannot be incremented: not a number.");
    let Some(current) = item.pointer_mut(path) else {
        return put(item, path, by, false);
    };
    *current = if let (Some(current), Some(by)) = (current.as_i64(), by.as_i64()) {
        current.checked_add(by).ok_or_else(no_number)?.into()
    } else {
        let current = current.as_f64().ok_or_else(no_number)?;
        (current + by.as_f64().ok_or_else(no_number)?).into()
    };
    Ok(())
}
