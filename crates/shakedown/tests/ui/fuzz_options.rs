#[shakedown::fuzz(seed = [1], seeds, max_len = "64K", timeout = 10, dict = 1)]
fn options(_: u8) {}

#[shakedown::fuzz(timeout = "10", dict = ["", 1, b"ok"], seeds = 1)]
fn more_options(_: u8) {}

#[shakedown::fuzz(timeout = "10 sec", max_len = 1, max_len = 2)]
fn yet_more_options(_: u8) {}

#[shakedown::fuzz(seeds = ["a", ("a", true), ("a", true, 1)], timeout = "0s")]
fn seeds(text: &str, strict: bool) {
    let _ = (text, strict);
}

#[shakedown::fuzz(seeds: [1])]
fn not_an_option(_: u8) {}

#[shakedown::fuzz(seed_files = "/tmp/*")]
fn absolute_seed_files(_: u8) {}

#[shakedown::fuzz(seed_files = ["a/*", 3, ""])]
fn no_seed_files(_: u8) {}

#[shakedown::fuzz(["x"])]
fn no_option(_: u8) {}

#[derive(shakedown::Input)]
struct Own(#[input(default)] u8);

#[shakedown::fuzz]
fn takes_what_cannot_be_derived(_: Own) {}

fn main() {}
