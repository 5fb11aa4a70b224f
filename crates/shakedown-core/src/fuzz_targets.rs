//! The engine's own targets: what reads foreign bytes or text must never panic, and what it
//! accepts must survive the way back.

use crate::minimize::{Verdict, minimize};
use crate::mutate::Mutator;
use crate::rng::Rng;
use crate::schema::Schema;
use crate::schema::shape;
use crate::testing::{random_input, random_schema};
use crate::wire::{Answer, Call, Message, body_len, example_bodies, greeting_version};
use crate::{corpus_file, dictionary, go_corpus, literal, sequence_file};

/// A schema that stays the same for as long as the generator of schemas does.
fn schema_of(number: u8) -> Schema {
    random_schema(&mut Rng::new(u64::from(number)))
}

fn check_message<M: Message>(body: &[u8]) {
    if let Ok(message) = M::from_body(body) {
        assert_eq!(&message.to_frame()[4..], body);
    }
}

#[shakedown::fuzz(seeds = [b"", b"\x02", b"\x00\x01\x00\x00\x00\x00\x00\x00\x00"])]
fn messages_survive_the_way_back(body: &[u8]) {
    check_message::<Call>(body);
    check_message::<Answer>(body);
}

/// What either end of a pipe does with the bytes that come: frame by frame, as long as they are any.
#[shakedown::fuzz(seeds = [b"", b"\x01\0\0\0\x02\x01\0\0\0\x01", b"\xff\xff\xff\xff"])]
fn streams_are_taken_apart_into_messages(stream: &[u8]) {
    let (mut calls, mut answers) = (stream, stream);
    while let Some(call) = next_message::<Call>(&mut calls) {
        assert!(stream.ends_with(calls));
        let frame = call.to_frame();
        assert!(stream[..stream.len() - calls.len()].ends_with(&frame));
    }
    while let Some(answer) = next_message::<Answer>(&mut answers) {
        let frame = answer.to_frame();
        assert!(stream[..stream.len() - answers.len()].ends_with(&frame));
        if let Answer::Hello(greeting) = answer {
            let version = greeting_version(&frame[4..]);
            assert_eq!(version, Some((greeting.protocol, greeting.version)));
        }
    }
}

/// Takes a message from the front of a stream, if there is a whole one.
fn next_message<M: Message>(stream: &mut &[u8]) -> Option<M> {
    let (start, rest) = stream.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(body_len(*start).ok()?)?;
    *stream = rest;
    M::from_body(body).ok()
}

/// A message that is nearly right: one of ours with some bytes changed.
#[shakedown::fuzz(seeds = [(0, &[(0, 7)][..]), (9, &[(1, 255), (2, 255)][..])])]
fn damaged_messages_are_read_or_refused(which: u8, changes: &[(u16, u8)]) {
    let mut bodies = example_bodies();
    let which = usize::from(which) % bodies.len();
    let body = &mut bodies[which];
    for (at, byte) in changes {
        let at = usize::from(*at) % body.len();
        body[at] = *byte;
    }
    check_message::<Call>(body);
    check_message::<Answer>(body);
    let _ = greeting_version(body);
}

#[shakedown::fuzz(
    seeds = [(1, "shakedown v1\n"), (2, "shakedown v1\na: [1, -2], // x\nb: \"\\u{1f600}\"\n")],
    dict = ["shakedown v1\n", "Some(", "None", "f64::NAN", "b\"", "r#\"", "\\u{", "/*", "vec!["]
)]
fn literals_survive_the_way_back(schema: u8, text: &str) {
    let schema = schema_of(schema);
    let Ok(parsed) = literal::parse(&schema, text) else { return };
    assert_eq!(shape::check(&schema, &parsed.input), Ok(()));
    let printed = literal::print(&schema, &parsed.input, &[]);
    let again = literal::parse(&schema, &printed).expect("what is printed is read");
    assert_eq!((again.input, again.warnings), (parsed.input, vec![]));
}

#[shakedown::fuzz(
    seeds = [
        (3, b""),
        (4, b"shakedown v1\n"),
        (5, b"go test fuzz v1\nint(7)\n"),
        (6, b"shakedown sequence v1\n---\n"),
    ]
)]
fn corpus_files_survive_the_way_back(schema: u8, file: &[u8]) {
    let schema = schema_of(schema);
    if let Ok(read) = corpus_file::decode_all(&schema, file) {
        let text = sequence_file::print(&schema, &read.inputs, &["a comment"]);
        let again = corpus_file::decode_all(&schema, text.as_bytes()).expect("the same");
        assert_eq!((again.inputs, again.warnings), (read.inputs, vec![]));
    }
    if let Ok(parsed) = corpus_file::decode(&schema, file) {
        let encoded = corpus_file::encode(&schema, &parsed.input, &["a comment"]);
        let again = corpus_file::decode(&schema, &encoded).expect("what is written is read");
        assert_eq!(again.input, parsed.input);
    }
}

#[shakedown::fuzz(seeds = [(1, "go test fuzz v1\n[]byte(\"\\xff\")\nrune('x')\nfloat64(1.5)\n")])]
fn go_files_are_read_or_refused(schema: u8, text: &str) {
    let schema = schema_of(schema);
    if let Ok(parsed) = go_corpus::parse(&schema, text) {
        assert_eq!(shape::check(&schema, &parsed.input), Ok(()));
    }
}

#[shakedown::fuzz(seeds = [b"# tokens\nname=\"a\\x00\"\n\"b\"\n"])]
fn dictionaries_are_read_or_refused(text: &[u8]) {
    if let Ok(tokens) = dictionary::parse(text) {
        assert!(tokens.iter().all(|token| !token.is_empty()));
    }
}

#[shakedown::fuzz(seeds = [(1, b"\0\0\0\0")])]
fn what_has_the_shape_can_be_printed(schema: u8, input: &[u8]) {
    let schema = schema_of(schema);
    if shape::check(&schema, input).is_ok() {
        let printed = literal::print(&schema, input, &[]);
        let parsed = literal::parse(&schema, &printed).expect("what is printed is read");
        assert_eq!(parsed.input, input);
    }
}

#[shakedown::fuzz]
fn mutations_and_minimization_keep_the_shape(schema: u8, seed: u64) {
    let schema = schema_of(schema);
    let mut rng = Rng::new(seed);
    let mut buffer = random_input(&schema, &mut rng);
    let mut len = buffer.len();
    buffer.resize(len + 256, 0);
    let mut mutator = Mutator::new(rng, vec![b"token".to_vec()]);
    for _ in 0..5 {
        len = mutator.mutate(&schema, &mut buffer, len, &[]);
        assert_eq!(shape::check(&schema, &buffer[..len]), Ok(()));
    }
    let mut asked = 0;
    let mut ask = |candidate: &[u8]| {
        assert_eq!(shape::check(&schema, candidate), Ok(()));
        asked += 1;
        if asked > 50 {
            Verdict::Stop
        } else if candidate.len().is_multiple_of(2) {
            Verdict::Keep
        } else {
            Verdict::Reject
        }
    };
    let minimum = minimize(&schema, &buffer[..len], &mut ask, &|| false);
    assert_eq!(shape::check(&schema, &minimum.input), Ok(()));
}
