//! tinytemplate 1.2.1 panics on the template `{#}`, a comment whose ends overlap:
//! <https://github.com/bheisler/TinyTemplate/issues/22>.

use tinytemplate::TinyTemplate;

#[shakedown::fuzz(seeds = [
    "Hello {name}! {{ if x }}a{{ else }}b{{ endif }}",
    "{# comment #}{{ for v in w }}{v}{{ endfor }}",
])]
fn templates_compile_without_panic(template: &str) {
    let _ = TinyTemplate::new().add_template("page", template);
}
