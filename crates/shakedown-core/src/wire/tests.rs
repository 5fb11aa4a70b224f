//! Every message survives the way to its bytes and back, and no bytes do harm.

use super::*;
use crate::failure::{Caller, Failure, Kind};
use crate::hints::Comparison;
use crate::literal::{Callee, Parameter, Taken};
use crate::rng::Rng;
use crate::schema::{
    Alias, Bytes, Field, FieldStyle, Int, Len, Node, NodeId, Record, Schema, SeqStyle, Text,
    Weights,
};

fn schema() -> Schema {
    let field = |name: &str, node| Field { name: name.into(), node: NodeId(node), default: None };
    let nodes = vec![
        Node::Bool,
        Node::Int(Int::full(true, 8)),
        Node::Float { width: 4 },
        Node::Char,
        Node::Bytes(Bytes::ANY),
        Node::Str(Text::of_len(Len { min: 1, max: 2 })),
        Node::Seq { element: NodeId(1), len: Len::ANY, style: SeqStyle::Set },
        Node::Array { element: NodeId(0), len: 3 },
        Node::Choice {
            weights: Weights::EVEN,
            name: "E".into(),
            variants: vec![Record {
                name: "V".into(),
                style: FieldStyle::Tuple,
                fields: vec![field("0", 7)],
            }],
        },
        Node::Record(Record {
            name: String::new(),
            style: FieldStyle::Named,
            fields: vec![
                Field { name: "a".into(), node: NodeId(0), default: Some(vec![1]) },
                field("b", 8),
                field("c", 6),
            ],
        }),
        Node::Str(Text::of_pattern(crate::testing::random_pattern(&mut Rng::new(5)))),
    ];
    let name = |name: &str| String::from(name);
    let alias = Alias { of: name("E"), variant: name("V"), old: name("o"), new: name("0") };
    Schema::new(nodes, NodeId(9)).unwrap().with_aliases([alias])
}

fn failure() -> Failure {
    Failure {
        kind: Kind::Timeout,
        place: "a:1:2".into(),
        message: "no".into(),
        caller: Caller::Stack(vec![7, 1]),
        backtrace: "0: main".into(),
    }
}

fn comparisons() -> Vec<Comparison> {
    vec![
        Comparison::Ints { width: 4, is_const: true, left: 7, right: 8 },
        Comparison::Memory { left: b"left".into(), right: b"side".into() },
    ]
}

fn caught() -> Caught {
    Caught { count: 12, example: "a:1:2: no".into() }
}

fn visit(entry_len: u64) -> Visit {
    let (donor_len, hints_len, tokens, weights) = (7, 21, 22, 23);
    Visit { entry_len, donor_len, hints_len, tokens, weights, rng: (8, 9), execs: 10 }
}

pub(super) fn calls() -> Vec<Call> {
    vec![
        Call::Hello(Hello { protocol: PROTOCOL, version: "1.2.3".into() }),
        Call::Attach(Attach {
            capacity: 1,
            counters: 2,
            max_len: 3,
            dictionary: vec![b"a".into()],
            isolate: true,
        }),
        Call::Ping,
        Call::Learn(Learn { tokens: vec![b"a".into()], weights: vec![vec![1, 2], vec![]] }),
        Call::Execute(Execute { len: 4, record: true }),
        Call::Fuzz(Fuzz { visits: vec![visit(5), visit(6)], max_ms: 10 }),
        Call::Minimize(Minimize {
            entry_len: 11,
            keep: Keep::Features(vec![1, 2]),
            max_execs: 12,
            max_ms: 13,
        }),
        Call::Minimize(Minimize {
            entry_len: 0,
            keep: Keep::Failure("k".into()),
            max_execs: 0,
            max_ms: 0,
        }),
        Call::Replay(Execute { len: u64::MAX, record: false }),
        Call::Rerun(Rerun { visit: visit(14), from: 17 }),
    ]
}

fn callee() -> Callee {
    let all = [Taken::Owned, Taken::Borrowed, Taken::Lent, Taken::LentMut, Taken::Made];
    let parameters = all.map(|taken| Parameter { taken, ty: "[u8]".into() });
    Callee { path: "c::tests::t".into(), parameters: parameters.into(), is_fallible: true }
}

pub(super) fn answers() -> Vec<Answer> {
    let fuzzed = |end| {
        Answer::Fuzzed(Fuzzed {
            execs: 1,
            rejected: 2,
            end,
            input_len: 4,
            rng: (5, 6),
            mutators: vec![7, 255],
            work: 99,
            late: None,
            caught: caught(),
        })
    };
    vec![
        Answer::Hello(Box::new(Greeting {
            protocol: PROTOCOL,
            version: "x".into(),
            target: "tests::t".into(),
            callee: callee(),
            schema: schema(),
            counters: 77,
            seeds: vec![vec![1], vec![]],
            max_len: Some(1),
            timeout_ms: None,
        })),
        Answer::Done,
        Answer::Executed(Executed {
            outcome: Outcome::Passed,
            caught: caught(),
            recorded: Recorded { comparisons: comparisons(), work: 1 << 40 },
        }),
        Answer::Executed(Executed {
            outcome: Outcome::Rejected,
            caught: caught(),
            recorded: Recorded::default(),
        }),
        Answer::Executed(Executed {
            outcome: Outcome::Failed(failure()),
            caught: Caught::default(),
            recorded: Recorded::default(),
        }),
        fuzzed(End::Execs),
        fuzzed(End::Time),
        fuzzed(End::Coverage),
        fuzzed(End::Failed(failure())),
        Answer::Minimized(Minimized {
            execs: 1,
            len: Some(2),
            failure: Some(failure()),
            complete: true,
            others: vec![(vec![1], failure())],
            recorded: Recorded { comparisons: comparisons(), work: 1 << 40 },
        }),
        Answer::Internal("why".into()),
    ]
}

fn check_round_trip<M: Message + PartialEq + std::fmt::Debug>(messages: &[M]) {
    for message in messages {
        let frame = message.to_frame();
        assert_eq!(body_len(frame[..4].try_into().unwrap()), Ok(frame.len() - 4));
        assert_eq!(M::from_body(&frame[4..]).as_ref(), Ok(message));
    }
}

#[test]
fn every_message_survives_the_trip() {
    check_round_trip(&calls());
    check_round_trip(&answers());
}

/// Every prefix is refused, and no damaged message makes the reader panic; what it still
/// accepts, it writes back in the same bytes.
fn check_damage<M: Message>(messages: &[M], rng: &mut Rng) {
    for message in messages {
        let frame = message.to_frame();
        let body = &frame[4..];
        for end in 0..body.len() {
            assert!(M::from_body(&body[..end]).is_err());
        }
        for _ in 0..2000 {
            let mut damaged = body.to_vec();
            let at = rng.below(damaged.len());
            damaged[at] = rng.u32() as u8;
            if let Ok(read) = M::from_body(&damaged) {
                assert_eq!(read.to_frame()[4..], damaged);
            }
        }
    }
}

#[test]
fn the_version_is_read_from_greetings_of_any_version() {
    let frame = answers()[0].to_frame();
    let other = [&frame[4..14], b"and then something else"].concat();
    assert_eq!(greeting_version(&other), Some((PROTOCOL, "x".into())));
    assert_eq!(greeting_version(&Answer::Done.to_frame()[4..]), None);
}

#[test]
fn damaged_messages_are_refused() {
    let mut rng = Rng::new(3);
    check_damage(&calls(), &mut rng);
    check_damage(&answers(), &mut rng);
    assert!(body_len([255; 4]).is_err());
}

/// The bodies of one message of every kind.
pub(crate) fn example_bodies() -> Vec<Vec<u8>> {
    let calls = calls().iter().map(Message::to_frame).collect::<Vec<_>>();
    let answers = answers().iter().map(Message::to_frame).collect::<Vec<_>>();
    calls.iter().chain(&answers).map(|frame| frame[4..].to_vec()).collect()
}
