//! Inputs as Rust code: a call of the target that does in a plain test what the engine has done.
//!
//! It compiles in the module of the target. Values of standard and derived types are literals; what is
//! made by a function, has fields that are private there, or is of a type that its shape does not tell,
//! is the text of a file, which `shakedown::from_text` reads.

use super::print::Printer;
use super::{needs_raw, plain_name};
use crate::codec::Corrupt;
use crate::schema::shape;
use crate::schema::{Field, FieldStyle, Node, NodeId, Record, Schema, SeqStyle, Written};

/// How a target is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callee {
    /// Its path: the crate, the modules, the function.
    pub path: String,
    /// What it takes.
    pub parameters: Vec<Parameter>,
    /// Whether it returns a result.
    pub is_fallible: bool,
}

/// An argument, as the function has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// How it is taken.
    pub taken: Taken,
    /// Its type as it is written, without the reference if it is lent. Of what is made, the code that makes
    /// it, with [`SOURCE`] or [`TEXT`] in the place of what files hold.
    pub ty: String,
}

/// What stands for the source in code that makes a value of it.
pub const SOURCE: char = '\u{1}';

/// What stands there for its text in quotes.
pub const TEXT: char = '\u{2}';

/// How a function takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// As a value that is its own, or that borrows from nothing but literals.
    Owned,
    /// As `&str` or `&[u8]`.
    Borrowed,
    /// As another reference.
    Lent,
    /// As a reference through which it may be changed.
    LentMut,
    /// As what a function makes of what files hold.
    Made,
}

impl Callee {
    /// The path of its module, and its name.
    fn parts(&self) -> (&str, &str) {
        self.path.rsplit_once("::").unwrap_or(("", &self.path))
    }
}

/// A call of the target with an input, in the module of the target; nothing if the bytes are not an
/// input of the schema.
#[must_use]
pub fn print_call(schema: &Schema, input: &[u8], callee: &Callee) -> Option<String> {
    shape::check(schema, input).ok()?;
    let mut coder = Coder { printer: Printer::new(schema, input), callee, within: Vec::new() };
    coder.printer.out.push_str(callee.parts().1);
    let arguments = schema.arguments();
    let call =
        coder.separated("()", arguments.len(), |coder, index| match callee.parameters.get(index) {
            Some(parameter) => coder.argument(&arguments[index], parameter),
            None => coder.value(arguments[index].node),
        });
    call.ok().map(|()| coder.printer.out)
}

/// A test for the module of the target that calls it with these inputs, one after the other; the last
/// of them is to fail. Nothing if one is not an input of the schema.
#[must_use]
pub fn print_test(
    schema: &Schema,
    inputs: &[impl AsRef<[u8]>],
    callee: &Callee,
    suffix: &str,
) -> Option<String> {
    let calls = inputs.iter().map(|input| print_call(schema, input.as_ref(), callee));
    let mut calls = calls.collect::<Option<Vec<_>>>()?;
    let last = calls.pop()?;
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let suffix: String = suffix.chars().map(plain).collect();
    let mut text = format!("#[test]\nfn {}_{suffix}() {{\n", plain_name(callee.parts().1));
    for call in calls {
        let ignored = if callee.is_fallible { "let _ = " } else { "" };
        text.push_str(&format!("    {ignored}{call};\n"));
    }
    let unwrapped = if callee.is_fallible { ".unwrap()" } else { "" };
    Some(format!("{text}    {last}{unwrapped};\n}}\n"))
}

struct Coder<'a> {
    printer: Printer<'a>,
    callee: &'a Callee,
    /// The nodes of the values around the one that is written.
    within: Vec<NodeId>,
}

impl<'a> Coder<'a> {
    fn push(&mut self, text: &str) {
        self.printer.out.push_str(text);
    }

    fn argument(&mut self, argument: &Field, parameter: &Parameter) -> Result<(), Corrupt> {
        let Parameter { taken, ty } = parameter;
        let schema = self.printer.schema;
        let id = schema.value_node(argument.node);
        let is_text = self.is_text(schema.written("", "", &argument.name), id);
        match taken {
            Taken::Owned if is_text => return self.text(id),
            Taken::Owned => return self.owned(id, ty),
            Taken::Borrowed => {
                // Bytes of a pattern are text.
                let is_text = matches!(schema.node(id), Node::Str(_)) && ty.contains('[');
                self.printer.value(id)?;
                self.push(if is_text { ".as_bytes()" } else { "" });
                return Ok(());
            }
            Taken::Made => {
                let (before, after) = ty.split_once([SOURCE, TEXT]).ok_or(Corrupt)?;
                self.push(before);
                match ty.contains(TEXT) {
                    true => self.quoted(id)?,
                    false => self.value(id)?,
                }
                self.push(after);
                return Ok(());
            }
            Taken::Lent => self.push("&"),
            Taken::LentMut => self.push("&mut "),
        }
        match self.printer.schema.node(id) {
            Node::Str(_) | Node::Bytes(_) if ty == "str" || ty.starts_with('[') => {
                self.printer.value(id)?;
                self.push(".to_owned()");
                Ok(())
            }
            Node::Seq { element, style: SeqStyle::List, .. } if ty.starts_with('[') => {
                let (element, count) = (*element, self.printer.reader.count()?);
                match is_text {
                    // A slice cannot be read as one.
                    true => self.separated("[]", count, |coder, _| coder.text(element)),
                    false => self.elements(element, count),
                }
            }
            _ if is_text => self.text(id),
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Str(_)
            | Node::Bytes(_)
            | Node::Seq { .. }
            | Node::Array { .. }
            | Node::Record(_)
            | Node::Choice { .. } => self.owned(id, ty),
        }
    }

    /// Whether what is said of a value of this node means that it is no literal.
    fn is_text(&self, written: Written, id: NodeId) -> bool {
        match written {
            Written::Literal => false,
            Written::LiteralIfDerived => !self.is_derived(id),
            Written::Text => true,
        }
    }

    /// Whether a node is of values of derived types and of what the language has around them.
    fn is_derived(&self, id: NodeId) -> bool {
        let schema = self.printer.schema;
        let are_derived = |records: &[Record]| {
            let mut fields = records.iter().flat_map(|record| &record.fields);
            fields.all(|field| self.is_derived(field.node))
        };
        let node = schema.node(schema.value_node(id));
        match node {
            Node::Record(Record { name, .. }) | Node::Choice { name, .. } if is_path(name) => true,
            Node::Record(Record { name, .. }) if name.is_empty() => are_derived(node.records()),
            Node::Choice { name, .. } if ["Option", "Result"].contains(&name.as_str()) => {
                are_derived(node.records())
            }
            Node::Seq { element, .. } | Node::Array { element, .. } => self.is_derived(*element),
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Str(_)
            | Node::Bytes(_)
            | Node::Record(_)
            | Node::Choice { .. } => false,
        }
    }

    /// Whether values of a node are of a derived type that has no literals here.
    fn has_no_literal(&self, id: NodeId) -> bool {
        let schema = self.printer.schema;
        match schema.node(id) {
            Node::Record(Record { name, .. }) | Node::Choice { name, .. } => {
                !schema.is_literal_in(name, self.callee.parts().0)
            }
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Str(_)
            | Node::Bytes(_)
            | Node::Seq { .. }
            | Node::Array { .. } => false,
        }
    }

    /// A value that is read from its text, of whatever type the place around it has.
    fn text(&mut self, id: NodeId) -> Result<(), Corrupt> {
        self.push("shakedown::from_text(");
        self.quoted(id)?;
        self.push(")");
        Ok(())
    }

    /// The text of a value, in quotes.
    fn quoted(&mut self, id: NodeId) -> Result<(), Corrupt> {
        let before = std::mem::take(&mut self.printer.out);
        self.printer.value(id)?;
        let text = std::mem::replace(&mut self.printer.out, before);
        let is_raw = text.contains('"') && !text.contains("\"#");
        self.push(&if is_raw { format!("r#\"{text}\"#") } else { format!("{text:?}") });
        Ok(())
    }

    /// A value of a type that is known as it is written, and so may have more around it than its
    /// schema says.
    fn owned(&mut self, id: NodeId, ty: &str) -> Result<(), Corrupt> {
        let path = ty.split('<').next().unwrap_or(ty);
        let node = self.printer.schema.node(id);
        if self.has_no_literal(id) {
            return self.text(id);
        }
        let (before, after) = match path.rsplit("::").next().unwrap_or(path) {
            "Arbitrary" => {
                self.push(&format!("{path}::from_bytes("));
                self.printer.value(id)?;
                self.push(").unwrap()");
                return Ok(());
            }
            "CString" => {
                self.push(&format!("{path}::new("));
                self.printer.value(id)?;
                self.push(").unwrap()");
                return Ok(());
            }
            "Vec" | "String" if matches!(node, Node::Bytes(_) | Node::Str(_)) => {
                self.printer.value(id)?;
                self.push(match node {
                    _ if path == "String" => ".to_owned()",
                    Node::Str(_) => ".into()",
                    _ => ".to_vec()",
                });
                return Ok(());
            }
            "Wrapping" | "Saturating" | "Reverse" => (format!("{path}("), ")"),
            name if name.starts_with("NonZero") => (format!("{path}::new("), ").unwrap()"),
            "Box" | "Rc" | "Arc" | "VecDeque" | "BinaryHeap" | "Ipv4Addr" | "Ipv6Addr"
                if !matches!(node, Node::Bytes(_) | Node::Str(_)) =>
            {
                (String::new(), ".into()")
            }
            "LinkedList" => (String::new(), ".into_iter().collect()"),
            _ => (String::new(), ""),
        };
        self.push(&before);
        self.value(id)?;
        self.push(after);
        Ok(())
    }

    /// A value that is its own, of whatever type the place around it has.
    fn value(&mut self, id: NodeId) -> Result<(), Corrupt> {
        match self.printer.schema.node(id) {
            Node::Bool | Node::Int(_) | Node::Float { .. } | Node::Char => self.printer.value(id),
            Node::OneOf { node, .. } => self.value(*node),
            Node::Str(_) => {
                self.printer.value(id)?;
                self.push(".into()");
                Ok(())
            }
            Node::Bytes(of) if of.len.min == of.len.max => {
                self.push("(*");
                self.printer.value(id)?;
                self.push(").into()");
                Ok(())
            }
            Node::Bytes(_) => {
                self.printer.value(id)?;
                self.push(".as_slice().into()");
                Ok(())
            }
            Node::Seq { element, style, .. } => {
                let count = self.printer.reader.count()?;
                let after = match style {
                    SeqStyle::List => {
                        self.push("vec!");
                        ""
                    }
                    SeqStyle::Set | SeqStyle::Map => ".into_iter().collect()",
                };
                self.elements(*element, count)?;
                self.push(after);
                Ok(())
            }
            Node::Array { element, len } => {
                let element = *element;
                self.separated("[]", *len as usize, |coder, _| coder.value(element))
            }
            Node::Record(_) | Node::Choice { .. } => {
                // Around itself a value has a pointer, and each can be made from what it points to.
                let needs_pointer = self.within.contains(&id) && !self.has_no_literal(id);
                self.composite(id)?;
                self.push(if needs_pointer { ".into()" } else { "" });
                Ok(())
            }
        }
    }

    /// The elements of a list. Those of a type that is recursive by a list have no pointer.
    fn elements(&mut self, element: NodeId, count: usize) -> Result<(), Corrupt> {
        self.separated("[]", count, |coder, _| match coder.printer.schema.node(element) {
            Node::Record(_) | Node::Choice { .. } => coder.composite(element),
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Bytes(_)
            | Node::Str(_)
            | Node::Seq { .. }
            | Node::Array { .. } => coder.value(element),
        })
    }

    fn composite(&mut self, id: NodeId) -> Result<(), Corrupt> {
        if self.has_no_literal(id) {
            return self.text(id);
        }
        self.within.push(id);
        match self.printer.schema.node(id) {
            Node::Record(record) => match standard_struct(&record.name) {
                Some(parts) => self.standard(record, parts)?,
                None => {
                    let path = self.path(&record.name);
                    self.record(&path, record, (&record.name, ""))?;
                }
            },
            Node::Choice { name, variants, .. } => {
                let variant = &variants[self.printer.reader.tag(variants.len())?];
                let path = match name.as_str() {
                    // Their variants need no path.
                    "Option" | "Result" => variant.name.clone(),
                    _ => format!("{}::{}", self.path(name), escaped(&variant.name)),
                };
                match name.as_str() {
                    "IpAddr" => self.standard(variant, [&format!("{path}("), "", ")"])?,
                    _ => self.record(&path, variant, (name, &variant.name))?,
                }
            }
            Node::Bool
            | Node::Int(_)
            | Node::Float { .. }
            | Node::Char
            | Node::OneOf { .. }
            | Node::Bytes(_)
            | Node::Str(_)
            | Node::Seq { .. }
            | Node::Array { .. } => {}
        }
        self.within.pop();
        Ok(())
    }

    /// A value of the standard library: its fields with these texts before, between and after them.
    fn standard(&mut self, record: &'a Record, parts: [&str; 3]) -> Result<(), Corrupt> {
        let [before, between, after] = parts;
        self.push(before);
        for (index, field) in record.fields.iter().enumerate() {
            self.push(if index > 0 { between } else { "" });
            self.value(field.node)?;
            // The only arrays are those of addresses.
            let is_array = matches!(self.printer.schema.node(field.node), Node::Array { .. });
            self.push(if is_array { ".into()" } else { "" });
        }
        self.push(after);
        Ok(())
    }

    /// The fields of a record after its path; `of` is the type, and the variant, that they are of.
    fn record(&mut self, path: &str, record: &'a Record, of: (&str, &str)) -> Result<(), Corrupt> {
        let fields = &record.fields;
        self.push(path);
        match record.style {
            FieldStyle::Unit if !path.is_empty() => Ok(()),
            FieldStyle::Unit | FieldStyle::Tuple => {
                self.separated("()", fields.len(), |coder, index| {
                    coder.field(&fields[index], of)?;
                    coder.push(if path.is_empty() && fields.len() == 1 { "," } else { "" });
                    Ok(())
                })
            }
            FieldStyle::Named if fields.is_empty() => {
                self.push(" {}");
                Ok(())
            }
            FieldStyle::Named => {
                self.push(" { ");
                self.separated("", fields.len(), |coder, index| {
                    coder.push(&format!("{}: ", escaped(&fields[index].name)));
                    coder.field(&fields[index], of)
                })?;
                self.push(" }");
                Ok(())
            }
        }
    }

    fn field(&mut self, field: &Field, (of, variant): (&str, &str)) -> Result<(), Corrupt> {
        let written = self.printer.schema.written(of, variant, &field.name);
        match self.is_text(written, field.node) {
            true => self.text(field.node),
            false => self.value(field.node),
        }
    }

    /// The path of a type: as the function writes it, if it does; else its name where it is in the
    /// same module; else from the crate on.
    fn path(&self, name: &str) -> String {
        let Some((module, plain)) = name.rsplit_once("::") else { return standard_path(name) };
        let plain = escaped(plain);
        let written = self.callee.parameters.iter().flat_map(|parameter| paths(&parameter.ty));
        let (own_module, _) = self.callee.parts();
        let own_crate = own_module.split("::").next().unwrap_or_default();
        match written.into_iter().find(|path| path.rsplit("::").next() == Some(&*plain)) {
            Some(path) => path.to_owned(),
            None if module == own_module => plain,
            None => match module.strip_prefix(own_crate) {
                Some(rest) if rest.is_empty() || rest.starts_with("::") => {
                    format!("crate{rest}::{plain}")
                }
                _ => format!("{module}::{plain}"),
            },
        }
    }

    /// `count` items with commas between them, within a pair of brackets.
    fn separated(
        &mut self,
        brackets: &str,
        count: usize,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Corrupt>,
    ) -> Result<(), Corrupt> {
        self.printer.out.extend(brackets.chars().next());
        for index in 0..count {
            self.push(if index > 0 { ", " } else { "" });
            item(self, index)?;
        }
        self.printer.out.extend(brackets.chars().nth(1));
        Ok(())
    }
}

/// Whether the name of a type is a path, as those of derived types are.
fn is_path(name: &str) -> bool {
    name.contains("::")
}

/// The paths in a type as it is written.
fn paths(ty: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || "_:#".contains(c);
    ty.split(move |c: char| !is_part(c)).filter(|path| !path.is_empty())
}

/// A name as it stands in code.
fn escaped(name: &str) -> String {
    let name = plain_name(name);
    if needs_raw(name) { format!("r#{name}") } else { name.to_owned() }
}

/// The path of an enum or unit struct of the standard library.
fn standard_path(name: &str) -> String {
    let module = match name {
        "Bound" => "core::ops::",
        "Ordering" => "core::cmp::",
        "PhantomData" => "core::marker::",
        "IpAddr" | "SocketAddr" => "core::net::",
        _ => "",
    };
    format!("{module}{name}")
}

/// What stands before, between and after the fields of a struct of the standard library.
fn standard_struct(name: &str) -> Option<[&'static str; 3]> {
    Some(match name {
        "Duration" => ["core::time::Duration::new(", ", ", ")"],
        "SocketAddrV4" => ["core::net::SocketAddrV4::new(", ", ", ")"],
        "SocketAddrV6" => ["core::net::SocketAddrV6::new(", ", ", ")"],
        "Range" => ["(", "..", ")"],
        "RangeInclusive" => ["(", "..=", ")"],
        "RangeFrom" => ["(", "", "..)"],
        "RangeTo" => ["(..", "", ")"],
        "RangeToInclusive" => ["(..=", "", ")"],
        "RangeFull" => ["..", "", ""],
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
