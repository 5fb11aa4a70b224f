//! A template engine: parser, compiler and virtual machine.

pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut environment = minijinja::Environment::new();
    environment.set_recursion_limit(20);
    let context =
        minijinja::context! { a => 1, b => [1, 2], c => minijinja::context! { d => "e" } };
    let _ = environment.render_str(text, context);
}
