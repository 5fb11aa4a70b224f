//! Inputs with new features.

use super::*;

#[test]
fn new_coverage_is_shown_trimmed_and_saved() {
    let script = "
        ready 0                  => 0 execute one
        0 passed 3               => publish 0:00001000; 0 fuzz one 64
        0 nothing 64        => 0 fuzz one 128
        0 nothing 60        => 0 fuzz one 68
        0 new long-enough 3 9 25 => publish 1:00000010 3:00000010; 0 execute long-enough
        0 passed 3 9 25          => 0 trim long-enough [9, 25] 32
        0 trimmed shorter 9 25   => save shorter; 0 fuzz shorter 64
        0 new short 8            => publish 1:00000011; 0 execute short
        0 passed 8               => save short; 0 fuzz short 64
        0 new again 8 25         => 0 fuzz short 59
        0 nothing 59             => 0 fuzz shorter 59
        0 nothing 59             => 0 fuzz one 63
        0 nothing 63             => 0 fuzz short 128
    ";
    let search = check(config(1), &["one"], script);
    let parents = [0, 1, 2].map(|id| search.parent(EntryId(id)).cloned());
    let [one, shorter] = ["one", "shorter"].map(|word| Input::Bytes(input(word)));
    assert_eq!(parents, [None, Some(one), Some(shorter)]);
}

#[test]
fn what_is_not_shown_again_is_not_kept() {
    let begin = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        0 nothing 64        => 0 fuzz one 128
        0 nothing 60        => 0 fuzz one 68
        0 new long-enough 3 9 25 => publish 1:00000010 3:00000010; 0 execute long-enough
    ";
    let check = |script: &str| check(config(1), &["one"], &format!("{begin}{script}"));
    let nothing = "0 passed 3     => publish 1:11111111 3:11111111; WARNING; 0 fuzz one 63";
    let warning = stability::warning(1.0 / 3.0);
    let stability = check(&nothing.replace("WARNING", &format!("warn {warning}"))).statistics();
    assert_eq!((stability.edges, stability.features, stability.entries), (3, 1, 1));
    let warning = stability::warning(2.0 / 3.0);
    let half = "0 passed 3 9 24 => publish 3:11111111; WARNING; 0 trim long-enough [9] 32
                0 trimmed shorter 9 31 => save shorter; 0 fuzz shorter 64";
    let statistics = check(&half.replace("WARNING", &format!("warn {warning}"))).statistics();
    assert_eq!((statistics.edges, statistics.features, statistics.entries), (3, 2, 2));
    check("0 rejected     => 0 fuzz one 63");
    check("0 crashes here long-enough => 0 minimize long-enough here");
    check(
        "0 lost 0 => warn a worker was lost and replaced: SIGKILL; 0 trim long-enough [9, 25] 32",
    );
}

#[test]
fn what_cannot_be_trusted_is_not_remembered() {
    let script = "
        ready 0            => 0 execute one
        0 passed 3 7       => publish 0:10001000; 0 execute two
        0 passed 9         => publish 1:00000010; 0 fuzz one 64
        saved 0 70         =>
        saved 1 71         =>
        0 new short 9 16   => publish 2:00000001; 0 execute short
        0 passed 8 16      => publish 1:11111111; WARNING; save short; 0 fuzz short 64
        saved 2 72         =>
    ";
    let warning = format!("warn {}", stability::warning(2.0 / 3.0));
    let search = check(config(1), &["one", "two"], &script.replace("WARNING", &warning));
    let remembered = search.remembered();
    let owned: Vec<_> = remembered.iter().map(|(entry, owned)| (entry.name, owned)).collect();
    assert_eq!(owned, [(70, &[3, 7][..]), (71, &[]), (72, &[16])]);
}

#[test]
fn saved_entries_are_named_instead_of_held() {
    let script = "
        ready 0       => 0 execute one
        0 passed 3    => publish 0:00001000; 0 fuzz one 64
        0 new short 8 => publish 1:00000001; 0 execute short
        0 passed 8    => save short; 0 fuzz short 64
        saved 1 77    =>
        0 nothing 64  => 0 fuzz one 59
        0 nothing 59  => 0 fuzz one 128
        0 nothing 128 => 0 fuzz one 256
        0 nothing 256 => 0 fuzz #77 128
        0 gone        => 0 fuzz one 512
        0 nothing 512 => 0 fuzz one 1024
    ";
    let search = check(config(1), &["one"], script);
    let remembered = search.remembered();
    let owned: Vec<_> = remembered.iter().map(|(entry, owned)| (entry.name, owned)).collect();
    assert_eq!(owned, [], "its file is gone");
}

#[test]
fn what_cannot_be_trimmed_is_saved_as_it_is() {
    let begin = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        0 nothing 64        => 0 fuzz one 128
        0 nothing 60        => 0 fuzz one 68
        0 new long-enough 9 => publish 1:00000010; 0 execute long-enough
        0 passed 9          => 0 trim long-enough [9] 32
    ";
    let plain = format!("{begin} 0 nothing 5 => save long-enough; 0 fuzz long-enough 64");
    check(config(1), &["one"], &plain);
    let crash = format!("{begin} 0 crashes here worse => save long-enough; 0 minimize worse here");
    check(config(1), &["one"], &crash);
    let both = format!(
        "{begin} 0 trimming found here there => save long-enough; 0 minimize found here
        0 lost 0 => warn a worker was lost and replaced: SIGKILL; report 0; 0 minimize found there"
    );
    check(config(1), &["one"], &both);
    let broken = format!("{begin} 0 broken => save long-enough");
    check(config(1), &["one"], &broken);
}

#[test]
fn trimming_has_a_share_of_the_executions() {
    let script = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        0 new long-enough 9 => publish 1:00000010; 0 execute long-enough
        0 passed 9          => save long-enough; 0 fuzz long-enough 64
        0 nothing 64        => 0 fuzz one 59
        0 new long-enough 17 => publish 2:00000010; 0 execute long-enough
        0 passed 17         => save long-enough; 0 fuzz long-enough 64
        0 nothing 64        => 0 fuzz one 54
        0 new long-enough 25 => publish 3:00000010; 0 execute long-enough
        0 passed 25         => 0 trim long-enough [25] 32
    ";
    check(config(1), &["one"], script);
}
