//! Names, and writes that succeed, fail and collide.

use super::*;
use crate::store::fixture::all_files;

#[test]
fn a_name_is_the_start_of_what_sha256sum_prints() {
    assert_eq!(content_name(b""), "e3b0c44298fc1c14");
    assert_eq!(content_name(b"abc"), "ba7816bf8f01cfea");
    assert!(is_content_name("ba7816bf8f01cfea"));
    for other in ["", "BA7816BF8F01CFEA", "ba7816bf8f01cfe", "ba7816bf8f01cfeaa", "id:00000000"] {
        assert!(!is_content_name(other), "{other}");
    }
}

#[test]
fn folders_are_made_and_nothing_else_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a/b/file");
    write(&path, b"one").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one");
    write(&path, b"two!").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two!");
    assert_eq!(all_files(dir.path()), ["a/b/file"]);
}

#[test]
fn an_identical_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    write(&path, b"one").unwrap();
    let staged = Staged::new(dir.path(), &path, b"one", |_| panic!("written again"));
    assert!(staged.unwrap().is_none());
}

#[test]
fn a_full_disk_leaves_the_old_file_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    write(&path, b"old").unwrap();
    let staged = Staged::new(dir.path(), &path, b"new", |file| {
        file.write_all(b"n")?;
        Err(ErrorKind::StorageFull.into())
    });
    let Err(error) = staged else { panic!("it was written") };
    assert_eq!(
        error.to_string(),
        format!(
            "cannot write {}: no storage space (free some space, then run again)",
            path.display()
        )
    );
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(all_files(dir.path()), ["file"]);
}

#[test]
fn each_file_of_a_group_is_written_or_not_on_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("deep/folder");
    fs::create_dir_all(folder.join("blocked")).unwrap();
    write(&folder.join("same"), b"same").unwrap();
    let files = ["one", "blocked", "same", "two"].map(|name| (folder.join(name), name));
    let results = write_all(&folder, &files);
    let is_written: Vec<_> = results.iter().map(Result::is_ok).collect();
    assert_eq!(is_written, [true, false, true, true]);
    assert_eq!(all_files(&folder), ["one", "same", "two"]);
    assert_eq!(fs::read(folder.join("two")).unwrap(), b"two");
    let many = (0..200).map(|number| (folder.join(number.to_string()), [])).collect::<Vec<_>>();
    assert!(write_all(&folder, &many).iter().all(Result::is_ok));
    assert!(write_all::<&[u8]>(&folder, &[]).is_empty());
}

#[test]
fn a_file_in_the_way_of_a_folder_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let blocker = dir.path().join("blocker");
    fs::write(&blocker, "").unwrap();
    let message = write(&blocker.join("file"), b"").unwrap_err().to_string();
    assert!(message.starts_with("cannot make the folder /"), "{message}");
    assert!(message.contains("blocker"), "{message}");
    assert!(message.ends_with("(a file is where a folder is needed: move it away)"));
}

#[test]
fn a_folder_in_the_way_of_a_file_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::create_dir(&path).unwrap();
    assert!(write(&path, b"one").unwrap_err().to_string().starts_with("cannot write /"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "the temporary file is gone");
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_named_with_advice() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("read-only");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    match write(&folder.join("file"), b"") {
        Ok(()) => eprintln!("skipped: this user may write everywhere"),
        Err(error) => {
            assert!(error.to_string().ends_with("or choose another folder)"), "{error}");
        }
    }
}

#[cfg(unix)]
#[test]
fn others_may_read_what_the_umask_lets_them() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let (ours, plain) = (dir.path().join("ours"), dir.path().join("plain"));
    write(&ours, b"").unwrap();
    fs::write(&plain, b"").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(ours), mode(plain));
}

#[test]
fn threads_that_write_the_same_file_do_not_disturb_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/file");
    let content = vec![7; 100_000];
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| write(&path, &content).unwrap());
        }
    });
    assert!(has_content(&path, &content));
    assert_eq!(all_files(dir.path()), ["deep/file"]);
}

#[test]
fn removing_returns_whether_there_was_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    write(&path, b"").unwrap();
    assert!(remove(&path).unwrap());
    assert!(!remove(&path).unwrap());
}

#[test]
fn leftovers_are_only_temporary_files() {
    let dir = tempfile::tempdir().unwrap();
    for name in [".shakedown-x1.tmp", ".shakedown-x1", "x.tmp", ".lock"] {
        fs::write(dir.path().join(name), "").unwrap();
    }
    remove_leftovers(dir.path());
    assert_eq!(all_files(dir.path()), [".lock", ".shakedown-x1", "x.tmp"]);
}
