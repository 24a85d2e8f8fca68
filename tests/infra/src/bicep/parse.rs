//! From tree-sitter's tree.

use super::{
    Decorator, Expression, File, Kind, Module, Output, Parameter, Property, Resource, Variable,
};
use tree_sitter::{Node, Parser};

impl File {
    /// Reads `text`. What the grammar does not have is in `errors`, and left out of the rest.
    #[expect(clippy::expect_used, reason = "both versions are in the lock file")]
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let mut parser = Parser::new();
        let language = tree_sitter_bicep::LANGUAGE.into();
        parser.set_language(&language).expect("a known version");
        let tree = parser.parse(text, None).expect("no time limit is set");
        let mut reader = Reader {
            text,
            file: File {
                path: path.to_owned(),
                target_scope: None,
                parameters: Vec::new(),
                variables: Vec::new(),
                resources: Vec::new(),
                modules: Vec::new(),
                outputs: Vec::new(),
                errors: Vec::new(),
            },
        };
        reader.find_errors(tree.root_node());
        reader.statements(tree.root_node());
        reader.file
    }
}

struct Reader<'a> {
    text: &'a str,
    file: File,
}

fn line(node: Node<'_>) -> usize {
    node.start_position().row + 1
}

/// Its children with names, without comments.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    let named = node.named_children(&mut cursor);
    named.filter(|child| child.kind() != "comment").collect()
}

fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    children(node)
        .into_iter()
        .find(|child| child.kind() == kind)
}

impl<'a> Reader<'a> {
    fn text_of(&self, node: Node<'_>) -> &'a str {
        &self.text[node.byte_range()]
    }

    fn error(&mut self, node: Node<'_>, reason: &str) {
        self.file.errors.push((line(node), reason.to_owned()));
    }

    fn find_errors(&mut self, node: Node<'_>) {
        if node.is_error() || node.is_missing() {
            self.error(node, "this is not Bicep");
            return;
        }
        if matches!(node.kind(), "object" | "infrastructure") {
            self.find_joined(node);
        }
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            self.find_errors(child);
        }
    }

    /// The grammar takes any white space between two members; Bicep wants a comma or a new line.
    fn find_joined(&mut self, node: Node<'_>) {
        let mut cursor = node.walk();
        let parts: Vec<_> = node.children(&mut cursor).collect();
        for pair in parts.windows(2) {
            let both = pair.iter().all(Node::is_named);
            let same_line = pair[0].end_position().row == pair[1].start_position().row;
            if both && same_line && pair[1].kind() != "comment" {
                self.error(pair[1], "a comma or a new line is missing before this");
            }
        }
    }

    fn statements(&mut self, root: Node<'_>) {
        let mut decorators = Vec::new();
        for node in children(root) {
            match node.kind() {
                "decorators" => decorators = self.decorators(node),
                "parameter_declaration" => {
                    let decorators = std::mem::take(&mut decorators);
                    self.parameter(node, decorators);
                }
                "output_declaration" => {
                    let decorators = std::mem::take(&mut decorators);
                    self.output(node, decorators);
                }
                "variable_declaration" => self.variable(node),
                "resource_declaration" => self.resource(node),
                "module_declaration" => self.module(node),
                "target_scope_assignment" => {
                    let scope = child(node, "string").map(|scope| self.expression(scope));
                    let scope = scope.and_then(|scope| scope.string().map(ToOwned::to_owned));
                    self.file.target_scope = scope;
                }
                "ERROR" => {}
                other => {
                    let reason = format!("a {other} is nothing these checks know");
                    self.error(node, &reason);
                }
            }
        }
    }

    fn decorators(&self, node: Node<'_>) -> Vec<Decorator> {
        let calls = children(node).into_iter().filter_map(|decorator| {
            let call = child(decorator, "call_expression")?;
            match self.expression(call).kind {
                Kind::Call {
                    function,
                    arguments,
                } => Some(Decorator {
                    name: function,
                    arguments,
                }),
                _ => None,
            }
        });
        calls.collect()
    }

    /// The declared name, and the last child, which is the value.
    fn named(&self, node: Node<'_>) -> (String, Option<Expression>) {
        let name = child(node, "identifier").map_or("", |name| self.text_of(name));
        let value = children(node).pop().map(|value| self.expression(value));
        (name.to_owned(), value)
    }

    fn parameter(&mut self, node: Node<'_>, decorators: Vec<Decorator>) {
        let (name, value) = self.named(node);
        let mut cursor = node.walk();
        let has_default = node.children(&mut cursor).any(|part| part.kind() == "=");
        let kind = child(node, "type").map_or("", |kind| self.text_of(kind));
        self.file.parameters.push(Parameter {
            name,
            kind: kind.to_owned(),
            default: value.filter(|_| has_default),
            decorators,
            line: line(node),
        });
    }

    fn output(&mut self, node: Node<'_>, decorators: Vec<Decorator>) {
        let (name, Some(value)) = self.named(node) else {
            return;
        };
        let kind = child(node, "type").map_or("", |kind| self.text_of(kind));
        self.file.outputs.push(Output {
            name,
            kind: kind.to_owned(),
            value,
            decorators,
            line: line(node),
        });
    }

    fn variable(&mut self, node: Node<'_>) {
        if let (name, Some(value)) = self.named(node) {
            let line = line(node);
            self.file.variables.push(Variable { name, value, line });
        }
    }

    /// The name, the text before `=`, the condition and the body of a resource or module.
    fn deployed(&self, node: Node<'_>) -> Option<(String, String, Option<Expression>, Expression)> {
        let name = self.text_of(child(node, "identifier")?).to_owned();
        let what = self.expression(child(node, "string")?);
        let what = what.string()?.to_owned();
        let Some(conditional) = child(node, "if_statement") else {
            return Some((name, what, None, self.expression(child(node, "object")?)));
        };
        let condition = self.expression(child(conditional, "parenthesized_expression")?);
        let body = self.expression(child(conditional, "object")?);
        Some((name, what, Some(condition), body))
    }

    fn resource(&mut self, node: Node<'_>) {
        let Some((name, what, condition, body)) = self.deployed(node) else {
            return self.error(node, "this resource is nothing these checks know");
        };
        let mut cursor = node.walk();
        let existing = node
            .children(&mut cursor)
            .any(|part| part.kind() == "existing");
        let (kind, api_version) = what.split_once('@').unwrap_or((&what, ""));
        self.file.resources.push(Resource {
            name,
            kind: kind.to_owned(),
            api_version: api_version.to_owned(),
            existing,
            condition,
            body,
            line: line(node),
        });
    }

    fn module(&mut self, node: Node<'_>) {
        let Some((name, path, condition, body)) = self.deployed(node) else {
            return self.error(node, "this module is nothing these checks know");
        };
        let line = line(node);
        self.file.modules.push(Module {
            name,
            path,
            condition,
            body,
            line,
        });
    }

    fn expression(&self, node: Node<'_>) -> Expression {
        Expression {
            kind: self.kind(node),
            text: self.text_of(node).to_owned(),
            line: line(node),
        }
    }

    fn expressions(&self, node: Node<'_>) -> Vec<Expression> {
        let parts = children(node).into_iter();
        parts.map(|part| self.expression(part)).collect()
    }

    fn boxed(&self, node: Node<'_>, field: &str) -> Box<Expression> {
        let part = node.child_by_field_name(field).unwrap_or(node);
        Box::new(self.expression(part))
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        match node.kind() {
            "string" => self.string(node),
            "number" => Kind::Integer(self.text_of(node).parse().unwrap_or_default()),
            "boolean" => Kind::Boolean(self.text_of(node) == "true"),
            "null" => Kind::Null,
            "identifier" => Kind::Name(self.text_of(node).to_owned()),
            "array" => Kind::Array(self.expressions(node)),
            "object" => Kind::Object(self.properties(node)),
            "member_expression" => self.member(node),
            "call_expression" => Kind::Call {
                function: self.boxed(node, "function").text,
                arguments: child(node, "arguments")
                    .map_or_else(Vec::new, |arguments| self.expressions(arguments)),
            },
            "ternary_expression" => Kind::Choice {
                condition: self.boxed(node, "condition"),
                yes: self.boxed(node, "consequence"),
                no: self.boxed(node, "alternative"),
            },
            "lambda_expression" | "for_statement" => self.binding(node),
            "parenthesized_expression" => match children(node)[..] {
                [inner] => self.kind(inner),
                _ => Kind::Operator(self.expressions(node)),
            },
            _ => Kind::Operator(self.expressions(node)),
        }
    }

    fn string(&self, node: Node<'_>) -> Kind {
        let inner = children(node).into_iter();
        let parts: Vec<_> = inner
            .filter(|part| part.kind() == "interpolation")
            .flat_map(|part| self.expressions(part))
            .collect();
        if parts.is_empty() {
            Kind::String(self.text_of(node).trim_matches('\'').to_owned())
        } else {
            Kind::Interpolated(parts)
        }
    }

    fn member(&self, node: Node<'_>) -> Kind {
        let mut cursor = node.walk();
        let safe = node.children(&mut cursor).any(|part| part.kind() == ".?");
        Kind::Member {
            of: self.boxed(node, "object"),
            name: self.boxed(node, "property").text,
            safe,
        }
    }

    /// The names come first; only a loop has more than one expression after them.
    fn binding(&self, node: Node<'_>) -> Kind {
        let mut parts = children(node);
        let first = parts.remove(0);
        let names = match first.kind() {
            "identifier" => vec![first],
            _ => children(first),
        };
        let names = names.into_iter().map(|name| self.text_of(name).to_owned());
        Kind::Binding {
            names: names.collect(),
            parts: parts
                .into_iter()
                .map(|part| self.expression(part))
                .collect(),
        }
    }

    fn properties(&self, node: Node<'_>) -> Vec<Property> {
        let properties = children(node).into_iter().filter_map(|property| {
            let [name, value] = children(property)[..] else {
                return None;
            };
            let computed = match self.kind(name) {
                Kind::Interpolated(parts) if name.kind() == "string" => parts,
                _ => Vec::new(),
            };
            Some(Property {
                name: self.text_of(name).trim_matches('\'').to_owned(),
                computed,
                value: self.expression(value),
                line: line(property),
            })
        });
        properties.collect()
    }
}
