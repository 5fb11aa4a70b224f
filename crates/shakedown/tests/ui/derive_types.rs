use shakedown::Input;

struct NoInput;

#[derive(Input)]
struct Fields {
    field: NoInput,
}

#[derive(Input)]
struct Limits {
    #[input(range = 'a'..='z')]
    not_a_number: char,
}

fn main() {}
